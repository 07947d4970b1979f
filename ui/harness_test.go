package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// pump is the main goroutine of tests: what is to run there waits until the
// test lets it. (Fyne's test driver would run it at once, on any goroutine.)
type pump chan func()

func (p pump) do(f func()) { p <- f }

// until runs what is to run on the main goroutine until the condition holds.
func (p pump) until(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for !condition() {
		select {
		case f := <-p:
			f()
		case <-time.After(5 * time.Millisecond):
		case <-deadline:
			t.Fatalf("it never happened: %s", what)
		}
	}
}

// tester is a window under test.
type tester struct {
	*Window
	t    testing.TB
	app  fyne.App
	pump pump
	dir  string
}

// newTester returns a window in English with a small codec. change may change
// how it is made.
func newTester(t testing.TB, change func(*Config)) *tester {
	t.Helper()
	app := test.NewTempApp(t)
	if app.Preferences().String(keyLanguage) == "" {
		app.Preferences().SetString(keyLanguage, languageEnglish)
	}
	p := pump(make(chan func()))
	c := Config{App: app, Engine: job.Engine{Codec: jobtest.Codec("window test")}, Do: p.do, Version: "1.2.3", Model: "abcdef"}
	if change != nil {
		change(&c)
	}
	w := &tester{Window: New(c), t: t, app: app, pump: p, dir: t.TempDir()}
	w.Show()
	w.win.Resize(fyne.NewSize(1000, 680))
	t.Cleanup(func() {
		closed := make(chan struct{})
		go func() {
			w.Close()
			close(closed)
		}()
		p.until(t, "the window ends its work", func() bool {
			select {
			case <-closed:
				return true
			default:
				return false
			}
		})
	})
	return w
}

// album makes a folder with so many short WAV files and a text.
func (w *tester) album(name string, files int) string {
	w.t.Helper()
	root := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Join(root, "Disc 1"), 0o777); err != nil {
		w.t.Fatal(err)
	}
	for i := range files {
		w.write(filepath.Join(root, "Disc 1", fmt.Sprintf("%02d.wav", i)), jobtest.WAV(8000, 16, 2, 4000, uint64(i)))
	}
	w.write(filepath.Join(root, "notes.txt"), []byte("recorded at home"))
	return root
}

func (w *tester) write(path string, content []byte) {
	w.t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		w.t.Fatal(err)
	}
}

// archived makes an archive of an album.
func (w *tester) archived(name string, files int) string {
	w.t.Helper()
	engine := w.config.Engine
	path := filepath.Join(w.dir, name+".trilobyte")
	if _, err := engine.Compress(context.Background(), job.CompressOptions{Paths: []string{w.album(name, files)}, Archive: path}); err != nil {
		w.t.Fatal(err)
	}
	return path
}

// drop drops paths onto the window.
func (w *tester) drop(paths ...string) {
	var uris []fyne.URI
	for _, p := range paths {
		uris = append(uris, storage.NewFileURI(p))
	}
	w.dropped(fyne.Position{}, uris)
}

// line is the text of row i of a list.
func lineText(l *lineList, i int) string {
	c := l.content(i)
	texts := []string{c.name, c.remark.text}
	for _, cell := range c.cells {
		texts = append(texts, cell.text)
	}
	return strings.Join(texts, "|")
}

// find returns the first widget of a kind for which is holds, in the topmost
// dialog or, if there is none, in the window.
func find[T fyne.CanvasObject](w *tester, is func(T) bool) (found T, ok bool) {
	root := w.win.Canvas().Overlays().Top()
	if root == nil {
		root = w.win.Content()
	}
	for _, o := range test.LaidOutObjects(root) {
		if o, fits := o.(T); fits && is(o) {
			return o, true
		}
	}
	return found, false
}

// tap presses a button that can be pressed, once it is on the screen.
func (w *tester) tap(label string) {
	w.t.Helper()
	var b fyne.CanvasObject
	w.pump.until(w.t, fmt.Sprintf("there is a button %q", label), func() (ok bool) {
		b, ok = find(w, func(o fyne.CanvasObject) bool {
			b := buttonOf(o)
			return b != nil && b.Text == label && b.Visible()
		})
		return ok
	})
	if buttonOf(b).Disabled() {
		w.t.Fatalf("the button %q cannot be pressed", label)
	}
	test.Tap(b.(fyne.Tappable))
}

// buttonOf returns what is a button, or nil.
func buttonOf(o fyne.CanvasObject) *widget.Button {
	switch o := o.(type) {
	case *widget.Button:
		return o
	case *modalButton:
		return &o.Button
	}
	return nil
}

// shortcut presses the keys of a menu item.
func (w *tester) shortcut(menu, label string) {
	w.t.Helper()
	for _, m := range w.win.MainMenu().Items {
		for _, i := range m.Items {
			if m.Label == menu && i.Label == label {
				w.win.Canvas().(interface{ TypedShortcut(fyne.Shortcut) }).TypedShortcut(i.Shortcut)
				return
			}
		}
	}
	w.t.Fatalf("there is no %q in the menu %q", label, menu)
}

// key presses a key.
func (w *tester) key(names ...fyne.KeyName) {
	for _, name := range names {
		if f := w.win.Canvas().Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: name})
		} else {
			w.win.Canvas().OnTypedKey()(&fyne.KeyEvent{Name: name})
		}
	}
}

// shown is all text of the topmost dialog, or else of the window.
func (w *tester) shown() string {
	var b strings.Builder
	root := w.win.Canvas().Overlays().Top()
	if root == nil {
		root = w.win.Content()
	}
	for _, o := range test.LaidOutObjects(root) {
		switch o := o.(type) {
		case *widget.Label:
			b.WriteString(o.Text + "\n")
		case *widget.Button:
			b.WriteString(o.Text + "\n")
		case *modalButton:
			b.WriteString(o.Text + "\n")
		case *modalCheck:
			b.WriteString(o.Text + "\n")
		case *widget.RichText:
			b.WriteString(o.String() + "\n")
		}
	}
	return b.String()
}

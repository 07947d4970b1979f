package ui

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"trilobyte/app/power"
	"trilobyte/app/queue"
)

// TestEscapeClosesEveryDialog gives the focus to each thing in each dialog that takes it, and to none.
func TestEscapeClosesEveryDialog(t *testing.T) {
	w := newTester(t, func(c *Config) {
		c.Discard = func(string) error { return nil }
		c.Backends = []string{"auto", "go"}
	})
	v := openedArchive(w)
	canvas := w.win.Canvas()
	for name, open := range map[string]func(){
		"settings": w.showSettings,
		"restore":  func() { v.askRestore(nil, 0) },
		"export":   v.askExport,
		"about":    w.showAbout,
		"keyboard": w.showKeys,
		"report":   func() { w.askReport(v.path) },
		"path":     w.askPath,
		"file":     func() { v.showProperties(v.rows[2]) },
		"preview":  func() { w.preview([]string{w.dir}) },
		"power":    func() { w.powerOff(power.Sleep, time.Hour) },
		"confirm":  func() { w.confirm("title", "question", "yes", "no", func(bool) {}) },
	} {
		open()
		var focusable []fyne.Focusable
		for _, o := range test.LaidOutObjects(canvas.Overlays().Top()) {
			if f, ok := o.(fyne.Focusable); ok && o.Visible() {
				focusable = append(focusable, f)
			}
		}
		if canvas.Focused() == nil || len(focusable) == 0 {
			t.Errorf("%s: nothing has the focus", name)
		}
		w.key(fyne.KeyEscape)
		for i := -1; i < len(focusable); i++ {
			if canvas.Overlays().Top() != nil {
				t.Fatalf("%s: escape does not close it from its %d. field", name, i)
			}
			open()
			canvas.Unfocus()
			now := 0
			for _, o := range test.LaidOutObjects(canvas.Overlays().Top()) {
				if f, ok := o.(fyne.Focusable); ok && o.Visible() {
					if now == i {
						canvas.Focus(f)
					}
					now++
				}
			}
			w.key(fyne.KeyEscape)
		}
	}
}

// TestEnterAcceptsADialog presses Enter where a box of it has the focus, and where the button has that says no.
func TestEnterAcceptsADialog(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	v.askRestore(nil, 0)
	entry, _ := find(w, func(*folderEntry) bool { return true })
	entry.SetText(filepath.Join(w.dir, "out"))
	w.win.Canvas().Focus(w.check("Replace files"))
	w.key(fyne.KeyEnter)
	w.finished(v)
	if got := v.banner.showing(); !strings.Contains(got, "4 files restored") {
		t.Errorf("after enter the banner says %q", got)
	}
	answer := true
	w.confirm("title", "question", "yes", "no", func(yes bool) { answer = yes })
	w.key(fyne.KeyReturn)
	if answer || w.win.Canvas().Overlays().Top() != nil {
		t.Error("enter does what would be lost, or nothing")
	}
	w.confirm("title", "question", "yes", "no", func(yes bool) { answer = yes })
	w.tap("yes")
	if !answer {
		t.Error("yes is no")
	}
}

// TestDialogsAboveEachOther closes a question, and then the settings below it.
func TestDialogsAboveEachOther(t *testing.T) {
	w := newTester(t, func(c *Config) { c.Discard = func(string) error { return nil } })
	w.showSettings()
	closed := false
	w.form.modal.closed = func() { closed = true }
	test.Tap(w.check("Move the originals"))
	w.key(fyne.KeyEscape)
	if closed || w.settings.options(0) != (queue.Options{Verify: true, Jobs: 1}) {
		t.Errorf("escape in the question: closed %v, %+v", closed, w.settings)
	}
	w.win.Canvas().Unfocus()
	w.key(fyne.KeyEscape)
	if !closed || w.win.Canvas().Overlays().Top() != nil {
		t.Error("escape does not close the settings")
	}
}

package ui

import (
	"context"
	"errors"
	"image/color"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

func (w *tester) check(label string) *modalCheck {
	w.t.Helper()
	c, ok := find(w, func(c *modalCheck) bool { return strings.HasPrefix(c.Text, label) })
	if !ok {
		w.t.Fatalf("there is no box %q", label)
	}
	return c
}

func TestSettingsHoldAndAreKept(t *testing.T) {
	w := newTester(t, func(c *Config) { c.Discard = func(string) error { return nil } })
	if w.settings.options(0) != (queue.Options{Verify: true, Jobs: 1}) {
		t.Errorf("at first: %+v", w.settings)
	}
	w.shortcut("File", "Settings…")
	folder, ok := find(w, func(*folderEntry) bool { return true })
	if !ok {
		t.Fatal("there is no field for the folder")
	}
	folder.SetText(w.dir)
	basket := w.check("Move the originals")
	test.Tap(basket)
	if w.settings.Wastebasket {
		t.Error("the originals are moved without asking")
	}
	w.tap("Leave them")
	if basket.Checked || w.settings.Wastebasket {
		t.Error("they are moved nevertheless")
	}
	test.Tap(basket)
	w.tap("Move them")
	var selects []*modalChoice
	for _, o := range test.LaidOutObjects(w.win.Canvas().Overlays().Top()) {
		if s, ok := o.(*modalChoice); ok {
			selects = append(selects, s)
		}
	}
	for _, s := range selects {
		for _, option := range s.Options {
			if option == "4" && s.Selected == "1" {
				s.SetSelected("4")
			}
			if option == "Dark" {
				s.SetSelected("Dark")
			}
			if option == "Deutsch" {
				s.SetSelected("Deutsch")
				if text := w.shown(); !strings.Contains(text, "The language changes when Trilobyte starts the next time.") {
					t.Errorf("nothing in the dialog says when the language changes:\n%s", text)
				}
				s.SetSelected("English")
			}
		}
	}
	want := settings{Folder: w.dir, Verify: true, Wastebasket: true, Jobs: 4, Theme: themeDark, Language: languageEnglish}
	if w.settings != want {
		t.Errorf("settings %+v, want %+v", w.settings, want)
	}
	if kept := loadSettings(w.app.Preferences()); kept != want {
		t.Errorf("kept %+v, want %+v", kept, want)
	}
	test.Tap(w.check("Verify"))
	if w.settings.Verify || w.settings.Wastebasket || !basket.Disabled() {
		t.Error("originals are moved although nothing is verified")
	}
	w.tap("Close")
	test.Tap(w.view.clear) // nothing lies over the window
	w.drop(w.album("Album", 1))
	w.pump.until(t, "the job is done", func() bool { return w.queue.Overview().Finished == 1 })
	if j, _ := w.queue.Job(1); filepath.Dir(j.Archive) != w.dir || j.Verified {
		t.Errorf("%+v", j)
	}
}

func TestSelfTest(t *testing.T) {
	result := errors.New("a bit was lost")
	w := newTester(t, func(c *Config) {
		c.Backends = []string{"auto", "go", "simd", "onnx"}
		c.Test = func(context.Context) (TestResult, error) {
			devices := []Device{{Name: "fast", Err: errors.New("no such instructions")}, {Name: "plain", InUse: true}}
			return TestResult{2.5, 3, devices}, result
		}
	})
	for _, want := range []string{"A bit was lost.", "Encoding 2.5, decoding 3.0 x real time, on one core.\nfast: No such instructions.\nplain: passed, in use"} {
		w.showSettings()
		w.tap("Self-test")
		w.pump.until(t, want, func() bool { return strings.Contains(w.shown(), want) })
		w.key(fyne.KeyEscape)
		result = nil
	}
}

func TestAboutAndKeyboard(t *testing.T) {
	w := newTester(t, nil)
	w.showAbout()
	if text := w.shown(); !strings.Contains(text, "1.2.3") || !strings.Contains(text, "abcdef") {
		t.Errorf("about:\n%s", text)
	}
	w.key(fyne.KeyEscape)
	w.shortcut("Help", "Keyboard")
	if text := w.shown(); !strings.Contains(text, "Start or pause") {
		t.Errorf("keyboard:\n%s", text)
	}
	w.tap("Close")
	w.win.Canvas().Focus(w.view.list)
	w.key(fyne.KeyF1)
	if text := w.shown(); !strings.Contains(text, "This list") {
		t.Errorf("after F1:\n%s", text)
	}
	w.tap("Close")
	keys := map[string]string{}
	for _, m := range w.win.MainMenu().Items {
		for _, i := range m.Items {
			if i.IsSeparator || i.ChildMenu != nil || i.Label == "About Trilobyte" {
				continue
			}
			name := shortcutText(i.Shortcut)
			if name == "" || keys[name] != "" {
				t.Errorf("%q has the key %q of %q", i.Label, name, keys[name])
			}
			keys[name] = i.Label
		}
	}
}

func TestActivityLog(t *testing.T) {
	w := newTester(t, nil)
	w.drop(w.album("Album", 1))
	w.pump.until(t, "the job is done", func() bool {
		return w.queue.Overview().Finished == 1 && strings.Contains(w.log.text(), "Nothing is left")
	})
	w.shortcut("View", "Activity")
	w.refresh()
	all := ""
	for i := range w.activity.list.rows {
		all += lineText(w.activity.list, i) + "\n"
	}
	for _, want := range []string{"Added: Album", "Started: Album", "Done: " + filepath.Join(w.dir, "Album.trilobyte"), "verified"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	w.tap("Copy all")
	if got := w.app.Clipboard().Content(); !strings.Contains(got, "Added: Album") {
		t.Errorf("copied %q", got)
	}
	for range 2 * maxActivities {
		w.log.add(false, "x")
	}
	if lines, _ := w.log.snapshot(); len(lines) > maxActivities {
		t.Errorf("%d lines are kept", len(lines))
	}
	w.shortcut("View", "Next tab")
	if w.tabs.Selected() != w.queueTab {
		t.Error("the next tab is not the first one")
	}
}

func TestTabLeadsThroughTheButtons(t *testing.T) {
	w := newTester(t, nil)
	reached := map[string]bool{}
	for range 20 {
		w.win.Canvas().FocusNext()
		if b, ok := w.win.Canvas().Focused().(*widget.Button); ok {
			reached[b.Text] = true
		}
	}
	for _, want := range []string{"Add folder…", "Add files…", "Open archive…"} {
		if !reached[want] {
			t.Errorf("%q is not reached: %v", want, reached)
		}
	}
}

func TestGerman(t *testing.T) {
	w := newTester(t, func(c *Config) { c.App.Preferences().SetString(keyLanguage, languageGerman) })
	t.Cleanup(func() { loadWords(languageEnglish) })
	if text := w.shown(); !strings.Contains(text, "Ordner oder Aufnahmen hierher ziehen") {
		t.Errorf("the window says:\n%s", text)
	}
	if got := bytesText(1234567); got != "1,23 MB" {
		t.Errorf("a size is %q", got)
	}
}

// The comparison is drawn as long as it is, in the colours of the theme.
func TestBarsAndPlot(t *testing.T) {
	for _, choice := range []string{themeLight, themeDark} {
		t.Run(choice, func(t *testing.T) {
			app := test.NewTempApp(t)
			app.Settings().SetTheme(newLook(choice))
			c := newComparison("All")
			c.set("x", "", queue.Sizes{Original: 1000, FLAC: 500, Trilobyte: 250}, "")
			win := test.NewTempWindow(t, c)
			win.Resize(fyne.NewSize(400, 120))
			image := win.Canvas().Capture()
			count := func(name fyne.ThemeColorName) int {
				n, want := 0, nrgba(name)
				for y := range image.Bounds().Dy() {
					for x := range image.Bounds().Dx() {
						if color.NRGBAModel.Convert(image.At(x, y)) == want {
							n++
						}
					}
				}
				return n
			}
			original, flac, ours := count(colorOriginal), count(colorFLAC), count(colorTrilobyte)
			if ours == 0 || flac < 19*ours/10 || flac > 21*ours/10 || original < 19*flac/10 || original > 21*flac/10 {
				t.Errorf("bars of %d, %d and %d pixels, want 4 to 2 to 1", original, flac, ours)
			}
			for _, ratios := range [][]float64{{0.95}, {0.99, 0.9}, {1, 0.93}} {
				var points []queue.Point
				for i, r := range ratios {
					points = append(points, queue.Point{At: time.Duration(i+1) * time.Second, Ratio: r})
				}
				if low, high := span(points); low != 0.9 || high != 1 {
					t.Errorf("the base of the plot moves to %v to %v for %v", low, high, ratios)
				}
			}
			p := newRatioPlot()
			p.set([]queue.Point{{At: 1e9, Ratio: 0.95}, {At: 2e9, Ratio: 0.9}})
			win.SetContent(p)
			image = win.Canvas().Capture()
			if count(colorFLAC) == 0 || count(colorTrilobyte) == 0 {
				t.Error("the plot shows nothing")
			}
		})
	}
}

package ui

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestMenuOfArchivesNeedsOne looks at the menu while the queue is shown, an archive, and the queue again.
func TestMenuOfArchivesNeedsOne(t *testing.T) {
	w := newTester(t, nil)
	enabled := func() (n int) {
		for _, m := range w.win.MainMenu().Items {
			for _, i := range m.Items {
				if m.Label == "Archive" && !i.Disabled {
					n++
				}
			}
		}
		return n
	}
	if n := enabled(); n != 1 { // archives of a folder are verified without one
		t.Errorf("%d items are enabled without an archive", n)
	}
	v := openedArchive(w)
	if n := enabled(); n != 11 {
		t.Errorf("%d items are enabled with an archive, want 11", n)
	}
	w.closeArchive(v)
	if n := enabled(); n != 1 { // archives of a folder are verified without one
		t.Errorf("%d items are enabled once it is closed", n)
	}
}

// TestTheWindowRemembersItsSize closes a window and opens another one.
func TestTheWindowRemembersItsSize(t *testing.T) {
	w := newTester(t, nil)
	w.win.Resize(fyne.NewSize(1234, 777))
	w.closeAsked()
	w.pump.until(t, "the window closes", func() bool { return w.closed })
	p := test.NewTempApp(t)
	for _, key := range []string{keyWidth, keyHeight} {
		p.Preferences().SetFloat(key, w.app.Preferences().Float(key))
	}
	again := New(Config{App: p, Engine: w.config.Engine, Do: w.pump.do})
	defer func() {
		go again.Close()
		w.pump.until(t, "the second window ends", func() bool { return again.queue.Close() == nil })
	}()
	if got := again.win.Canvas().Size(); got != fyne.NewSize(1234, 777) {
		t.Errorf("it opens with %v", got)
	}
}

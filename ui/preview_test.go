package ui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestPreview shows what was dropped before it is archived: what it is, and what each preset would save.
func TestPreview(t *testing.T) {
	w := newTester(t, func(c *Config) {
		c.Presets = map[string]job.Codec{"fast": jobtest.Codec("fast"), "max": jobtest.Codec("max")}
	})
	w.showSettings()
	test.Tap(w.check("Show what would be saved"))
	w.key(fyne.KeyEscape)
	shown := func(what string) {
		t.Helper()
		w.pump.until(t, what, func() bool { return w.ahead != nil && strings.Contains(w.ahead.facts.Text, what) })
	}
	first := w.album("A", 2)
	w.drop(first)
	shown("3 files, 32.1 kB  ·  2 recordings  ·  0:01  ·  FLAC needs ")
	for i, label := range w.ahead.choice.labels {
		if !strings.Contains(label, "  ·  about ") || !strings.Contains(label, " FLAC  ·  takes about ") {
			t.Errorf("preset %d: %q", i, label)
		}
	}
	if o := w.queue.Overview(); o.Jobs != 0 {
		t.Errorf("%d jobs were begun before that was asked for", o.Jobs)
	}
	w.drop(w.album("B", 3)) // is shown with it
	shown("7 files")
	w.key(fyne.KeyEscape)
	if w.ahead != nil || w.win.Canvas().Overlays().Top() != nil {
		t.Error("escape does not close it")
	}
	w.drop(first)
	shown("3 files")
	w.ahead.choice.SetSelected(w.ahead.choice.labels[2])
	w.key(fyne.KeyReturn)
	w.done()
	if j, _ := w.queue.Job(w.view.rows[0].job); j.Preset != "max" || !j.Verified || w.queue.Overview().Jobs != 1 {
		t.Errorf("%+v", j)
	}
}

// TestPreviewEndsWithTheWindow closes the window while something is estimated.
func TestPreviewEndsWithTheWindow(t *testing.T) {
	w := newTester(t, nil)
	w.settings.Look = true
	w.drop(w.album("A", 2))
	w.pump.until(t, "it is shown", func() bool { return w.ahead != nil })
}

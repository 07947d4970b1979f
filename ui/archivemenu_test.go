package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// TestMenuOfAFileInAnArchive restores one file through its menu, and copies its checksum.
func TestMenuOfAFileInAnArchive(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	v.list.choose(2)
	w.key(desktop.KeyMenu)
	if w.win.Canvas().Overlays().Top() == nil {
		t.Fatal("the key opens no menu")
	}
	w.key(fyne.KeyEscape)
	w.take(v.nodeMenu(v.rows[2]), "Copy the SHA-256 checksum")
	if got := w.app.Clipboard().Content(); got != v.rows[2].entry.SHA256 || len(got) != 64 {
		t.Errorf("copied %q", got)
	}
	w.take(v.nodeMenu(v.rows[2]), "Restore to…")
	if text := w.shown(); !strings.Contains(text, "Selected: 1 file") {
		t.Errorf("it asks:\n%s", text)
	}
	out := filepath.Join(w.dir, "out")
	entry, _ := find(w, func(*folderEntry) bool { return true })
	entry.SetText(out)
	w.key(fyne.KeyReturn)
	w.finished(v)
	if _, err := os.Stat(filepath.Join(out, "Album", "Disc 1", "00.wav")); err != nil {
		t.Error(err)
	}
	for _, i := range v.nodeMenu(v.rows[0]).Items {
		if (i.Label == "Copy the SHA-256 checksum" || i.Label == "Play or stop") && !i.Disabled {
			t.Errorf("a folder can: %s", i.Label)
		}
	}
	w.take(v.nodeMenu(v.rows[2]), "Properties…")
	for _, want := range []string{v.rows[2].entry.SHA256, "Album/Disc 1/00.wav", "WAV  ·  8 kHz 16 bit stereo", "16.0 kB (16044 bytes)", "below FLAC"} {
		if text := w.shown(); !strings.Contains(text, want) {
			t.Errorf("the properties lack %q:\n%s", want, text)
		}
	}
	w.tap("Copy")
	if got := w.app.Clipboard().Content(); !strings.Contains(got, "SHA-256: "+v.rows[2].entry.SHA256) {
		t.Errorf("copied %q", got)
	}
	w.key(fyne.KeyEscape)
	w.take(v.nodeMenu(v.rows[1]), "Export as FLAC…")
	entry, _ = find(w, func(*folderEntry) bool { return true })
	entry.SetText(out)
	w.key(fyne.KeyReturn)
	w.finished(v)
	if got := v.banner.showing(); !strings.HasPrefix(got, "3 files exported") {
		t.Errorf("the banner says %q", got)
	}
}

// choose takes an item of a menu that can be taken.
func (w *tester) take(m *fyne.Menu, label string) {
	w.t.Helper()
	for _, i := range m.Items {
		if i.Label == label && !i.Disabled {
			i.Action()
			return
		}
	}
	w.t.Fatalf("%q cannot be chosen", label)
}

// TestDoubleTap opens the archive of a job, and folds a folder in it.
func TestDoubleTap(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Add([]string{w.album("A", 1)})
	w.pump.until(t, "the job is done", func() bool { return w.queue.Overview().Done == 1 })
	w.refresh()
	double := func(l *lineList, row int) {
		t.Helper()
		for range 2 {
			i := slices.IndexFunc(l.lines, func(shown *line) bool { return shown.id == row })
			if i < 0 {
				t.Fatalf("row %d is not on the screen", row)
			}
			l.lines[i].Tapped(&fyne.PointEvent{Position: fyne.NewPos(300, 5)})
		}
	}
	double(w.view.list, 0)
	w.pump.until(t, "the archive is shown", func() bool { return w.current() != nil && len(w.current().rows) > 0 })
	v := w.current()
	before := len(v.rows)
	double(v.list, 0)
	if len(v.rows) >= before {
		t.Errorf("a double tap on a folder leaves %d rows", len(v.rows))
	}
}

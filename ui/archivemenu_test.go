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
	items := v.nodeMenu(v.rows[2]).Items
	items[len(items)-1].Action()
	if got := w.app.Clipboard().Content(); got != v.rows[2].entry.SHA256 || len(got) != 64 {
		t.Errorf("copied %q", got)
	}
	items[1].Action()
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
	folder := v.nodeMenu(v.rows[0]).Items
	if !folder[len(folder)-1].Disabled || !folder[0].Disabled {
		t.Error("a folder has a checksum, or sounds")
	}
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

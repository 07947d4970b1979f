package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// TestHistoryAndLogOutliveTheProgram clears the queue and starts anew: what was saved in all, and what has happened, is still there.
func TestHistoryAndLogOutliveTheProgram(t *testing.T) {
	folder := t.TempDir()
	kept := func(c *Config) {
		c.History, c.Log = filepath.Join(folder, "history.jsonl"), filepath.Join(folder, "activity.jsonl")
	}
	w := newTester(t, kept)
	w.shortcut("View", "History")
	w.refresh()
	if text := w.shown(); !strings.Contains(text, "Nothing was archived yet.") {
		t.Errorf("at first it says:\n%s", text)
	}
	root := w.album("Album", 2)
	w.drop(root)
	w.done()
	w.queue.Clear()
	w.drop(root) // is archived already, and does not count again
	w.done()
	w.queue.Clear()
	archive := root + ".trilobyte"
	closed := make(chan error, 1)
	go func() { closed <- w.Close() }()
	w.pump.until(t, "the window ends its work", func() bool { return len(closed) > 0 })

	w = newTester(t, kept)
	w.shortcut("View", "History")
	w.refresh()
	if text := w.shown(); !strings.Contains(text, "% below FLAC") || !strings.Contains(text, "(2 recordings, 32.1 kB before)") || !strings.Contains(text, "1 archive,") {
		t.Errorf("after that it says:\n%s", text)
	}
	if w.past.list.rows != 1 || !strings.HasPrefix(lineText(w.past.list, 0), "Album.trilobyte|3 files  ·  other files: ") {
		t.Errorf("%d rows, the first: %s", w.past.list.rows, lineText(w.past.list, 0))
	}
	if log := w.log.text(); !strings.Contains(log, "Done: "+archive) || strings.Count(log, "Added: Album") != 2 {
		t.Errorf("the log says:\n%s", log)
	}
	w.key(fyne.KeyHome, fyne.KeyReturn)
	if w.current() == nil || w.current().path != archive {
		t.Error("enter does not open the archive")
	}
	w.forget(w.current())
	if err := os.Remove(archive); err != nil {
		t.Fatal(err)
	}
	w.past.open(w.past.records[0])
	if got := w.banner.showing(); !strings.Contains(got, "is not there") {
		t.Errorf("of an archive that is gone it says %q", got)
	}
}

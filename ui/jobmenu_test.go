package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"trilobyte/app/queue"
)

// TestMenuOfAJobWhoseArchiveIsThere opens the menu by its key, and has the archive that is there replaced, once it was
// asked for.
func TestMenuOfAJobWhoseArchiveIsThere(t *testing.T) {
	w := newTester(t, nil)
	root := w.album("A", 1)
	taken := root + ".trilobyte"
	if err := os.Rename(w.archived("B", 1), taken); err != nil {
		t.Fatal(err)
	}
	w.drop(root)
	w.pump.until(t, "the job fails", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Failed })
	w.refresh()
	if got := w.view.content(0).remark.text; !strings.Contains(got, "the menu of this job does that") {
		t.Errorf("it says %q", got)
	}
	w.win.Canvas().Focus(w.view.list)
	w.key(desktop.KeyMenu)
	if w.win.Canvas().Overlays().Top() == nil {
		t.Fatal("the key opens no menu")
	}
	w.key(fyne.KeyEscape)
	choose := func(label string) {
		t.Helper()
		j, _ := w.queue.Job(w.view.rows[0].job)
		for _, i := range w.view.jobMenu(j).Items {
			if i.Label == label && !i.Disabled {
				i.Action()
				return
			}
		}
		t.Fatalf("%q cannot be chosen", label)
	}
	choose("Replace the archive that is there…")
	w.tap("Leave it")
	if w.state(0) != queue.Failed {
		t.Error("it is replaced nevertheless")
	}
	choose("Replace the archive that is there…")
	w.tap("Replace it")
	w.pump.until(t, "the archive is replaced", func() bool { return w.state(0) == queue.Done })
	names, err := filepath.Glob(filepath.Join(w.dir, "*.trilobyte"))
	if err != nil || len(names) != 1 || names[0] != taken {
		t.Errorf("archives %q, %v", names, err)
	}
}

package ui

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"trilobyte/app/queue"
	"trilobyte/ui/filechooser"
)

// TestPathsAreTypedWhereThereIsNoFileDialog adds, opens, verifies and chooses a destination with the keyboard alone.
func TestPathsAreTypedWhereThereIsNoFileDialog(t *testing.T) {
	w := newTester(t, func(c *Config) {
		c.Choose = func(context.Context, filechooser.Request) ([]string, error) { return nil, filechooser.ErrNone }
	})
	w.queue.Pause()
	typed := func(text string) {
		t.Helper()
		w.pump.until(t, "a path can be typed", func() bool {
			_, ok := w.win.Canvas().Focused().(*folderEntry)
			return ok
		})
		for _, r := range text {
			w.win.Canvas().Focused().TypedRune(r)
		}
		w.key(fyne.KeyReturn)
	}
	w.shortcut("File", "Add folder…")
	typed(w.album("A", 1))
	w.pump.until(t, "the folder is there", func() bool { return len(w.view.rows) == 3 && w.state(0) == queue.Waiting })
	w.shortcut("File", "Add files…")
	w.key(fyne.KeyEscape)
	w.shortcut("File", "Open archive…")
	path := w.archived("B", 1)
	typed(path)
	w.pump.until(t, "the archive is shown", func() bool { return w.current() != nil && w.current().path == path })
	w.shortcut("Archive", "Verify all archives in a folder…")
	typed(w.dir)
	w.pump.until(t, "a job verifies it", func() bool { return w.queue.Overview().Jobs == 2 })
	j, _ := w.queue.Job(w.view.rows[0].job)
	elsewhere := t.TempDir()
	w.take(w.view.jobMenu(j), "Write the archive to…")
	typed(elsewhere)
	if j, _ = w.queue.Job(j.ID); j.Archive != filepath.Join(elsewhere, "A.trilobyte") {
		t.Errorf("the archive is written to %s", j.Archive)
	}
}

// TestTheSystemsFileDialog chooses several files in it, none, has it fail, and closes the window below it.
func TestTheSystemsFileDialog(t *testing.T) {
	var asked []filechooser.Request
	answer := make(chan []string)
	var failure error
	w := newTester(t, func(c *Config) {
		c.Choose = func(ctx context.Context, r filechooser.Request) ([]string, error) {
			asked = append(asked, r)
			select {
			case paths := <-answer:
				return paths, failure
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	})
	w.queue.Pause()
	root := w.album("A", 2)
	for _, label := range []string{"Add files…", "Add folder…"} { // the second one opens nothing: the first is still open
		w.tap(label)
	}
	answer <- []string{filepath.Join(root, "Disc 1", "00.wav"), filepath.Join(root, "Disc 1", "01.wav")}
	w.pump.until(t, "both files are there", func() bool { return len(w.view.rows) == 3 })
	if r := asked[0]; len(asked) != 1 || !r.Several || r.Folder || !strings.Contains(strings.Join(r.Extensions, " "), ".wav") {
		t.Errorf("asked: %+v", asked)
	}
	w.tap("Archive…")
	answer <- nil
	w.pump.until(t, "the dialog is closed", func() bool { return !w.choosing })
	if w.win.Canvas().Overlays().Top() != nil {
		t.Error("another dialog opens when this one is cancelled")
	}
	m := w.newModal()
	folder := m.folder(w.dir)
	m.ask("Restore", "Restore", "Cancel", folder.row, fyne.NewSize(300, 0), func() {})
	w.tap("Choose…")
	answer <- []string{root}
	w.pump.until(t, "the folder is in its field", func() bool { return folder.Text == root })
	if r := asked[2]; !r.Folder || r.Several || r.Dir != w.dir {
		t.Errorf("asked: %+v", r)
	}
	m.dismiss()
	failure = errors.New("no such desktop")
	w.tap("Folder…")
	answer <- nil
	w.pump.until(t, "a path can be typed instead", func() bool { return w.modal != nil })
	if !strings.Contains(w.log.text(), "No such desktop.") {
		t.Errorf("the log says:\n%s", w.log.text())
	}
	w.key(fyne.KeyEscape)
	w.tap("Folder…") // stays open while the window closes
}

// TestBrowse opens the toolkit's dialog beside the field for a path.
func TestBrowse(t *testing.T) {
	w := newTester(t, nil)
	for _, label := range []string{"Add folder…", "Add files…", "Open archive…"} {
		w.tap(label)
		below := w.win.Canvas().Overlays().Top()
		w.tap("Choose…")
		if over := w.win.Canvas().Overlays().Top(); over == nil || over == below {
			t.Errorf("%q: nothing opens beside the field", label)
		}
		w.win.Canvas().Overlays().Remove(w.win.Canvas().Overlays().Top())
		w.modal.dismiss()
	}
	w.notChosen(nil)
	w.notChosen(errors.New("no such disk"))
	if got := w.banner.showing(); got != "No such disk." {
		t.Errorf("the banner says %q", got)
	}
}

package ui

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

func TestPathsOf(t *testing.T) {
	root := t.TempDir()
	address := "file://" + filepath.ToSlash(root) + "/a%20%23b.wav"
	got := pathsOf("copy\n" + address + "\r\n" + filepath.Join(root, "c d") + "\nhttps://example.org/x\nrelative\n")
	if want := []string{filepath.Join(root, "a #b.wav"), filepath.Join(root, "c d")}; !slices.Equal(got, want) {
		t.Errorf("paths %q, want %q", got, want)
	}
}

// TestPasteTypeAndUndo adds what was copied in a file manager, and what is typed, and undoes a removal.
func TestPasteTypeAndUndo(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Pause()
	w.shortcut("File", "Add what was copied")
	if got := w.banner.showing(); !strings.HasPrefix(got, "No files were copied") {
		t.Errorf("without files it says %q", got)
	}
	w.copyText(w.album("A", 1) + "\n")
	w.shortcut("File", "Add what was copied")
	w.pump.until(t, "what was copied is there", func() bool { return w.queue.Overview().Jobs == 1 })
	w.shortcut("File", "Open by its path…")
	for _, r := range w.album("B", 1) {
		w.win.Canvas().Focused().TypedRune(r)
	}
	w.key(fyne.KeyReturn)
	w.pump.until(t, "what was typed is there", func() bool { return w.queue.Overview().Jobs == 2 && len(w.view.rows) > 3 })
	w.view.list.choose(0)
	w.view.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	w.refresh()
	if n := w.queue.Overview().Jobs; n != 1 {
		t.Fatalf("%d jobs after one was removed", n)
	}
	w.shortcut("Queue", "Undo the removal")
	if got := w.view.content(0).name; got != "A" || w.queue.Overview().Jobs != 2 {
		t.Errorf("the first job is %q", got)
	}
}

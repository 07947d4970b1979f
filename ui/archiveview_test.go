package ui

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"trilobyte/app/archive"
	"trilobyte/codec/stream"
)

// openedArchive opens an archive of an album with three recordings.
func openedArchive(w *tester) *archiveView {
	w.t.Helper()
	w.drop(w.archived("Album", 3))
	w.pump.until(w.t, "the archive is shown", func() bool { return w.current() != nil && len(w.current().rows) > 0 })
	return w.current()
}

// finished waits until the operation of an archive has ended.
func (w *tester) finished(v *archiveView) {
	w.t.Helper()
	w.pump.until(w.t, "the operation ends", func() bool { return !v.busy() })
}

func names(rows []*node) []string {
	var all []string
	for _, n := range rows {
		all = append(all, n.path)
	}
	return all
}

func TestTreeOfAnArchive(t *testing.T) {
	var entries []*archive.Entry
	for _, name := range []string{"A/b/1.wav", "A/b/2.wav", "A/c.txt", "d.wav"} {
		e := &archive.Entry{File: archive.File{Name: name, Kind: archive.KindRecording, Size: 100, Compressed: 40, FLAC: 50}}
		if strings.HasSuffix(name, ".txt") {
			e.Kind, e.FLAC = archive.KindFile, 0
		}
		entries = append(entries, e)
	}
	tr := newTree(entries)
	all := []string{"A", "A/b", "A/b/1.wav", "A/b/2.wav", "A/c.txt", "d.wav"}
	if got := names(tr.rows("")); !slices.Equal(got, all) {
		t.Errorf("rows %q", got)
	}
	if a := tr.byKey["A"]; a.files != 3 || a.size != 300 || a.totals.Sizes.FLAC != 100 || a.totals.Others != 1 {
		t.Errorf("folder A: %+v", a)
	}
	if got := names(tr.rows("2.W")); !slices.Equal(got, []string{"A", "A/b", "A/b/2.wav"}) {
		t.Errorf("search finds %q", got)
	}
	loadWords(languageEnglish)
	if got := nodeLine(tr.byKey["A"], false, false); got.remark.text != "3 files  ·  other files: 40 B" || got.cells[2].text != "200 B" || got.cells[4].text != "80 B" {
		t.Errorf("the line of folder A does not compare the same recordings: %+v", got)
	}
	tr.byKey["A/b"].folded = true
	if got := names(tr.rows("")); !slices.Equal(got, []string{"A", "A/b", "A/c.txt", "d.wav"}) {
		t.Errorf("folded: %q", got)
	}
	if got := names(tr.rows("1.wav")); len(got) != 3 {
		t.Errorf("search does not look into what is folded: %q", got)
	}
	tr.byKey["A/b"].tick(true)
	tr.byKey["d.wav"].tick(true)
	if got := tr.names(); !slices.Equal(got, []string{"A/b", "d.wav"}) || tr.byKey["A"].box() != partly || tr.root.chosen != 3 {
		t.Errorf("chosen %q, %d files", got, tr.root.chosen)
	}
	tr.byKey["A/b/1.wav"].tick(false)
	if got := tr.names(); !slices.Equal(got, []string{"A/b/2.wav", "d.wav"}) || tr.byKey["A/b"].box() != partly {
		t.Errorf("chosen %q", got)
	}
	tr.root.tick(true)
	if got := tr.names(); !slices.Equal(got, []string{"A", "d.wav"}) {
		t.Errorf("all chosen: %q", got)
	}
}

func TestRestoreThroughTheButtons(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	if got := v.title.Text; !strings.HasPrefix(got, "Album.trilobyte  ·  4 files  ·  0:02  ·  48.1 kB in ") || !strings.HasSuffix(got, " % below FLAC") {
		t.Errorf("title %q", got)
	}
	if got := lineText(v.list, 2); !strings.HasPrefix(got, "00.wav||8 kHz 16 bit stereo|0.5 s|16.0 kB|") {
		t.Errorf("a recording: %q", got)
	}
	out := filepath.Join(w.dir, "out")
	w.tap("Restore all…")
	entry, ok := find(w, func(e *folderEntry) bool { return e.Text == w.dir })
	if !ok {
		t.Fatal("there is no field for the folder")
	}
	entry.SetText(out)
	w.tap("Restore")
	w.finished(v)
	if got := v.banner.showing(); !strings.Contains(got, "All is well") {
		t.Errorf("the banner says %q", got)
	}
	same(t, filepath.Join(w.dir, "Album"), filepath.Join(out, "Album"))

	w.shortcut("Archive", "Restore all…")
	entry, _ = find(w, func(e *folderEntry) bool { return e.Text == w.dir })
	entry.SetText(out)
	w.key(fyne.KeyReturn)
	w.finished(v)
	if got := v.banner.showing(); !strings.Contains(got, "4 files restored.") || !strings.Contains(got, "Of these, 4 files were there already") {
		t.Errorf("where all is there already, the banner says %q", got)
	}

	// Once more into the same folder, where a file is another one now.
	w.write(filepath.Join(out, "Album", "Disc 1", "00.wav"), []byte("mine"))
	w.shortcut("Archive", "Restore all…")
	entry, _ = find(w, func(e *folderEntry) bool { return e.Text == w.dir })
	entry.SetText(out)
	w.key(fyne.KeyReturn) // the field has the focus
	w.finished(v)
	if got := v.banner.showing(); !strings.Contains(got, "1 file failed") {
		t.Errorf("the banner says %q", got)
	}
	if got := lineText(v.list, 2); !strings.Contains(got, "exists already") {
		t.Errorf("a file that is there: %q", got)
	}
}

// same makes sure that two folders have the same files.
func same(t *testing.T, want, got string) {
	t.Helper()
	err := filepath.WalkDir(want, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		relative, _ := filepath.Rel(want, path)
		a, err1 := os.ReadFile(path)
		b, err2 := os.ReadFile(filepath.Join(got, relative))
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s differs", relative)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestEscapeClosesTheDialogAndKeysDoNothingBelowIt(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	w.shortcut("Archive", "Restore all…")
	w.shortcut("View", "Queue")
	w.shortcut("Archive", "Verify")
	if w.current() != v || v.busy() {
		t.Error("keys do something below the dialog")
	}
	w.key(fyne.KeyEscape) // the field has the focus
	if w.win.Canvas().Overlays().Top() != nil {
		t.Fatal("the dialog stays")
	}
	w.shortcut("View", "Queue")
	if w.current() != nil {
		t.Error("keys do nothing once the dialog is closed")
	}
}

func TestRestoreWhatIsSelectedByKeyboard(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	w.shortcut("Archive", "Restore selected…") // nothing is selected: nothing happens
	if w.win.Canvas().Overlays().Top() != nil {
		t.Fatal("a dialog opens")
	}
	w.shortcut("Archive", "Search")
	for _, r := range "01.wav" {
		w.win.Canvas().Focused().TypedRune(r)
	}
	if got := names(v.rows); !slices.Equal(got, []string{"Album", "Album/Disc 1", "Album/Disc 1/01.wav"}) {
		t.Errorf("search finds %q", got)
	}
	for _, choose := range []func(){
		v.tickAll,
		func() { v.tick(0) },
		func() { v.tick(1) },
	} {
		choose()
		if got := v.tree.names(); !slices.Equal(got, []string{"Album/Disc 1/01.wav"}) {
			t.Errorf("while something is searched for, what is not shown is chosen: %q", got)
		}
		choose()
		if got := v.tree.names(); len(got) > 0 {
			t.Errorf("still chosen: %q", got)
		}
	}
	w.win.Canvas().Focus(v.list)
	w.key(fyne.KeyEnd, fyne.KeySpace)
	v.search.SetText("")
	w.shortcut("Archive", "Restore selected…")
	if text := w.shown(); !strings.Contains(text, "Selected: 1 file") {
		t.Errorf("it asks:\n%s", text)
	}
	entry, _ := find(w, func(e *folderEntry) bool { return true })
	out := filepath.Join(w.dir, "out")
	entry.SetText(out)
	w.tap("Restore")
	w.finished(v)
	files, err := filepath.Glob(filepath.Join(out, "*", "*", "*"))
	if err != nil || !slices.Equal(files, []string{filepath.Join(out, "Album", "Disc 1", "01.wav")}) {
		t.Errorf("restored %q, %v", files, err)
	}
	w.win.Canvas().Focus(v.list)
	w.key(fyne.KeyHome, fyne.KeyLeft)
	if len(v.rows) != 1 {
		t.Errorf("left does not fold: %q", names(v.rows))
	}
	w.key(fyne.KeyRight)
	w.shortcut("File", "Close archive")
	if w.current() != nil || len(w.archives) != 0 {
		t.Error("the archive stays open")
	}
}

func TestVerifyFindsDamage(t *testing.T) {
	w := newTester(t, nil)
	path := w.archived("Album", 2)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[1000] ^= 1
	w.write(path, content)
	w.drop(path)
	w.pump.until(t, "the archive is shown", func() bool { return w.current() != nil && len(w.current().rows) > 0 })
	v := w.current()
	w.tap("Verify")
	w.finished(v)
	if got := v.banner.showing(); !strings.Contains(got, "1 file failed") {
		t.Errorf("the banner says %q", got)
	}
	damaged := 0
	for i := range v.rows {
		if strings.Contains(lineText(v.list, i), "damaged") {
			damaged++
		}
	}
	if damaged != 1 || !strings.Contains(w.log.text(), "damaged") {
		t.Errorf("%d files are said to be damaged; the log:\n%s", damaged, w.log.text())
	}
}

func TestArchivesThatCannotBeOpened(t *testing.T) {
	w := newTester(t, nil)
	path := filepath.Join(w.dir, "fake.trilobyte")
	w.write(path, []byte("not an archive"))
	w.drop(path)
	w.pump.until(t, "the banner says so", func() bool {
		return w.current() != nil && strings.Contains(w.current().banner.showing(), "cannot be opened")
	})
	if !w.current().restoreAll.Disabled() {
		t.Error("nothing can be restored")
	}
	w.drop(path)
	w.pump.until(t, "the second drop is taken", func() bool { return len(w.tabs.Items) == 4 })
}

func TestExportAsFLAC(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	w.tap("Export as FLAC…")
	w.tap("Export")
	w.finished(v)
	if got := v.banner.showing(); !strings.HasPrefix(got, "3 files exported") {
		t.Errorf("the banner says %q", got)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "Album", "Disc 1", "*.flac"))
	if err != nil || len(files) != 3 {
		t.Errorf("exported %q, %v", files, err)
	}
}

// endless decodes until it is cancelled.
type endless struct{ stream.SegmentCoder }

func (endless) Encode(context.Context, [][]int32, int, func(int)) ([]byte, error) {
	return []byte{0}, nil // smaller than FLAC
}

func (endless) Decode(ctx context.Context, _ []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestOperationsAreCancelled(t *testing.T) {
	w := newTester(t, func(c *Config) { c.Engine.Codec.Coder = endless{c.Engine.Codec.Coder} })
	v := openedArchive(w)
	w.tap("Restore all…")
	entry, _ := find(w, func(*folderEntry) bool { return true })
	entry.SetText(filepath.Join(w.dir, "out"))
	w.tap("Restore")
	if !v.strip.Visible() || !v.verify.Disabled() {
		t.Error("the operation is not shown")
	}
	if got := v.progress.Text; !strings.HasPrefix(got, "Restoring 0 %") {
		t.Errorf("it says %q", got)
	}
	w.closeArchive(v)
	w.tap("Go on working")
	w.tap("Cancel")
	w.finished(v)
	if got := v.banner.showing(); !strings.HasPrefix(got, "Stopped.") {
		t.Errorf("the banner says %q", got)
	}
}

package ui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
)

// TestReports saves each kind of report, of an archive with a name that is markup.
func TestReports(t *testing.T) {
	w := newTester(t, nil)
	root := w.album("<b>Album & more", 2)
	w.drop(root)
	w.done()
	j, _ := w.queue.Job(w.view.rows[0].job)
	out := t.TempDir()
	save := func(kind int) string {
		t.Helper()
		w.banner.hide()
		w.take(w.view.jobMenu(j), "Save a report…")
		radio, _ := find(w, func(*modalRadio) bool { return true })
		radio.SetSelected(radio.labels[kind])
		entry, _ := find(w, func(*folderEntry) bool { return true })
		entry.SetText(out)
		w.key(fyne.KeyReturn)
		w.pump.until(t, "it is saved", func() bool { return w.banner.showing() != "" })
		name, saved := strings.CutPrefix(w.banner.showing(), "Saved: ")
		if !saved {
			t.Fatalf("the banner says %q", w.banner.showing())
		}
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}
	entries, _, err := w.config.Engine.List(j.Archive)
	if err != nil {
		t.Fatal(err)
	}
	page := save(0)
	for _, want := range []string{"&lt;b&gt;Album &amp; more", "read back from the disk", "2 recordings", "% below FLAC", `<html lang="en">`, entries[len(entries)-1].SHA256} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if strings.Contains(page, "<b>") {
		t.Error("names are markup on the page")
	}
	if sums := save(1); strings.Count(sums, "\n") != 3 || !strings.Contains(sums, "  <b>Album & more/notes.txt\n") {
		t.Errorf("checksums:\n%s", sums)
	}
	save(2)
	save(0)
	if names, _ := filepath.Glob(filepath.Join(out, "*")); len(names) != 4 {
		t.Errorf("saved: %q", names)
	}
	out = filepath.Join(out, "nowhere")
	w.askReport(j.Archive)
	entry, _ := find(w, func(*folderEntry) bool { return true })
	entry.SetText(out)
	w.banner.hide()
	w.key(fyne.KeyReturn)
	w.pump.until(t, "it says why not", func() bool { return strings.Contains(w.banner.showing(), "is not there") })
}

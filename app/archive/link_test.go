package archive_test

import (
	"archive/zip"
	"path/filepath"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// TestLinksThroughFoldersOfTheArchive has links go up from folders of the archive, which
// are real, and from what may lead anywhere.
func TestLinksThroughFoldersOfTheArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	w, err := archive.Create(disk.OS{}, path, [32]byte{})
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]archive.Kind{"A": archive.KindFolder, "A/ab/c/file": archive.KindFile, "A/link": archive.KindLink, "A/B%5CC": archive.KindFolder} {
		e, err := w.Begin(name, kind, 0)
		if err == nil {
			_, err = e.Commit(zip.Store, archive.File{SHA256: "00"})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Finish(nil, true); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var link *archive.Entry
	for _, e := range a.Entries() {
		if e.Name == "A/link" {
			link = e
		}
	}
	for target, inside := range map[string]bool{
		"x": true, "ab/../x": true, "ab/../../x": true, "ab/c/../../x": true, "./ab/../../A/ab/..": true, `B\C/../x`: true, "../A/ab/../x": true, "ab//..": true,
		"ab/../../../x": false, "link/../x": false, "ab/c/file/../x": false, "other/../x": false, "../../x": false, "ab/../../..": false, "/A/ab/../x": false, "": false,
		"../A/../..": false, "ab/../../other/../A": false,
	} {
		if err := link.CheckLink(target); (err == nil) != inside {
			t.Errorf("to %q: %v", target, err)
		}
	}
}

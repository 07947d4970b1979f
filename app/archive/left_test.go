package archive_test

import (
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// TestRemoveLeft has an unfinished archive beside a finished one of the same name, as a disk that failed may leave it.
func TestRemoveLeft(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.trilobyte")
	w, err := archive.Create(disk.OS{}, path, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	add(t, w, contents[1])
	remove := func(left int) {
		t.Helper()
		if err := archive.RemoveLeft(disk.OS{}, path); err != nil {
			t.Fatal(err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != left {
			t.Fatalf("%v are there, want %d; error %v", entries, left, err)
		}
	}
	remove(2) // another Writer is at work on them
	if err := w.Leave(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("finished"), 0o666); err != nil {
		t.Fatal(err)
	}
	remove(1)
	if content, err := os.ReadFile(path); err != nil || string(content) != "finished" {
		t.Errorf("the archive has become %q, error %v", content, err)
	}
	remove(1) // there is nothing any more
}

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

// TestWhatAnUpdateLeftIsNotGoneOnWith interrupts archives that are made anew and updates, whose old archive is gone then.
func TestWhatAnUpdateLeftIsNotGoneOnWith(t *testing.T) {
	for _, test := range []struct {
		name  string
		begin func(disk.FS, string, [32]byte) (*archive.Writer, error)
		want  int
	}{{"made anew", archive.Create, 1}, {"updated", archive.Replace, 0}} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.trilobyte")
			left, err := test.begin(disk.OS{}, path, [32]byte{1})
			if err != nil {
				t.Fatal(err)
			}
			add(t, left, contents[1])
			if err := left.Leave(); err != nil {
				t.Fatal(err)
			}
			w, err := archive.Create(disk.OS{}, path, [32]byte{1})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Discard()
			if r, err := w.Recover(t.Context()); err != nil || len(r) != test.want {
				t.Errorf("%d entries are gone on with, want %d; error %v", len(r), test.want, err)
			}
		})
	}
}

package archive_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// TestTorn cuts an archive off at every length: all entries that are whole are
// found.
func TestTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	makeArchive(t, path, func(*archive.Writer) {})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ends := entryEnds(t, path)
	torn := filepath.Join(t.TempDir(), "torn")
	for size := range whole {
		if err := os.WriteFile(torn, whole[:size], 0o600); err != nil {
			t.Fatal(err)
		}
		complete := 0
		for _, end := range ends {
			if end <= int64(size) {
				complete++
			}
		}
		a, err := archive.Open(disk.OS{}, torn)
		if err != nil {
			// It is one of ours if there is the header of a WAV file.
			if complete > 1 {
				t.Fatalf("cut to %d bytes: %v", size, err)
			}
			continue
		}
		sound := 0
		for _, e := range a.Entries() {
			if e.Check(context.Background()) == nil {
				sound++
			}
		}
		if sound != complete || len(a.Damage()) == 0 {
			t.Fatalf("cut to %d of %d bytes: %d entries are sound of %d, damage %v", size, len(whole), sound, complete, a.Damage())
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// entryEnds returns where the entries of an archive end.
func entryEnds(t *testing.T, path string) []int64 {
	t.Helper()
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var ends []int64
	for _, e := range a.Entries() {
		r, err := e.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		_, start, size := r.Outer()
		ends = append(ends, start+size)
	}
	return ends
}

// TestDamagedHeaders damages each entry's local header in a torn archive: the
// others are found.
func TestDamagedHeaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	makeArchive(t, path, func(*archive.Writer) {})
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	ends := entryEnds(t, path)
	start := int64(0)
	for i, end := range ends {
		damaged := append([]byte(nil), whole[:ends[len(ends)-1]]...)
		damaged[start] ^= 1
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		start = end
		a, err := archive.Open(disk.OS{}, path)
		if contents[i].kind == archive.KindRecording {
			if err == nil { // the only one by which the archive can be told
				t.Error("an archive without any WAV file is taken for one of ours")
			}
			continue
		}
		if err != nil {
			t.Fatalf("entry %d: %v", i, err)
		}
		if len(a.Entries()) != len(contents)-1 {
			t.Errorf("with the header of entry %d damaged, %d are found", i, len(a.Entries()))
		}
		a.Close()
	}
}

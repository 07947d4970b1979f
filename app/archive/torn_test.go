package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
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

// damaged opens the golden archive, which is of contents, after a change of its
// bytes.
func damaged(t *testing.T, change func(b []byte) []byte) *archive.Archive {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a")
	whole, err := os.ReadFile("testdata/golden.trilobyte")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, change(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { a.Close() })
	if len(a.Damage()) == 0 {
		t.Fatal("no damage is found")
	}
	return a
}

// directoryOf returns where the central directory begins.
func directoryOf(b []byte) int { return bytes.Index(b, []byte("PK\x01\x02")) }

// TestDamagedDirectory damages each byte of the table of contents, or cuts it off:
// all is known of all entries.
func TestDamagedDirectory(t *testing.T) {
	var sound []archive.File
	a, err := archive.Open(disk.OS{}, "testdata/golden.trilobyte")
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	for _, e := range a.Entries() {
		sound = append(sound, e.File)
	}
	compare := func(what string, a *archive.Archive) {
		t.Helper()
		var got []archive.File
		for _, e := range a.Entries() {
			if err := e.Check(context.Background()); err != nil {
				t.Errorf("%s: %s: %v", what, e.Name, err)
			}
			got = append(got, e.File)
		}
		if !reflect.DeepEqual(got, sound) {
			t.Fatalf("%s: the entries are %+v, want %+v", what, got, sound)
		}
	}
	size := 0
	compare("cut off", damaged(t, func(b []byte) []byte {
		size = len(b) - directoryOf(b)
		return b[:directoryOf(b)]
	}))
	for i := range size {
		compare(fmt.Sprint("byte ", i), damaged(t, func(b []byte) []byte {
			b[directoryOf(b)+i] ^= 0x41
			return b
		}))
	}
}

// TestLostHeaders damages local headers of an archive without its table of
// contents: of the others all is known.
func TestLostHeaders(t *testing.T) {
	for _, lost := range [][]int{{0}, {1}, {3}, {0, 1}, {2, 3}} {
		a := damaged(t, func(b []byte) []byte {
			b = b[:directoryOf(b)]
			at := 0
			for i := range contents {
				if slices.Contains(lost, i) {
					b[at+4] ^= 1
				}
				at += 4 + max(0, bytes.Index(b[at+4:], []byte("PK\x03\x04")))
			}
			return b
		})
		if text := fmt.Sprint(a.Damage()); !strings.Contains(text, fmt.Sprint(len(lost), " of its files are lost")) {
			t.Errorf("without %v: %s", lost, text)
		}
		left := slices.DeleteFunc(slices.Clone(contents), func(c content) bool {
			return slices.ContainsFunc(lost, func(i int) bool { return contents[i] == c })
		})
		if len(a.Entries()) != len(left) {
			t.Fatalf("without %v: %d entries", lost, len(a.Entries()))
		}
		for i, e := range a.Entries() {
			if c := left[i]; e.Name != c.name || e.Kind != c.kind || e.Mode != 0o640 || e.Nanoseconds != 123_456_789 || e.Err != nil {
				t.Errorf("without %v: %+v, want %+v; %v", lost, e.File, c, e.Err)
			}
		}
	}
}

// TestAnotherProgramsEntries has an entry that another program has added, and one
// that it has taken out.
func TestAnotherProgramsEntries(t *testing.T) {
	rewrite := func(b []byte, leave string, more ...string) []byte {
		in, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		for _, f := range in.File {
			if f.Name == leave {
				continue
			}
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range more {
			if _, err := z.Create(name); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	a := damaged(t, func(b []byte) []byte { return rewrite(b, "", "more") })
	for _, e := range a.Entries() {
		if e.Name == "more" && e.Err == nil || e.Name != "more" && (e.Err != nil || e.Nanoseconds == 0) {
			t.Errorf("with one more: %+v, error %v", e.File, e.Err)
		}
	}
	a = damaged(t, func(b []byte) []byte { return rewrite(b, "dir/link") })
	if text := fmt.Sprint(a.Damage()); !strings.Contains(text, "of 4 files instead of 3") {
		t.Errorf("with one less: %s", text)
	}
}

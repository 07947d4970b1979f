package archive_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

var update = flag.Bool("update", false, "write the golden files anew")

// content is an entry to be put into an archive.
type content struct {
	name   string
	kind   archive.Kind
	method uint16
	data   string // as it is compressed
}

var contents = []content{
	{"dir", archive.KindFolder, zip.Store, ""},
	{"dir/sound.wav", archive.KindRecording, archive.Method, strings.Repeat("compressed sound", 100)},
	{"dir/Käse.txt", archive.KindFile, zip.Store, "text"},
	{"dir/link", archive.KindLink, zip.Store, "Käse.txt"},
}

// add adds an entry with its times and checksums.
func add(t testing.TB, w *archive.Writer, c content) {
	t.Helper()
	e, err := w.Begin(c.name, c.kind, int64(len(c.data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{c.data[:len(c.data)/2], c.data[len(c.data)/2:]} {
		if _, err := io.WriteString(e, part); err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(c.data))
	f := archive.File{Mode: 0o640, CRC32: archive.ZIPSum(c.kind, crc32.ChecksumIEEE([]byte(c.data)), sum), SHA256: fmt.Sprintf("%x", sum)}
	f.SetModTime(time.Unix(1_000_000_001, 123_456_789))
	if _, err := e.Commit(c.method, f); err != nil {
		t.Fatal(err)
	}
}

// makeArchive makes an archive of contents, and runs f before each of them.
func makeArchive(t testing.TB, path string, f func(w *archive.Writer)) {
	t.Helper()
	w, err := archive.Create(disk.OS{}, path, [32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range contents {
		f(w)
		add(t, w, c)
	}
	f(w)
	if err := w.Finish([]byte("model"), false); err != nil {
		t.Fatal(err)
	}
	if err := w.Publish(); err != nil {
		t.Fatal(err)
	}
}

// TestGolden compares an archive with one that was written by the first version
// of the format.
func TestGolden(t *testing.T) {
	const golden = "testdata/golden.trilobyte"
	path := filepath.Join(t.TempDir(), "a.trilobyte")
	makeArchive(t, path, func(*archive.Writer) {})
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("the archive's bytes are not those of %s any more", golden)
	}
	check(t, golden)
}

// check opens an archive of contents and compares all of it.
func check(t *testing.T, path string) {
	t.Helper()
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if len(a.Damage()) > 0 {
		t.Error(a.Damage())
	}
	if len(a.Entries()) != len(contents) {
		t.Fatalf("%d entries, want %d", len(a.Entries()), len(contents))
	}
	for i, e := range a.Entries() {
		c := contents[i]
		if err := e.Check(context.Background()); err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		if e.Name != c.name || e.Kind != c.kind || e.Size != int64(len(c.data)) || e.Mode != 0o640 || e.ModTime().UnixNano() != 1_000_000_001_123_456_789 {
			t.Errorf("entry %+v, want %+v", e.File, c)
		}
		r, err := e.Compressed()
		if err != nil {
			t.Fatal(err)
		}
		if b, err := io.ReadAll(r); err != nil || string(b) != c.data {
			t.Errorf("%s has %q, error %v", e.Name, b, err)
		}
	}
}

func TestAbortedEntriesLeaveNoTrace(t *testing.T) {
	clean, aborted := filepath.Join(t.TempDir(), "a"), filepath.Join(t.TempDir(), "b")
	makeArchive(t, clean, func(*archive.Writer) {})
	makeArchive(t, aborted, func(w *archive.Writer) {
		e, err := w.Begin("aborted", archive.KindFile, 10)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write(make([]byte, 100_000)); err != nil {
			t.Fatal(err)
		}
		e.Abort()
	})
	a, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(aborted)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(a, b) {
		t.Error("the archive with aborted entries differs")
	}
}

func TestNamesExcludeEachOther(t *testing.T) {
	w, err := archive.Create(disk.OS{}, filepath.Join(t.TempDir(), "a"), [32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	for _, c := range contents {
		add(t, w, c)
	}
	for name, kind := range map[string]archive.Kind{"dir": archive.KindFile, "dir/sound.wav": archive.KindRecording, "dir/link/x": archive.KindFile, "dir/Käse.txt": archive.KindFolder} {
		if err := w.CheckName(name, kind); err == nil {
			t.Errorf("%s is allowed as a %s", name, kind)
		}
	}
	if err := w.CheckName("dir/other", archive.KindFile); err != nil {
		t.Error(err)
	}
}

func TestDiscardAndPublish(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	w, err := archive.Create(disk.OS{}, path, [32]byte{1, 2, 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Discard(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("discarding left %v, error %v", left, err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := archive.Create(disk.OS{}, path, [32]byte{}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating an archive where there is a file: error %v", err)
	}
}

func TestWhatIsNoArchive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "golden")
	golden, err := os.ReadFile("testdata/golden.trilobyte")
	if err != nil {
		t.Fatal(err)
	}
	zipOf := func(name, content string) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, content); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	for name, c := range map[string]struct {
		b    []byte
		want error
	}{
		"empty":       {nil, archive.ErrNotArchive},
		"text":        {[]byte("text that is longer than any of ZIP's headers"), archive.ErrNotArchive},
		"torn":        {golden[:30], archive.ErrNotArchive},
		"another ZIP": {zipOf("a.txt", "text"), archive.ErrNotArchive},
		"newer":       {zipOf(".trilobyte/manifest", "\x08\x02"), archive.ErrVersion},
	} {
		if err := os.WriteFile(path, c.b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := archive.Open(disk.OS{}, path); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	if _, err := archive.Open(disk.OS{}, t.TempDir()); !errors.Is(err, archive.ErrNotArchive) {
		t.Errorf("a folder: error %v", err)
	}
}

// TestDeflatePart puts deflated parts together.
func TestDeflatePart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		content := []byte(strings.Repeat(rapid.StringN(0, 100, 400).Draw(t, "text"), rapid.IntRange(0, 500).Draw(t, "times")))
		size := rapid.IntRange(2000, 50_000).Draw(t, "part")
		var whole []byte
		for start := 0; start == 0 || start < len(content); start += size {
			end := min(start+size, len(content))
			part, err := archive.DeflatePart(content[max(0, start-32<<10):start], content[start:end], end == len(content))
			if err != nil {
				t.Fatal(err)
			}
			whole = append(whole, part...)
		}
		got, err := io.ReadAll(flate.NewReader(bytes.NewReader(whole)))
		if err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes became %d, error %v", len(content), len(got), err)
		}
	})
}

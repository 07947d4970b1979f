package job_test

import (
	"bytes"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"trilobyte/app/disk"
	"trilobyte/app/job"
)

// folding is a disk that does not tell names apart by case or by Unicode form,
// like those of macOS and Windows.
type folding struct{ memory }

func (d folding) OpenRoot(name string) (disk.Root, error) {
	r, err := d.OS.OpenRoot(name)
	return foldingRoot{r}, err
}

type foldingRoot struct{ disk.Root }

func fold(name string) string { return norm.NFC.String(strings.ToLower(name)) }

func (r foldingRoot) Lstat(name string) (fs.FileInfo, error) { return r.Root.Lstat(fold(name)) }
func (r foldingRoot) Create(name string, mode fs.FileMode) (disk.File, error) {
	return r.Root.Create(fold(name), mode)
}
func (r foldingRoot) Open(name string) (disk.File, error) { return r.Root.Open(fold(name)) }
func (r foldingRoot) Link(from, to string) error          { return r.Root.Link(fold(from), fold(to)) }
func (r foldingRoot) Rename(from, to string) error        { return r.Root.Rename(fold(from), fold(to)) }
func (r foldingRoot) Remove(name string) error            { return r.Root.Remove(fold(name)) }
func (r foldingRoot) Chmod(name string, mode fs.FileMode) error {
	return r.Root.Chmod(fold(name), mode)
}
func (r foldingRoot) Chtimes(name string, atime, mtime time.Time) error {
	return r.Root.Chtimes(fold(name), atime, mtime)
}

// TestNamesThatTheDiskTakesForTheSame has pairs of names of which a disk can
// have only one: the second file is reported, and does not replace the first.
func TestNamesThatTheDiskTakesForTheSame(t *testing.T) {
	for _, names := range [][2]string{{"song.txt", "SONG.txt"}, {"K\u00e4se.txt", "Ka\u0308se.txt"}, {"dir/x.txt", "dir/X.TXT"}} {
		for _, overwrite := range []bool{false, true} {
			target := t.TempDir()
			e := engine()
			e.Disk = folding{memory{content: hostile(t, hostileEntry{name: names[0], content: "first"}, hostileEntry{name: names[1], content: "second"})}}
			_, report := run(e, func(e *job.Engine) (job.Summary, error) {
				return e.Restore(t.Context(), job.RestoreOptions{Archive: "x", Dir: target, Overwrite: overwrite})
			})
			if !isNamed(report, names[1]+": this disk takes its name") {
				t.Errorf("%q, overwriting %t: %q", names, overwrite, report)
			}
			if left := contents(t, target); !strings.Contains(left[filepath.FromSlash(fold(names[0]))], "8b04d5e3775d298e78455efc5ca404d5") { // of "first"
				t.Errorf("%q, overwriting %t: there is %v", names, overwrite, left)
			}
		}
	}
}

// TestManyEntries opens an archive of 100,000 entries, more than ZIP had numbers for at first, and in its long form one of a million.
func TestManyEntries(t *testing.T) {
	if testing.Short() {
		t.Skip("takes some seconds")
	}
	count := 100_000
	if soak {
		count = 1_000_000
	}
	b := manyEntries(t, count)
	e := engine()
	e.Disk = memory{content: b}
	var used uint64
	entries := 0
	used = allocated(func() {
		list, _, err := e.List("x")
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range list {
			if entry.Err == nil {
				entries++
			}
		}
	})
	t.Logf("an archive of %d bytes: %d entries are allowed, %d bytes of memory", len(b), entries, used)
	if entries != count {
		t.Errorf("%d entries are allowed", entries)
	}
	if used > 20*uint64(len(b)) {
		t.Errorf("%d bytes of memory for an archive of %d", used, len(b))
	}
	// All of them, without a manifest to say what they are, are read.
	start := time.Now()
	if summary, err := e.Verify(t.Context(), "x"); err != nil || len(summary.Files) != count {
		t.Errorf("%d entries are sound, error %v", len(summary.Files), err)
	}
	t.Logf("verified in %v", time.Since(start))
	// Without its end, it is a torn one.
	cut := bytes.LastIndex(b, []byte("PK\x05\x06"))
	e.Disk = memory{content: b[:cut]}
	if _, _, err := e.List("x"); err == nil || !strings.Contains(err.Error(), "not a Trilobyte archive") {
		t.Errorf("error %v", err)
	}
}

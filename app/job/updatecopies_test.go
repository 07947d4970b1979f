package job_test

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestUpdatesStoreContentOnce gives files that are in the archive other names, before and
// behind theirs, and has them take turns: their content is neither coded nor stored again,
// and hard links are what they are on the disk.
func TestUpdatesStoreContentOnce(t *testing.T) {
	long := jobtest.WAV(8000, 16, 1, 9000, 1)
	cut := slices.Concat(long[:44], long[44+6000:], long[44:44+6000])
	put := func(dir string) {
		in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
		for name, content := range map[string][]byte{"5.wav": long, "5b.wav": long, "6.wav": long, "7.wav": cut, "8.txt": []byte("text"), "9.txt": nil, "a/1.txt": []byte("other")} {
			writeFile(t, in(name), content)
			if err := os.Chtimes(in(name), old, old); err != nil {
				t.Fatal(err)
			}
		}
		if err := errors.Join(os.Chtimes(in("6.wav"), old.Add(time.Hour), old.Add(time.Hour)), os.Link(in("8.txt"), in("8b.txt"))); err != nil {
			t.Skip(err)
		}
	}
	first := firstArchive(t, put)
	const (
		plain  = 1
		mirror = 2
	)
	for name, c := range map[string]struct {
		change func(in func(string) string) error
		how    int
	}{
		"a link before it":       {func(in func(string) string) error { return os.Link(in("5.wav"), in("0.wav")) }, plain | mirror},
		"a link behind it":       {func(in func(string) string) error { return os.Link(in("5.wav"), in("9.wav")) }, plain | mirror},
		"a copy before it":       {func(in func(string) string) error { return os.WriteFile(in("0.wav"), long, 0o600) }, plain | mirror},
		"a copy of a cut":        {func(in func(string) string) error { return os.WriteFile(in("0.wav"), cut, 0o600) }, plain},
		"a link of a text":       {func(in func(string) string) error { return os.Link(in("8.txt"), in("0.txt")) }, plain | mirror},
		"a link of nothing":      {func(in func(string) string) error { return os.Link(in("9.txt"), in("0.txt")) }, plain | mirror},
		"another name":           {func(in func(string) string) error { return os.Rename(in("5.wav"), in("0.wav")) }, plain | mirror},
		"another name of a copy": {func(in func(string) string) error { return os.Rename(in("6.wav"), in("0.wav")) }, plain | mirror},
		"another name of a cut":  {func(in func(string) string) error { return os.Rename(in("7.wav"), in("0.wav")) }, plain},
		"another folder":         {func(in func(string) string) error { return os.Rename(in("7.wav"), in("a/7.wav")) }, plain | mirror},
		"equal files become one": {func(in func(string) string) error {
			return errors.Join(os.Remove(in("6.wav")), os.Link(in("5.wav"), in("6.wav")))
		}, plain | mirror},
		"equal files become one, at an equal time": {func(in func(string) string) error {
			return errors.Join(os.Remove(in("5b.wav")), os.Link(in("5.wav"), in("5b.wav")))
		}, plain | mirror},
		"links become copies": {func(in func(string) string) error {
			return errors.Join(os.Remove(in("8b.txt")), os.WriteFile(in("8b.txt"), []byte("text"), 0o640), os.Chtimes(in("8b.txt"), old, old))
		}, plain | mirror},
		"the first of them changes": {func(in func(string) string) error {
			return os.WriteFile(in("5.wav"), jobtest.WAV(8000, 16, 1, 700, 2), 0o640)
		}, plain | mirror},
		"the first of them is gone": {func(in func(string) string) error { return os.Remove(in("5.wav")) }, plain | mirror},
		"two change places": {func(in func(string) string) error {
			return errors.Join(os.Rename(in("5.wav"), in("x")), os.Rename(in("8.txt"), in("5.wav")), os.Rename(in("x"), in("8.txt")))
		}, plain},
		"all change at once": {func(in func(string) string) error {
			return errors.Join(os.Link(in("5.wav"), in("0.wav")), os.Rename(in("6.wav"), in("1.wav")), os.Remove(in("5.wav")), os.Link(in("8.txt"), in("5.wav")))
		}, plain},
	} {
		for _, how := range []int{plain, mirror} {
			if c.how&how == 0 || how == mirror && testing.Short() {
				continue
			}
			dir := filepath.Join(t.TempDir(), "Album")
			in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
			put(dir)
			out, before := filepath.Join(t.TempDir(), "out.trilobyte"), filesIn(t, dir)
			if err := os.WriteFile(out, first, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.change(in); err != nil {
				t.Fatal(err)
			}
			coded := map[string]bool{}
			e := engine()
			e.Events = func(ev job.Event) {
				if m, ok := ev.(job.Measured); ok {
					coded[m.Name] = true
				}
			}
			if _, err := updateTo(dir, out, func(o *job.CompressOptions) { o.Mirror, o.VerifyAll = how == mirror, true })(e); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			for n := range coded {
				if name != "the first of them changes" || n != "Album/5.wav" {
					t.Errorf("%s: %s was coded again (mirror: %v)", name, n, how == mirror)
				}
			}
			storedOnce(t, name, out)
			if summary, report := run(engine(), updateTo(dir, out, nil)); report != "" || !summary.Idle {
				t.Errorf("%s: the next update finds something new: %s", name, report)
			}
			if how == mirror {
				before = map[string][]byte{}
				if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
			}
			maps.Copy(before, filesIn(t, dir))
			comesBackLinked(t, name, out, dir, before)
		}
	}
}

// firstArchive returns the archive of a folder in which a cut refers to what it is of.
func firstArchive(t *testing.T, put func(dir string)) []byte {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "Album")
	put(dir)
	out := compress(t, engine(), dir)
	entries, _, err := engine().List(out)
	if err != nil || !slices.ContainsFunc(entries, func(e *archive.Entry) bool { return e.Name == "Album/7.wav" && len(e.RefersTo) > 0 }) {
		t.Fatalf("no recording refers to another one; %v", err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// old is a time of files.
var old = time.Unix(1_100_000_000, 7)

// storedOnce makes sure that no content is in an archive twice.
func storedOnce(t rapid.TB, what, path string) {
	t.Helper()
	entries, _, err := engine().List(path)
	if err != nil {
		t.Fatal(err)
	}
	holders := map[string]string{}
	for _, e := range entries {
		if e.Size == 0 || e.SameAs != "" || e.Kind == archive.KindFolder || e.Kind == archive.KindLink {
			continue
		}
		if other := holders[e.SHA256]; other != "" {
			t.Errorf("%s: %s and %s hold the same content", what, other, e.Name)
		}
		holders[e.SHA256] = e.Name
	}
}

// foldersFirst makes sure that folders come before what is in them.
func foldersFirst(t rapid.TB, out string) {
	t.Helper()
	entries, _, err := engine().List(out)
	if err != nil {
		t.Fatal(err)
	}
	passed := map[string]bool{}
	for _, e := range entries {
		if e.Kind == archive.KindFolder && passed[e.Name] {
			t.Errorf("the folder %s comes behind what is in it", e.Name)
		}
		for dir := path.Dir(e.Name); dir != "."; dir = path.Dir(dir) {
			passed[dir] = true
		}
	}
}

// comesBackLinked makes sure that files come back, and that those that are in a folder are
// hard links of each other as they are there.
func comesBackLinked(t *testing.T, what, path, dir string, want map[string][]byte) {
	t.Helper()
	back := t.TempDir()
	if _, report := run(engine(), restoreTo(path, back)); report != "" {
		t.Errorf("%s: %s", what, report)
	}
	back = filepath.Join(back, "Album")
	if got := filesIn(t, back); !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%s: %q came back, want %q", what, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
	names := slices.Sorted(maps.Keys(filesIn(t, dir)))
	same := func(dir, a, b string) bool {
		one, err1 := os.Stat(filepath.Join(dir, a))
		other, err2 := os.Stat(filepath.Join(dir, b))
		return err1 == nil && err2 == nil && os.SameFile(one, other)
	}
	for i, a := range names {
		for _, b := range names[:i] {
			if same(dir, a, b) != same(back, a, b) {
				t.Errorf("%s: %s and %s are one file: %v, came back so: %v", what, b, a, same(dir, a, b), same(back, a, b))
			}
		}
	}
}

// TestWhatWasDamagedIsNotStoredUnderAnotherName has content that is damaged in the archive
// come under other names.
func TestWhatWasDamagedIsNotStoredUnderAnotherName(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	in := func(name string) string { return filepath.Join(dir, name) }
	long := jobtest.WAV(8000, 16, 1, 30000, 1)
	writeFile(t, in("1.wav"), long)
	writeFile(t, in("2.wav"), long)
	out := compress(t, engine(), dir)
	damage(t, out, "Album/1.wav")
	writeFile(t, in("1.wav"), jobtest.WAV(8000, 16, 1, 700, 2))
	writeFile(t, in("0.wav"), long)
	summary, report := run(engine(), updateTo(dir, out, nil))
	if report != "" || !summary.Verified {
		t.Errorf("%s", report)
	}
	storedOnce(t, "damaged", out)
	comesBackLinked(t, "damaged", out, dir, filesIn(t, dir))
}

//go:build unix

package job_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// kinds of things that may be under a name, and make them there.
var kinds = map[string]func(path string) error{
	"a file":          func(p string) error { return os.WriteFile(p, jobtest.WAV(8000, 16, 1, 500, 1), 0o640) },
	"an empty file":   func(p string) error { return os.WriteFile(p, nil, 0o640) },
	"a link":          func(p string) error { return os.Symlink("other.wav", p) },
	"an empty folder": func(p string) error { return os.Mkdir(p, 0o750) },
	"a folder": func(p string) error {
		return errors.Join(os.MkdirAll(filepath.Join(p, "in"), 0o750), os.WriteFile(filepath.Join(p, "in", "1.wav"), jobtest.WAV(8000, 16, 1, 400, 2), 0o640))
	},
	"a pipe": func(p string) error { return syscall.Mkfifo(p, 0o644) },
}

// kindOf is what of kinds is told apart.
func kindOf(t *testing.T, path string) os.FileMode {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Mode().Type()
}

// treeIn describes what is in a folder, by name.
func treeIn(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, _ := filepath.Rel(dir, path)
		found[name] = d.Type().String()
		switch d.Type() {
		case 0:
			var b []byte
			b, err = os.ReadFile(path)
			found[name] += string(b)
		case os.ModeSymlink:
			var target string
			target, err = os.Readlink(path)
			found[name] += target
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestWhatAnotherKindReplaces updates archives of what became another kind of thing, which
// can be read or not: what it was is kept under another name, and a mirror has it no more.
func TestWhatAnotherKindReplaces(t *testing.T) {
	for was, make := range kinds {
		if was == "a pipe" {
			continue
		}
		for is, remake := range kinds {
			for _, readable := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s becomes %s, readable is %v", was, is, readable), func(t *testing.T) {
					dir := filepath.Join(t.TempDir(), "Album")
					x, before := filepath.Join(dir, "x.wav"), filepath.Join(dir, "x (gone).wav")
					writeFile(t, filepath.Join(dir, "other.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
					if err := make(x); err != nil {
						t.Fatal(err)
					}
					old := kindOf(t, x)
					if old == os.ModeDir {
						before = filepath.Join(dir, "x.wav (gone)")
					}
					out := compress(t, engine(), dir)
					if err := errors.Join(os.RemoveAll(x), remake(x)); err != nil {
						t.Fatal(err)
					}
					if kindOf(t, x) == old {
						t.Skip("it stays of its kind")
					}
					e := engine()
					if !readable {
						e.Disk = forbidden("x.wav", "in")
					}
					summary, report := run(e, updateTo(dir, out, nil))
					if readable && is != "a pipe" && report != "" {
						t.Fatal(report)
					}
					again, _ := run(e, updateTo(dir, out, nil))
					if !again.Idle {
						t.Error("the second update finds something to do")
					}
					back := t.TempDir()
					if _, report := run(engine(), restoreTo(out, back)); report != "" {
						t.Fatal(report)
					}
					got := treeIn(t, filepath.Join(back, "Album"))
					// What there would be without another name for what was there before.
					if is == "a pipe" {
						before = x
					}
					want := t.TempDir()
					if err := errors.Join(os.Rename(dir, filepath.Join(want, "Album"))); err != nil {
						t.Fatal(err)
					}
					dir = filepath.Join(want, "Album")
					before = filepath.Join(dir, filepath.Base(before))
					x = filepath.Join(dir, "x.wav")
					switch {
					case is == "a pipe", !readable && kindOf(t, x) == 0:
						if err := os.Remove(x); err != nil {
							t.Fatal(err)
						}
					case !readable && kindOf(t, x) == os.ModeDir:
						if err := errors.Join(os.RemoveAll(x), os.Mkdir(x, 0o750)); err != nil {
							t.Fatal(err)
						}
					}
					if err := make(before); err != nil {
						t.Fatal(err)
					}
					if tree := treeIn(t, dir); !maps.Equal(got, tree) {
						t.Errorf("%v came back, want %v; kept were %v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(tree)), summary.Kept)
					}
				})
			}
		}
	}
}

// TestNamesOfWhatIsReplaced has the same name become one kind of thing after the other:
// all that it was is kept, under as many names, also what has the content of another, or
// is the same file.
func TestNamesOfWhatIsReplaced(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	x, linked := filepath.Join(dir, "x.wav"), filepath.Join(dir, "y.wav")
	wav := jobtest.WAV(8000, 16, 1, 30000, 1)
	cut := slices.Concat(wav[:44], wav[44+8000:], wav[44:44+8000])
	writeFile(t, x, wav)
	writeFile(t, filepath.Join(dir, "z.wav"), cut)
	if err := os.Link(x, linked); err != nil {
		t.Skip(err)
	}
	out := compress(t, engine(), dir)
	update := func() {
		t.Helper()
		if _, report := run(engine(), updateTo(dir, out, func(o *job.CompressOptions) { o.VerifyAll = true })); report != "" {
			t.Fatal(report)
		}
	}
	become := func(f func(path string) error) {
		t.Helper()
		if err := errors.Join(os.RemoveAll(x), f(x)); err != nil {
			t.Fatal(err)
		}
		update()
	}
	become(kinds["a folder"])
	become(kinds["a link"])
	become(kinds["a file"])
	become(kinds["a folder"])
	if err := os.Remove(linked); err != nil {
		t.Fatal(err)
	}
	update()
	back := t.TempDir()
	if _, report := run(engine(), restoreTo(out, back)); report != "" {
		t.Fatal(report)
	}
	got := filesIn(t, filepath.Join(back, "Album"))
	folder, file := jobtest.WAV(8000, 16, 1, 400, 2), jobtest.WAV(8000, 16, 1, 500, 1)
	want := map[string][]byte{
		"x (gone).wav": wav, "x (gone 3).wav": file, "x.wav (gone)/in/1.wav": folder, "x.wav/in/1.wav": folder, "y.wav": wav, "z.wav": cut,
	}
	if !maps.EqualFunc(got, want, bytes.Equal) {
		t.Errorf("%v came back", slices.Sorted(maps.Keys(got)))
	}
	one, err1 := os.Stat(filepath.Join(back, "Album", "x (gone).wav"))
	other, err2 := os.Stat(filepath.Join(back, "Album", "y.wav"))
	if err := errors.Join(err1, err2); err != nil || !os.SameFile(one, other) {
		t.Errorf("what was one file came back as two; %v", err)
	}
	if target, err := os.Readlink(filepath.Join(back, "Album", "x (gone 2).wav")); err != nil || target != "other.wav" {
		t.Errorf("the link came back as %q, %v", target, err)
	}
	if _, report := run(engine(), updateTo(dir, out, mirroring)); report != "" {
		t.Fatal(report)
	}
	if err := sameBytes(out, compress(t, engine(), dir)); err != nil {
		t.Error(err)
	}
}

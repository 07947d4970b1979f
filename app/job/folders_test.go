//go:build linux

package job_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
)

// nested makes folders in folders, with modes and times of their own.
func nested(t *testing.T, dir string) {
	t.Helper()
	for _, name := range []string{"a/1.txt", "a/b/2.txt", "c/d/3.txt"} {
		writeFile(t, filepath.Join(dir, name), []byte(name))
	}
	if err := os.MkdirAll(filepath.Join(dir, "empty", "in it"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("b", filepath.Join(dir, "a", "link to b")); err != nil {
		t.Fatal(err)
	}
	linked := []unix.Timespec{{Sec: 1_100_000_000, Nsec: 7}, {Sec: 1_200_000_000, Nsec: 9}}
	if err := unix.UtimesNanoAt(unix.AT_FDCWD, filepath.Join(dir, "a", "link to b"), linked, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"empty/in it", "empty", "a/b", "a", "c/d", "c", "."} {
		at := time.Unix(1_000_000_000+int64(i), 5)
		if err := errors.Join(os.Chmod(filepath.Join(dir, name), 0o710), os.Chtimes(filepath.Join(dir, name), at, at)); err != nil {
			t.Fatal(err)
		}
	}
}

// stopped is a disk that nothing can be done to any more from operation n on.
func stopped(n int) *disktest.FS {
	var mu sync.Mutex
	i := 0
	return &disktest.FS{Before: func(disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if i++; i > n {
			return errors.New("it is over")
		}
		return nil
	}}
}

// TestFoldersAfterAnyEnd ends restoring at each dealing with the disk, as if it were killed,
// and restores once more: all folders have their modes and times then.
func TestFoldersAfterAnyEnd(t *testing.T) {
	work := t.TempDir()
	dir := filepath.Join(work, "Album")
	nested(t, dir)
	out, want := compress(t, engine(), dir), held(t, dir)
	all := operations(t, func(e *job.Engine) error { _, err := restoreTo(out, freshDir(t, work))(e); return err })
	for n := range all {
		if testing.Short() && n%7 > 0 {
			continue
		}
		into := freshDir(t, work)
		e := engine()
		e.Workers, e.Disk = 1, stopped(n)
		run(e, restoreTo(out, into))
		if _, report := run(engine(), restoreTo(out, into)); report != "" {
			t.Fatalf("after operation %d of %d: %s", n, len(all), report)
		}
		got := held(t, filepath.Join(into, "Album"))
		for name, description := range want {
			if got[name] != description {
				t.Errorf("after operation %d of %d, %q came back as\n%s, was\n%s", n, len(all), name, got[name], description)
			}
		}
		noTemporaries(t, into)
		os.RemoveAll(into)
	}
}

// TestFoldersOfACancelledRestore cancels restoring, and restores a part, and the rest.
func TestFoldersOfACancelledRestore(t *testing.T) {
	work := t.TempDir()
	dir := filepath.Join(work, "Album")
	nested(t, dir)
	out, want, into := compress(t, engine(), dir), held(t, dir), freshDir(t, work)
	ctx, cancel := context.WithCancel(t.Context())
	e := engine()
	e.Workers = 1
	e.Events = func(ev job.Event) {
		if done, ok := ev.(job.Done); ok && done.File.Name == "Album/c/d/3.txt" {
			cancel()
		}
	}
	if _, err := e.Restore(ctx, job.RestoreOptions{Archive: out, Dir: into}); !errors.Is(err, context.Canceled) {
		t.Fatalf("it ended with %v", err)
	}
	for _, names := range [][]string{{"Album/a/1.txt"}, nil} {
		if _, err := engine().Restore(t.Context(), job.RestoreOptions{Archive: out, Dir: into, Names: names}); err != nil {
			t.Fatal(err)
		}
	}
	for name, got := range held(t, filepath.Join(into, "Album")) {
		if want[name] != got {
			t.Errorf("%q came back as\n%s, was\n%s", name, got, want[name])
		}
	}
	noTemporaries(t, into)
}

// TestReadOnlyFolders restores into folders that their owner cannot write into, as an
// ordinary user.
func TestReadOnlyFolders(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t)
		return
	}
	work := t.TempDir()
	dir := filepath.Join(work, "Album")
	nested(t, dir)
	if err := xattr.Set(filepath.Join(dir, "empty"), "user.box", []byte("7")); err != nil {
		t.Skipf("there are no extended attributes in %s: %v", work, err)
	}
	if err := os.Symlink("1.txt", filepath.Join(dir, "a", "link")); err != nil {
		t.Fatal(err)
	}
	locked := []string{"empty", "a/b", "a", "c/d"}
	lock := func(dir string, mode os.FileMode) {
		for _, name := range locked {
			os.Chmod(filepath.Join(dir, name), mode)
		}
	}
	lock(dir, 0o555)
	defer lock(dir, 0o755)
	out, want, into := compress(t, engine(), dir), held(t, dir), freshDir(t, work)
	back := filepath.Join(into, "Album")
	defer lock(back, 0o755)
	for _, c := range []struct {
		change  []string // to remove before
		options job.RestoreOptions
	}{
		{nil, job.RestoreOptions{}},
		{nil, job.RestoreOptions{Overwrite: true}},
		{[]string{"a/b/2.txt", "a/link", "empty/in it"}, job.RestoreOptions{}},
		{[]string{"a/b", "a/1.txt"}, job.RestoreOptions{Overwrite: true}},
		{[]string{"c/d/3.txt"}, job.RestoreOptions{Names: []string{"Album/c/d/3.txt"}, Overwrite: true}},
		{nil, job.RestoreOptions{}},
	} {
		if len(c.change) > 0 {
			lock(back, 0o755)
			for _, name := range c.change {
				if err := os.RemoveAll(filepath.Join(back, name)); err != nil {
					t.Fatal(err)
				}
			}
			lock(back, 0o555)
		}
		what := fmt.Sprintf("%v", c)
		c.options.Archive, c.options.Dir = out, into
		summary, report := run(engine(), func(e *job.Engine) (job.Summary, error) { return e.Restore(context.Background(), c.options) })
		if report != "" || len(summary.Lacks) > 0 {
			t.Fatalf("%s: %s, lacking is %v", what, report, summary.Lacks)
		}
		if len(c.options.Names) > 0 {
			if info, err := os.Stat(filepath.Join(back, "c/d")); err != nil || info.Mode().Perm() != 0o555 {
				t.Errorf("%s: the folder became %v, %v", what, info.Mode(), err)
			}
			at := time.Unix(1_000_000_004, 5)
			if err := os.Chtimes(filepath.Join(back, "c/d"), at, at); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got := held(t, back)
		for name, description := range want {
			if got[name] != description {
				t.Errorf("%s: %q came back as\n%s, was\n%s", what, name, got[name], description)
			}
		}
	}
}

// TestHardLinksOneAfterTheOther restores one of the names of a file, and then all: they
// are one file then, unless what is there is another one.
func TestHardLinksOneAfterTheOther(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(dir, "1.txt"), []byte("one and the same"))
	for _, name := range []string{"2.txt", "3.txt"} {
		if err := os.Link(filepath.Join(dir, "1.txt"), filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	nothing := filepath.Join(dir, "nothing.txt")
	writeFile(t, nothing, nil)
	if err := os.Link(nothing, filepath.Join(dir, "other nothing.txt")); err != nil {
		t.Fatal(err)
	}
	out, want := compress(t, engine(), dir), held(t, dir)
	for _, touched := range []bool{false, true} {
		into := t.TempDir()
		for _, names := range [][]string{{"Album/3.txt", "Album/other nothing.txt"}, {"Album/2.txt"}, nil} {
			if names == nil && touched {
				if err := os.Chmod(filepath.Join(into, "Album", "3.txt"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, report := run(engine(), func(e *job.Engine) (job.Summary, error) {
				return e.Restore(context.Background(), job.RestoreOptions{Archive: out, Dir: into, Names: names})
			}); report != "" {
				t.Fatal(report)
			}
		}
		got := held(t, filepath.Join(into, "Album"))
		if touched {
			if info, err := os.Stat(filepath.Join(into, "Album", "3.txt")); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("a file with another mode was replaced: %v", err)
			}
			continue
		}
		summary, report := run(engine(), restoreTo(out, into))
		if again := held(t, filepath.Join(into, "Album")); report != "" || !maps.Equal(again, got) {
			t.Errorf("what was there was replaced: it has become\n%v, was\n%v; %s", again, got, report)
		}
		if l := summary.Lacks; len(l) != 1 || l[0].What != job.LackThere || l[0].Files != 3 || !strings.Contains(l[0].Err.Error(), "no hard link to Album/1.txt") {
			t.Errorf("lacking is %v", l)
		}
		if _, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into, Overwrite: true})); report != "" {
			t.Fatal(report)
		}
		got = held(t, filepath.Join(into, "Album"))
		for name, description := range want {
			if got[name] != description {
				t.Errorf("%q came back as\n%s, was\n%s", name, got[name], description)
			}
		}
	}
}

// TestAttributesOfFormerLinks updates an archive of one file with two names, when one of
// them is gone and the attributes of the other have changed: each keeps its own.
func TestAttributesOfFormerLinks(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Album")
	one, other := filepath.Join(dir, "1.txt"), filepath.Join(dir, "2.txt")
	writeFile(t, one, []byte("one and the same"))
	if err := os.Link(one, other); err != nil {
		t.Skip(err)
	}
	if err := xattr.Set(one, "user.k", []byte("before")); err != nil {
		t.Skipf("there are no extended attributes in %s: %v", dir, err)
	}
	out := compress(t, engine(), dir)
	if err := errors.Join(os.Remove(one), xattr.Set(other, "user.k", []byte("after"))); err != nil {
		t.Fatal(err)
	}
	into := t.TempDir()
	for _, work := range []func(*job.Engine) (job.Summary, error){updateTo(dir, out, nil), restoreTo(out, into)} {
		if _, report := run(engine(), work); report != "" {
			t.Fatal(report)
		}
	}
	for name, want := range map[string]string{"1.txt": "before", "2.txt": "after"} {
		if got, err := xattr.Get(filepath.Join(into, "Album", name), "user.k"); err != nil || string(got) != want {
			t.Errorf("%s has the attribute %q, want %q; %v", name, got, want, err)
		}
	}
}

package job_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"trilobyte/app/disk"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// threeDeep makes a folder in which each folder has a file and a folder.
func threeDeep(t *testing.T) (source, out string) {
	t.Helper()
	source = filepath.Join(t.TempDir(), "Album")
	for i, name := range []string{"1.wav", "in/2.wav", "in/3.txt", "in/er/4.txt", "other/5.txt"} {
		writeFile(t, filepath.Join(source, filepath.FromSlash(name)), jobtest.WAV(8000, 16, 1, 100, uint64(i)))
	}
	return source, compress(t, engine(), source)
}

func restoring(o job.RestoreOptions) func(*job.Engine) (job.Summary, error) {
	return func(e *job.Engine) (job.Summary, error) { return e.Restore(context.Background(), o) }
}

// TestWhatIsInTheWayOfFolders has a file, or a link, where the archive has a folder. It is
// left as it is, and named once for all that it keeps back; or replaced, and nothing ever
// gets to where the link leads.
func TestWhatIsInTheWayOfFolders(t *testing.T) {
	source, out := threeDeep(t)
	want := contents(t, source)
	for kind, inTheWay := range map[string]func(place, outside, inside string) error{
		"it is a file":  func(place, _, _ string) error { return os.WriteFile(place, []byte("mine"), 0o600) },
		"it is a link":  func(place, outside, _ string) error { return os.Symlink(outside, place) },
		"it is a link,": func(place, _, inside string) error { return os.Symlink(filepath.Base(inside), place) },
	} {
		for _, names := range [][]string{nil, {"Album/in/er/4.txt", "Album/in/2.wav"}} {
			outside, into := t.TempDir(), t.TempDir()
			place, inside := filepath.Join(into, "Album", "in"), filepath.Join(into, "Album", "mine")
			if err := errors.Join(os.MkdirAll(inside, 0o755), inTheWay(place, outside, inside)); err != nil {
				t.Fatal(err)
			}
			before := contents(t, place)
			options := job.RestoreOptions{Archive: out, Dir: into, Names: names}
			summary, report := run(engine(), restoring(options))
			if summary.Failed != 1 || !strings.HasPrefix(report, "Album/in: "+job.ErrExists.Error()+": "+kind) {
				t.Errorf("%s, %v: %d failed: %s", kind, names, summary.Failed, report)
			}
			if wanted := map[bool]int{true: 3, false: 2}[names == nil]; summary.KeptBack != wanted {
				t.Errorf("%s, %v: %d files were kept back, want %d", kind, names, summary.KeptBack, wanted)
			}
			if now := contents(t, place); now["."] != before["."] {
				t.Errorf("%s, %v: it became %v", kind, names, now)
			}
			options.Overwrite = true
			if _, report := run(engine(), restoring(options)); report != "" {
				t.Errorf("%s, %v, overwriting: %s", kind, names, report)
			}
			for _, dir := range []string{outside, inside} {
				if left := contents(t, dir); len(left) != 1 {
					t.Errorf("%s, %v: in %s there is %v", kind, names, dir, left)
				}
			}
			got := contents(t, filepath.Join(into, "Album"))
			for name := range want {
				if (names == nil || name == "in/er/4.txt" || name == "in/2.wav" || name == "in") && got[filepath.FromSlash(name)] != want[name] {
					t.Errorf("%s, %v: %s came back as %q, was %q", kind, names, name, got[name], want[name])
				}
			}
		}
	}
}

// TestWhereNothingCanBeWritten restores and exports into folders that nothing can be made
// in: each is named once, with what can be done, and nothing else is said.
func TestWhereNothingCanBeWritten(t *testing.T) {
	_, out := threeDeep(t)
	for _, fault := range []error{syscall.EACCES, syscall.EROFS} {
		for dir, want := range map[string]struct {
			name             string
			restored, backed int
		}{
			".":            {"", 0, 5},
			"Album/in":     {"Album/in", 2, 3},
			"Album/in/er":  {"Album/in/er", 4, 1},
			"Album/other":  {"Album/other", 4, 1},
			"Album/absent": {"", 5, 0},
		} {
			e, into := engine(), t.TempDir()
			e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
				makes := op.Name == "create" || op.Name == "mkdir" || op.Name == "symlink" || op.Name == "link"
				if makes && filepath.ToSlash(filepath.Dir(op.Path)) == dir {
					return fault
				}
				return nil
			}}
			summary, report := run(e, restoreTo(out, into))
			if len(summary.Files)-folders(summary) != want.restored || summary.KeptBack != want.backed {
				t.Errorf("%s, %v: %d restored, %d kept back, want %v", dir, fault, len(summary.Files)-folders(summary), summary.KeptBack, want)
			}
			line := want.name + ": nothing can be written into " + filepath.Join(into, filepath.FromSlash(dir)) + ": " + fault.Error() + " [remedy "
			if want.backed == 0 {
				line = ""
			}
			if !strings.HasPrefix(report, line) || strings.Count(report, "\n") > 0 || (report == "") != (line == "") {
				t.Errorf("%s, %v: it said %q, want %q", dir, fault, report, line)
			}
		}
	}
}

// folders counts those of a summary.
func folders(s job.Summary) (n int) {
	for _, f := range s.Files {
		if f.Kind == "folder" {
			n++
		}
	}
	return n
}

// TestTheFolderCannotBeMade restores into a folder that is not there, where it cannot be
// made.
func TestTheFolderCannotBeMade(t *testing.T) {
	_, out := threeDeep(t)
	dir := t.TempDir()
	e := engine()
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		if op.Name == "mkdirall" {
			return syscall.EACCES
		}
		return nil
	}}
	if _, report := run(e, restoreTo(out, filepath.Join(dir, "new"))); !strings.HasPrefix(report, "nothing can be written into "+dir+": ") || !canBeHelped(report) {
		t.Errorf("it said %q", report)
	}
}

// TestFoldersOfChosenFiles restores a file alone: the folders that it lies in come back, too.
func TestFoldersOfChosenFiles(t *testing.T) {
	source, _ := threeDeep(t)
	for _, name := range []string{"in/er", "in", "."} {
		if err := os.Chmod(filepath.Join(source, filepath.FromSlash(name)), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	out, want := compress(t, engine(), source), contents(t, source)
	into := t.TempDir()
	if _, report := run(engine(), restoring(job.RestoreOptions{Archive: out, Dir: into, Names: []string{"Album/in/er/4.txt"}})); report != "" {
		t.Fatal(report)
	}
	got := contents(t, filepath.Join(into, "Album"))
	if len(got) != 4 {
		t.Errorf("there came back %v", got)
	}
	for name := range got {
		if got[name] != want[name] {
			t.Errorf("%s came back as %q, was %q", name, got[name], want[name])
		}
	}
}

// TestNoSymbolicLinks restores to a file system without: that is said once.
func TestNoSymbolicLinks(t *testing.T) {
	source := filepath.Join(t.TempDir(), "Album")
	writeFile(t, filepath.Join(source, "1.txt"), []byte("text"))
	for _, name := range []string{"a", "b"} {
		if err := os.Symlink("1.txt", filepath.Join(source, name)); err != nil {
			t.Skip(err)
		}
	}
	out := compress(t, engine(), source)
	for _, overwrite := range []bool{false, true} {
		e, into := engine(), t.TempDir()
		e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
			if op.Name == "symlink" {
				return syscall.EPERM
			}
			return nil
		}}
		summary, report := run(e, restoring(job.RestoreOptions{Archive: out, Dir: into, Overwrite: overwrite}))
		if report != "" || len(summary.Lacks) != 1 || summary.Lacks[0].What != job.LackSymlinks || summary.Lacks[0].Files != 2 {
			t.Errorf("overwriting %t: %s, lacking is %v", overwrite, report, summary.Lacks)
		}
		if got := contents(t, filepath.Join(into, "Album")); len(got) != 2 {
			t.Errorf("overwriting %t: there is %v", overwrite, got)
		}
	}
}

// TestLinksOfKilledRuns has a killed run leave a link under a temporary name: it goes.
func TestLinksOfKilledRuns(t *testing.T) {
	_, out := threeDeep(t)
	into := t.TempDir()
	left := filepath.Join(into, "Album", "in", disk.TempName())
	if err := errors.Join(os.MkdirAll(filepath.Dir(left), 0o755), os.Symlink("nowhere", left)); err != nil {
		t.Skip(err)
	}
	if _, report := run(engine(), restoreTo(out, into)); report != "" {
		t.Error(report)
	}
	noTemporaries(t, into)
}

package job_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
)

// lasting is a fault that stays once it has come.
type lasting struct {
	name string
	err  error
	hits func(disktest.Op) bool
}

// named says whether an operation needs the permissions of a folder or file;
// what is open already does not.
func named(op disktest.Op) bool {
	switch op.Name {
	case "read", "readat", "write", "writeat", "fstat", "truncate", "sync", "lock":
		return false
	}
	return true
}

var lastingFaults = []lasting{
	{"the disk is gone", syscall.EIO, func(disktest.Op) bool { return true }},
	{"the permissions are gone", syscall.EACCES, named},
	{"the disk can only be read", syscall.EROFS, disktest.Op.Writes},
	{"the disk is full", syscall.ENOSPC, func(op disktest.Op) bool { return op.Name == "write" || op.Name == "writeat" || op.Name == "create" }},
}

// from is a hook that has each operation from number n on, from 0, that is
// hit by the fault fail where in says so.
func (l lasting) from(n int, in func(disktest.Op) bool) func(disktest.Op) error {
	var mu sync.Mutex
	i := 0
	return func(op disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		i++
		if i > n && in(op) && l.hits(op) {
			return l.err
		}
		return nil
	}
}

// TestFaultsThatStay takes away the disk or the permissions of the sources, of
// the archive or of the target, before each operation, for the rest of the job.
func TestFaultsThatStay(t *testing.T) {
	w := newWorld(t)
	aged := newWorld(t)
	old := aged.aged(t)
	step := 3
	switch {
	case soak:
		step = 1
	case testing.Short():
		step = 37
	}
	isSource := func(op disktest.Op) bool { return strings.HasPrefix(op.Path, w.source) }
	isArchive := func(op disktest.Op) bool { return op.Path == w.sound }
	jobs := map[string]struct {
		places map[string]func(disktest.Op) bool
		run    func(e *job.Engine, dir string) string
		check  func(what, dir, report string)
	}{
		"compress": {
			map[string]func(disktest.Op) bool{"sources": isSource, "archive's folder": func(op disktest.Op) bool { return !isSource(op) }},
			func(e *job.Engine, dir string) string {
				_, report := run(e, compressTo(w.source, filepath.Join(dir, "out.trilobyte")))
				return report
			},
			func(what, dir, report string) {
				w.afterCompress(t, what, filepath.Join(dir, "out.trilobyte"), report)
			},
		},
		"update": {
			map[string]func(disktest.Op) bool{
				"sources":          func(op disktest.Op) bool { return strings.HasPrefix(op.Path, aged.source) },
				"archive's folder": func(op disktest.Op) bool { return !strings.HasPrefix(op.Path, aged.source) },
			},
			func(e *job.Engine, dir string) string {
				out := filepath.Join(dir, "out.trilobyte")
				if err := os.WriteFile(out, old, 0o640); err != nil {
					t.Fatal(err)
				}
				_, report := run(e, mirrorTo(aged.source, out))
				return report
			},
			func(what, dir, report string) {
				aged.afterUpdate(t, what, filepath.Join(dir, "out.trilobyte"), old, report)
			},
		},
		"restore": {
			map[string]func(disktest.Op) bool{"archive": isArchive, "target": func(op disktest.Op) bool { return !isArchive(op) }},
			func(e *job.Engine, dir string) string {
				_, report := run(e, restoreTo(w.sound, dir))
				return report
			},
			func(what, dir, _ string) { w.afterRestore(t, what, dir) },
		},
	}
	injected := 0
	for name, j := range jobs {
		total := len(operations(t, func(e *job.Engine) error { j.run(e, freshDir(t, w.dir)); return nil }))
		for n := 0; n < total; n += step {
			for _, l := range lastingFaults {
				for place, in := range j.places {
					what := fmt.Sprintf("%s: before operation %d of %d, in the %s, %s", name, n, total, place, l.name)
					dir := freshDir(t, w.dir)
					e := engine()
					e.Workers = 1
					e.Disk = &disktest.FS{Before: l.from(n, in)}
					report := j.run(e, dir)
					if report != "" && !canBeHelped(report) {
						t.Errorf("%s: nothing is advised in %q", what, report)
					}
					j.check(what, dir, report)
					if err := os.RemoveAll(dir); err != nil {
						t.Fatal(err)
					}
					injected++
				}
			}
		}
	}
	t.Logf("%d faults were injected", injected)
	if !testing.Short() && injected < 600 {
		t.Errorf("only %d faults were injected", injected)
	}
}

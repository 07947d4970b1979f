package job_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"trilobyte/app/disk"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// soak says that the long forms of tests are to run.
var soak = os.Getenv("TRILOBYTE_SOAK") != ""

// small makes a small folder of all kinds of files, in which a compress job
// has some hundred dealings with the disk.
func small(t testing.TB, parent string) string {
	t.Helper()
	dir := filepath.Join(parent, "small")
	for name, content := range map[string][]byte{
		"1.wav":     jobtest.WAV(8000, 16, 1, 500, 1),
		"2.wav":     append(jobtest.WAV(8000, 8, 1, 301, 2), "LIST\x04\x00\x00\x00tail"...),
		"in/3.wav":  jobtest.WAV(44100, 24, 2, 100, 3),
		"in/4.txt":  bytes.Repeat([]byte("text "), 100),
		"in/5.none": nil,
	} {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(name)), content)
	}
	if err := os.Symlink("1.wav", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// world is where faults happen: sources, the archive that they make without any
// fault, and what comes out of it.
type world struct {
	dir, source, sound string
	before             map[string]string // the sources
	archive            []byte
	keeping            []byte // what an update makes of an older archive that keeps what is gone
}

// newWorld makes a world, in memory where there is such a folder: the disk is
// synced thousands of times.
func newWorld(t *testing.T) *world {
	t.Helper()
	dir := memoryDir(t)
	w := &world{dir: dir, source: small(t, dir)}
	w.sound = compress(t, engine(), w.source)
	w.before = contents(t, w.source)
	var err error
	if w.archive, err = os.ReadFile(w.sound); err != nil {
		t.Fatal(err)
	}
	return w
}

// memoryDir is a temporary folder, in memory where that is possible.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "trilobyte-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// operations counts what job does to a disk.
func operations(t *testing.T, run func(e *job.Engine) error) []disktest.Op {
	t.Helper()
	var ops []disktest.Op
	var mu sync.Mutex
	e := engine()
	e.Workers = 1
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		ops = append(ops, op)
		return nil
	}}
	if err := run(e); err != nil {
		t.Fatal(err)
	}
	return ops
}

// at is a hook that does something at operation n, from 0.
func at(n int, do func(disktest.Op) error) func(disktest.Op) error {
	var mu sync.Mutex
	i := 0
	return func(op disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		i++
		if i-1 != n {
			return nil
		}
		return do(op)
	}
}

// faults are the errors that an operation may have.
func faultsOf(op disktest.Op) []error {
	errs := []error{syscall.EIO}
	switch op.Name {
	case "write", "writeat":
		errs = append(errs, syscall.ENOSPC, disktest.Short{Err: syscall.ENOSPC}, disktest.Short{Err: syscall.EIO})
	case "open", "create", "edit", "readdir", "link", "rename", "mkdir", "openroot":
		errs = append(errs, syscall.EACCES)
	case "chmod":
		errs = append(errs, syscall.EACCES, syscall.ENOSPC)
	case "chtimes", "sync", "truncate":
		errs = append(errs, syscall.ENOSPC)
	}
	return errs
}

// run runs a job, and returns all that it reports.
func run(e *job.Engine, f func(e *job.Engine) (job.Summary, error)) (job.Summary, string) {
	var reports []string
	e.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok {
			reports = append(reports, fmt.Sprintf("%s: %v%s", f.Name, f.Err, remedy(f.Err)))
		}
	}
	summary, err := f(e)
	if err != nil {
		reports = append(reports, err.Error()+remedy(err))
	}
	return summary, strings.Join(reports, "\n")
}

func compressTo(source, out string) func(*job.Engine) (job.Summary, error) {
	return func(e *job.Engine) (job.Summary, error) {
		return e.Compress(context.Background(), job.CompressOptions{Paths: []string{source}, Archive: out, Verify: true})
	}
}

func restoreTo(archive, dir string) func(*job.Engine) (job.Summary, error) {
	return func(e *job.Engine) (job.Summary, error) {
		return e.Restore(context.Background(), job.RestoreOptions{Archive: archive, Dir: dir})
	}
}

// afterCompress makes sure of what is promised after a compress job to out that
// may have failed, or been killed, and that it can be done again.
func (w *world) afterCompress(t *testing.T, what, out, reported string) {
	t.Helper()
	if after := contents(t, w.source); !maps.Equal(after, w.before) {
		t.Fatalf("%s: the sources have become\n%v", what, after)
	}
	entries, err := os.ReadDir(filepath.Dir(out))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if entry.Name() != filepath.Base(out) && !disk.IsTemp(entry.Name()) {
			t.Fatalf("%s: it left %s", what, entry.Name())
		}
	}
	if _, err := os.Lstat(out); err == nil {
		summary, report := run(engine(), func(e *job.Engine) (job.Summary, error) { return e.Verify(context.Background(), out) })
		if report != "" || reported == "" && len(summary.Files) < len(w.before) {
			t.Fatalf("%s: the archive has %d files, and %s", what, len(summary.Files), report)
		}
		if err := os.Remove(out); err != nil {
			t.Fatal(err)
		}
	}
	if _, report := run(engine(), compressTo(w.source, out)); report != "" {
		t.Fatalf("%s: the second run: %s", what, report)
	}
	if b, err := os.ReadFile(out); err != nil || !bytes.Equal(b, w.archive) {
		t.Fatalf("%s: the second run made another archive than one without a fault (error %v)", what, err)
	}
	if entries, err = os.ReadDir(filepath.Dir(out)); err != nil || len(entries) != 1 {
		t.Fatalf("%s: the second run left %v, error %v", what, entries, err)
	}
}

// afterRestore does the same for a restore job.
func (w *world) afterRestore(t *testing.T, what, dir string) {
	t.Helper()
	if b, err := os.ReadFile(w.sound); err != nil || !bytes.Equal(b, w.archive) {
		t.Fatalf("%s: the archive has changed, error %v", what, err)
	}
	for name, description := range contents(t, dir) {
		original, err := filepath.Rel("small", name)
		if err != nil || disk.IsTemp(filepath.Base(name)) || fileMode(description).IsDir() {
			continue
		}
		if w.before[original] != description {
			t.Fatalf("%s: there is %s, %s, want %q", what, name, description, w.before[original])
		}
	}
	if _, report := run(engine(), restoreTo(w.sound, dir)); report != "" {
		t.Fatalf("%s: the second run: %s", what, report)
	}
	got := contents(t, filepath.Join(dir, "small"))
	for name, description := range w.before {
		if got[name] != description && !fileMode(description).IsDir() {
			t.Fatalf("%s: the second run restored %s as %q, want %q", what, name, got[name], description)
		}
	}
	noTemporaries(t, dir)
}

// fileMode says of a description that contents gives whether it is a folder's.
func fileMode(description string) fs.FileMode {
	if strings.HasPrefix(description, "d") && !strings.Contains(description, " ") {
		return fs.ModeDir
	}
	return 0
}

// isNamed says whether a report names a file that has to do with the operation.
func isNamed(report string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return strings.Contains(report, name) })
}

// canBeHelped says whether a report has an error that users can be told what to do about.
func canBeHelped(report string) bool {
	return isNamed(report, "[remedy", job.ErrNotVerified.Error(), job.ErrChanged.Error())
}

// remedy says in a report what can be done about an error.
func remedy(err error) string {
	if r := disk.RemedyOf(err); r != disk.NoRemedy {
		return fmt.Sprintf(" [remedy %d]", r)
	}
	return ""
}

// TestEveryFault has everything that compress and restore do to a disk fail, in
// each of the ways in which it may.
func TestEveryFault(t *testing.T) {
	w := newWorld(t)
	step := 1
	if testing.Short() {
		step = 29
	}
	injected := 0
	t.Run("compress", func(t *testing.T) {
		fresh := func() string { return filepath.Join(freshDir(t, w.dir), "out.trilobyte") }
		ops := operations(t, func(e *job.Engine) error { _, err := compressTo(w.source, fresh())(e); return err })
		for n, op := range ops {
			for k, fault := range faultsOf(op) {
				if (n+k)%step != 0 {
					continue
				}
				out := fresh()
				e := engine()
				e.Workers = 1
				e.Disk = &disktest.FS{Before: at(n, func(disktest.Op) error { return fault })}
				_, report := run(e, compressTo(w.source, out))
				what := fmt.Sprintf("operation %d (%s %s) fails with %q", n, op.Name, op.Path, fault)
				if report != "" && !isNamed(report, "small", "1.wav", "2.wav", "3.wav", "4.txt", "5.none", "link", "out.trilobyte") {
					t.Errorf("%s: no file is named in %q", what, report)
				}
				if report != "" && !canBeHelped(report) {
					t.Errorf("%s: nothing is advised in %q", what, report)
				}
				w.afterCompress(t, what, out, report)
				os.RemoveAll(filepath.Dir(out))
				injected++
			}
		}
	})
	t.Run("restore", func(t *testing.T) {
		ops := operations(t, func(e *job.Engine) error { _, err := restoreTo(w.sound, freshDir(t, w.dir))(e); return err })
		for n, op := range ops {
			for k, fault := range faultsOf(op) {
				if (n+k)%step != 0 {
					continue
				}
				dir := freshDir(t, w.dir)
				e := engine()
				e.Workers = 1
				e.Disk = &disktest.FS{Before: at(n, func(disktest.Op) error { return fault })}
				_, report := run(e, restoreTo(w.sound, dir))
				what := fmt.Sprintf("operation %d (%s %s) fails with %q", n, op.Name, op.Path, fault)
				if report != "" && !isNamed(report, "small", filepath.Base(dir), "out.trilobyte") {
					t.Errorf("%s: no file is named in %q", what, report)
				}
				if report != "" && !canBeHelped(report) {
					t.Errorf("%s: nothing is advised in %q", what, report)
				}
				w.afterRestore(t, what, dir)
				os.RemoveAll(dir)
				injected++
			}
		}
	})
	t.Logf("%d faults were injected", injected)
	if !testing.Short() && injected < 400 {
		t.Errorf("only %d faults were injected", injected)
	}
}

func freshDir(t *testing.T, parent string) string {
	t.Helper()
	dir, err := os.MkdirTemp(parent, "run-")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// powerless is a disk whose power goes off at operation n, from 0, for good.
func powerless(t *testing.T, n int, random *rand.Rand) *disktest.FS {
	off := errors.New("the power is off")
	d := &disktest.FS{}
	var mu sync.Mutex
	i := 0
	d.Before = func(disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		if i++; i == n+1 {
			if err := d.LosePower(random); err != nil {
				t.Error(err)
			}
		}
		if i > n {
			return off
		}
		return nil
	}
	return d
}

// TestPowerFailure stops everything at an operation, and loses any part of what
// has not been synced.
func TestPowerFailure(t *testing.T) {
	w := newWorld(t)
	step := 1
	if testing.Short() {
		step = 31
	}
	random := rand.New(rand.NewPCG(1, 2))
	out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
	total := len(operations(t, func(e *job.Engine) error { _, err := compressTo(w.source, out)(e); return err }))
	for n := 0; n < total; n += step {
		out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
		e := engine()
		e.Workers = 1
		e.Disk = powerless(t, n, random)
		_, report := run(e, compressTo(w.source, out))
		w.afterCompress(t, fmt.Sprintf("the power fails at operation %d of %d of compress", n, total), out, report)
	}
	total = len(operations(t, func(e *job.Engine) error { _, err := restoreTo(w.sound, freshDir(t, w.dir))(e); return err }))
	for n := 0; n < total; n += step {
		dir := freshDir(t, w.dir)
		e := engine()
		e.Workers = 1
		e.Disk = powerless(t, n, random)
		run(e, restoreTo(w.sound, dir))
		w.afterRestore(t, fmt.Sprintf("the power fails at operation %d of %d of restore", n, total), dir)
	}
}

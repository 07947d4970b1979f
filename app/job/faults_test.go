package job_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// faulty is a disk on which something goes wrong.
type faulty struct {
	disk.OS
	// read is called before each read of n bytes of the source called victim.
	victim string
	read   func(path string, n int) error
	// budget is how many more bytes can be written, if it is not nil.
	budget *int
}

func (d *faulty) Open(name string) (disk.File, error) {
	f, err := d.OS.Open(name)
	if err != nil || d.read == nil || filepath.Base(name) != d.victim {
		return f, err
	}
	return &faultyFile{File: f, before: func(n int) error { return d.read(name, n) }}, nil
}

func (d *faulty) Create(name string, mode fs.FileMode) (disk.File, error) {
	f, err := d.OS.Create(name, mode)
	return d.limited(f), err
}

func (d *faulty) OpenRoot(name string) (disk.Root, error) {
	r, err := d.OS.OpenRoot(name)
	return faultyRoot{r, d}, err
}

type faultyRoot struct {
	disk.Root
	disk *faulty
}

func (r faultyRoot) Create(name string, mode fs.FileMode) (disk.File, error) {
	f, err := r.Root.Create(name, mode)
	return r.disk.limited(f), err
}

// limited is a file on a disk that is nearly full.
func (d *faulty) limited(f disk.File) disk.File {
	if d.budget == nil || f == nil {
		return f
	}
	return &faultyFile{File: f, before: func(n int) error {
		if *d.budget -= n; *d.budget < 0 {
			return &fs.PathError{Op: "write", Path: "somewhere", Err: syscall.ENOSPC}
		}
		return nil
	}}
}

// faultyFile calls before with how many bytes are to be read or written.
type faultyFile struct {
	disk.File
	before func(n int) error
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.before(len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.before(len(p)); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

func (f *faultyFile) WriteAt(p []byte, off int64) (int, error) {
	if err := f.before(len(p)); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, off)
}

func TestSourcesThatChangeFailAlone(t *testing.T) {
	wav, other := jobtest.WAV(8000, 16, 1, 1<<18+10_000, 1), jobtest.WAV(8000, 16, 1, 10_000, 2)
	late := time.Now()
	modify := func(path string, change func(f *os.File) error) error {
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		return errors.Join(change(f), f.Close())
	}
	faults := map[string]struct {
		fault func(path string) error
		want  string
	}{
		"shrinks":     {func(p string) error { return os.Truncate(p, 1000) }, "while it was read"},
		"grows":       {func(p string) error { return os.Truncate(p, 2_000_000) }, "changed while it was read"},
		"vanishes":    {os.Remove, "changed while it was read"},
		"is touched":  {func(p string) error { return os.Chtimes(p, late, late) }, "changed while it was read"},
		"is replaced": {func(p string) error { return errors.Join(os.Remove(p), os.WriteFile(p, wav, 0o600)) }, "changed while it was read"},
		"changes in place, with its old time": {func(p string) error {
			info, err := os.Stat(p)
			if err != nil {
				return err
			}
			err = modify(p, func(f *os.File) error { _, err := f.WriteAt([]byte("other"), 100); return err })
			return errors.Join(err, os.Chtimes(p, info.ModTime(), info.ModTime()))
		}, "changed while it was read"},
		"cannot be read": {func(p string) error { return &fs.PathError{Op: "read", Path: p, Err: syscall.EIO} }, "input/output error"},
	}
	for name, c := range faults {
		victims := []string{"2.wav", "2.jpg"}
		if testing.Short() {
			victims = victims[:1]
		}
		for _, victim := range victims {
			t.Run(victim+" "+name, func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "dir")
				for name, content := range map[string][]byte{"1.wav": wav, victim: wav, "3.wav": other} {
					writeFile(t, filepath.Join(dir, name), content)
				}
				if victim == "2.jpg" {
					writeFile(t, filepath.Join(dir, victim), append([]byte("JFIF"), append(wav, wav...)...))
				}
				reads := 0
				e := engine()
				e.Disk = &faulty{victim: victim, read: func(path string, n int) error {
					// In the middle: the first part has been read.
					if n > 10_000 {
						reads++
					}
					if n > 10_000 && reads == 2 {
						return c.fault(path)
					}
					return nil
				}}
				e.Workers = 1
				var failed []job.Failed
				e.Events = func(ev job.Event) {
					if f, ok := ev.(job.Failed); ok {
						failed = append(failed, f)
					}
				}
				out := filepath.Join(t.TempDir(), "out.trilobyte")
				summary, err := e.Compress(context.Background(), job.CompressOptions{Paths: []string{dir}, Archive: out, Verify: true})
				if err != nil || len(failed) != 1 || !strings.HasSuffix(failed[0].Name, victim) || !strings.Contains(failed[0].Err.Error(), c.want) {
					t.Fatalf("failed: %v, error %v; want %q of %s", failed, err, c.want, victim)
				}
				if summary.Failed != 1 || len(summary.Files) != 3 {
					t.Errorf("%d failed, %d are in the archive", summary.Failed, len(summary.Files))
				}
				// What is left of the failed file does not disturb the others.
				if s, err := engine().Verify(context.Background(), out); err != nil || s.Failed > 0 || len(s.Files) != 3 {
					t.Errorf("the archive has %d files, %d damaged, error %v", len(s.Files), s.Failed, err)
				}
			})
		}
	}
}

// TestFullDisk lets the disk be full after any number of bytes.
func TestFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "dir")
	writeFile(t, filepath.Join(dir, "1.wav"), jobtest.WAV(8000, 16, 1, 1000, 1))
	writeFile(t, filepath.Join(dir, "2.txt"), []byte("text"))
	sound := compress(t, engine(), dir)
	before := contents(t, dir)
	t.Run("compress", func(t *testing.T) {
		for budget := 0; ; budget += 50 {
			out := filepath.Join(t.TempDir(), "out.trilobyte")
			e := engine()
			left := budget
			e.Disk = &faulty{budget: &left}
			_, err := e.Compress(context.Background(), job.CompressOptions{Paths: []string{dir}, Archive: out})
			if err == nil {
				break
			}
			if !errors.Is(err, syscall.ENOSPC) || !strings.Contains(err.Error(), "out.trilobyte") {
				t.Fatalf("with %d bytes left: error %v", budget, err)
			}
			if left := contents(t, filepath.Dir(out)); len(left) != 1 {
				t.Fatalf("with %d bytes left it left %v", budget, left)
			}
		}
		if after := contents(t, dir); len(after) != len(before) || after["1.wav"] != before["1.wav"] {
			t.Errorf("the sources have become %v", after)
		}
	})
	t.Run("restore", func(t *testing.T) {
		for budget := 0; ; budget += 50 {
			back := t.TempDir()
			e := engine()
			left := budget
			e.Disk = &faulty{budget: &left}
			summary, err := e.Restore(context.Background(), job.RestoreOptions{Archive: sound, Dir: back})
			if err != nil {
				t.Fatal(err)
			}
			noTemporaries(t, back)
			if summary.Failed == 0 {
				break
			}
			for name, description := range contents(t, filepath.Join(back, "dir")) {
				if name != "." && description != before[name] {
					t.Fatalf("with %d bytes left, %s was restored as %s", budget, name, description)
				}
			}
		}
	})
}

func TestTheNameIsTakenMeanwhile(t *testing.T) {
	dir := t.TempDir()
	source, out := filepath.Join(dir, "a.wav"), filepath.Join(dir, "out.trilobyte")
	writeFile(t, source, jobtest.WAV(8000, 16, 1, 1000, 1))
	e := engine()
	e.Events = func(ev job.Event) {
		if _, ok := ev.(job.Started); ok {
			writeFile(t, out, []byte("mine"))
		}
	}
	if _, err := e.Compress(context.Background(), job.CompressOptions{Paths: []string{source}, Archive: out}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("error %v, want fs.ErrExist", err)
	}
	if b, err := os.ReadFile(out); err != nil || string(b) != "mine" {
		t.Errorf("the other file has become %q, error %v", b, err)
	}
	noTemporaries(t, dir)
}

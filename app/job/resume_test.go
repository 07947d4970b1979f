package job_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
	"trilobyte/app/job/jobtest"
)

// TestWhatGoesOnIsDescribedAnew stops compression, changes something beside the content of
// files, and goes on, more than once: the archive is what it would be if it were made
// anew, and the work that was done is not done again.
func TestWhatGoesOnIsDescribedAnew(t *testing.T) {
	later := time.Unix(1_600_000_000, 9)
	for name, c := range map[string]struct {
		change func(in func(string) string) error
		again  bool // files are archived again
	}{
		"nothing":              {change: func(func(string) string) error { return nil }},
		"a mode of a folder":   {change: func(in func(string) string) error { return os.Chmod(in("a"), 0o700) }},
		"a time of a folder":   {change: func(in func(string) string) error { return os.Chtimes(in("a"), later, later) }},
		"a time of the folder": {change: func(in func(string) string) error { return os.Chtimes(in("."), later, later) }},
		"a mode of a file":     {change: func(in func(string) string) error { return os.Chmod(in("a/1.wav"), 0o444) }},
		"a time of a file":     {change: func(in func(string) string) error { return os.Chtimes(in("a/2.txt"), later, later) }},
		"a file that comes behind": {change: func(in func(string) string) error {
			return os.WriteFile(in("z.txt"), []byte("new"), 0o640)
		}},
		"a link that is a copy": {func(in func(string) string) error {
			info, err := os.Stat(in("a/3.txt"))
			return errors.Join(err, os.Remove(in("a/3.txt")), os.WriteFile(in("a/3.txt"), []byte("text"), 0o640), os.Chtimes(in("a/3.txt"), info.ModTime(), info.ModTime()))
		}, true},
		"a copy that is a link": {func(in func(string) string) error {
			return errors.Join(os.Remove(in("a/4.txt")), os.Link(in("a/2.txt"), in("a/4.txt")))
		}, true},
		"a content": {func(in func(string) string) error { return os.WriteFile(in("a/2.txt"), []byte("tixt"), 0o640) }, true},
	} {
		dir := filepath.Join(t.TempDir(), "Album")
		in := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
		writeFile(t, in("a/1.wav"), jobtest.WAV(8000, 16, 1, 500, 1))
		writeFile(t, in("a/2.txt"), []byte("text"))
		if err := os.Link(in("a/2.txt"), in("a/3.txt")); err != nil {
			t.Skip(err)
		}
		writeFile(t, in("a/4.txt"), []byte("text"))
		writeFile(t, in("b/5.wav"), jobtest.WAV(8000, 16, 1, 500, 2))
		writeFile(t, in("b/6.wav"), jobtest.WAV(8000, 16, 1, 500, 3))
		o := job.CompressOptions{Paths: []string{dir}, Archive: filepath.Join(t.TempDir(), "out.trilobyte")}
		stoppedBefore(t, o, "6.wav")
		if err := c.change(in); err != nil {
			t.Fatal(err)
		}
		kept := []int{stoppedBefore(t, o, "6.wav"), stoppedBefore(t, o, "6.wav"), stoppedBefore(t, o, "")}
		if kept[1] != 5 || kept[2] != 5 || (kept[0] == 5) == c.again {
			t.Errorf("%s: of 5 files were kept %v", name, kept)
		}
		if err := sameBytes(o.Archive, compress(t, engine(), dir)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stoppedBefore compresses until a source is opened, or to the end, and returns how many
// files that were done before were kept.
func stoppedBefore(t *testing.T, o job.CompressOptions, name string) (kept int) {
	t.Helper()
	ctx, cancel := context.WithCancelCause(t.Context())
	defer cancel(nil)
	done, reached := make(chan bool, 100), false
	e := engine()
	e.Workers = 1
	e.Events = func(ev job.Event) {
		switch ev := ev.(type) {
		case job.Resumed:
			kept = ev.Files
		case job.Done:
			if ev.Phase == job.Compressing && filepath.Base(ev.File.Name) == "5.wav" {
				done <- true
			}
		}
	}
	e.Disk = &disktest.FS{Before: func(op disktest.Op) error {
		if op.Name == "open" && filepath.Base(op.Path) == name && !reached {
			reached = true
			<-done // what comes before it is in the archive
			cancel(job.ErrSuspended)
		}
		return nil
	}}
	if _, err := e.Compress(ctx, o); (err == nil) != (name == "") {
		t.Fatal(err)
	}
	return kept
}

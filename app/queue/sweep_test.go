package queue_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"trilobyte/app/archive"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
)

// faulty is a queue on a disk on which something goes wrong, and what has come of that.
type faulty struct {
	root, dir string // what is archived, and where the archive and the journal go
	told      []string
	discarded []string
	mu        sync.Mutex
}

func (f *faulty) config(disk *disktest.FS) queue.Config {
	c := config()
	c.Engine.Disk = disk
	c.Options.Workers, c.Options.Wastebasket = 1, true
	c.Options.Folder = filepath.Join(f.dir, "archives")
	c.Journal = filepath.Join(f.dir, "state", "queue.jsonl")
	c.Notify = func(n queue.Notice) {
		f.mu.Lock()
		defer f.mu.Unlock()
		if n.Err != "" {
			f.told = append(f.told, n.Err)
		}
	}
	c.Discard = func(path string) error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.discarded = append(f.discarded, path)
		return nil
	}
	return c
}

// run has a queue on the given disk work until nothing is left to do, and closes it. It returns the job as it ended.
func (f *faulty) run(t *testing.T, disk *disktest.FS) queue.Job {
	t.Helper()
	q, err := queue.New(f.config(disk))
	if err != nil {
		f.told = append(f.told, err.Error())
	}
	defer func() {
		if err := q.Close(); err != nil {
			f.told = append(f.told, err.Error())
		}
	}()
	ids := q.IDs()
	if len(ids) == 0 {
		ids = q.Add([]string{f.root})
	}
	q.Retry(ids...)
	q.Start()
	return wait(t, q, ids[0], queue.Done, queue.Failed)
}

// isSound makes sure that an archive has what it should.
func (f *faulty) isSound(t *testing.T, j queue.Job) {
	t.Helper()
	engine := config().Engine
	summary, err := engine.Verify(context.Background(), j.Archive)
	if err != nil || summary.Failed > 0 || len(summary.Files) != 4 {
		t.Errorf("%s has %d files, of which %d fail: %v", j.Archive, len(summary.Files), summary.Failed, err)
	}
}

// TestEveryFaultOfTheDisk has each dealing of a queue with the disk fail, one at a time, and from each on all of them, as
// when a disk is unplugged or the program is killed. What the queue then says is true, originals are discarded only behind
// a sound archive, and the next start with a healthy disk finishes the job.
func TestEveryFaultOfTheDisk(t *testing.T) {
	dir, err := os.MkdirTemp("/dev/shm", "trilobyte-test-") // the disk is synced thousands of times
	if err != nil {
		dir = t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	root := filepath.Join(dir, "Album")
	if err := os.Mkdir(root, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "1.wav"), jobtest.WAV(8000, 16, 1, 300, 1))
	write(t, filepath.Join(root, "2.wav"), jobtest.WAV(8000, 16, 1, 300, 2))
	write(t, filepath.Join(root, "3.txt"), []byte("text"))

	count := 0
	var mu sync.Mutex
	counted := &disktest.FS{Before: func(disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		count++
		return nil
	}}
	f := &faulty{root: root, dir: filepath.Join(dir, "well")}
	if j := f.run(t, counted); j.State != queue.Done || j.Note != queue.NoteInWastebasket || len(f.told) > 0 {
		t.Fatalf("without faults: %+v, %q", j, f.told)
	}
	step := 1
	if testing.Short() {
		step = 7
	}
	for n := 0; n < count; n += step {
		for name, fault := range map[string]func(i int, op disktest.Op) error{
			"once": func(i int, op disktest.Op) error {
				if i != n {
					return nil
				}
				if op.Name == "write" || op.Name == "writeat" {
					return disktest.Short{Err: syscall.ENOSPC}
				}
				return syscall.EIO
			},
			"from then on": func(i int, _ disktest.Op) error {
				if i < n {
					return nil
				}
				return syscall.EIO
			},
		} {
			t.Run(fmt.Sprintf("%d %s", n, name), func(t *testing.T) {
				f := &faulty{root: root, dir: filepath.Join(dir, fmt.Sprint(n, name))}
				f.sweep(t, fault)
			})
		}
	}
}

func (f *faulty) sweep(t *testing.T, fault func(i int, op disktest.Op) error) {
	i := 0
	var failed []disktest.Op
	var mu sync.Mutex
	first := f.run(t, &disktest.FS{Before: func(op disktest.Op) error {
		mu.Lock()
		defer mu.Unlock()
		err := fault(i, op)
		i++
		if err != nil {
			failed = append(failed, op)
		}
		return err
	}})
	defer func() {
		if t.Failed() {
			t.Logf("what failed: %v\nwhat was told: %q", failed, f.told)
		}
	}()
	if len(f.discarded) > 0 && (first.State != queue.Done || !first.Verified) {
		t.Errorf("originals were discarded, but the job is %+v", first)
	}
	switch first.State {
	case queue.Done:
		f.isSound(t, first)
	case queue.Failed:
		if len(f.told) == 0 {
			t.Errorf("it failed in silence: %+v", first)
		}
	}

	told := len(f.told)
	second := f.run(t, &disktest.FS{})
	if second.State != queue.Done {
		t.Errorf("on a healthy disk: %+v", second)
	}
	f.isSound(t, second)
	if len(f.told) > told && second.Note != queue.NoteOriginalsKept {
		t.Errorf("on a healthy disk it was told: %q", f.told[told:])
	}
	if first.State == queue.Done && told == 0 && second.ID != first.ID {
		t.Error("the job was forgotten in silence")
	}
	entries, err := os.ReadDir(filepath.Join(f.dir, "archives"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), archive.Extension) {
			t.Errorf("%s was left behind", e.Name())
		}
	}
	for name, size := range map[string]int{"1.wav": 644, "2.wav": 644, "3.txt": 4} {
		if b, err := os.ReadFile(filepath.Join(f.root, name)); err != nil || len(b) != size {
			t.Errorf("the original %s has %d bytes, error %v", name, len(b), err)
		}
	}
	if err := os.RemoveAll(f.dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
}

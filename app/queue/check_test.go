package queue_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/app/job"
	"trilobyte/app/queue"
)

// archived makes an archive of an album.
func archived(t *testing.T, c queue.Config, name string) string {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, name+".trilobyte")
	if _, err := c.Engine.Compress(context.Background(), job.CompressOptions{Paths: []string{album(t, dir, name, 2)}, Archive: path}); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestChecks verifies archives as jobs: a sound one, a damaged one, and one that is gone. None of them changes, or is moved
// to the wastebasket, or counts as saved.
func TestChecks(t *testing.T) {
	c := config()
	c.Options.Wastebasket = true
	c.Discard = func(path string) error {
		t.Errorf("%s is moved to the wastebasket", path)
		return nil
	}
	sound, damaged, missing := archived(t, c, "Sound"), archived(t, c, "Damaged"), filepath.Join(t.TempDir(), "gone.trilobyte")
	content, err := os.ReadFile(damaged)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)/3] ^= 1
	if err := os.WriteFile(damaged, content, 0o666); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(sound)
	if err != nil {
		t.Fatal(err)
	}
	q := open(t, c)
	ids := q.AddChecks([]string{sound, damaged, missing})
	if again := q.AddChecks([]string{missing})[0]; again != ids[2] {
		t.Error("an archive that waits is verified twice")
	}
	if j := wait(t, q, ids[0], queue.Done, queue.Failed); j.State != queue.Done || !j.Verified || j.Files != 3 || j.ArchiveSize != int64(len(before)) {
		t.Errorf("the sound archive: %+v", j)
	}
	if f, _ := q.FileAt(ids[0], 0); f.State != queue.Done {
		t.Errorf("its first file: %+v", f)
	}
	if j := wait(t, q, ids[1], queue.Done, queue.Failed); j.State != queue.Failed || j.Failed != 1 {
		t.Errorf("the damaged archive: %+v", j)
	}
	if j := wait(t, q, ids[2], queue.Done, queue.Failed); j.State != queue.Failed || j.Err == "" {
		t.Errorf("the archive that is gone: %+v", j)
	}
	if o := q.Overview(); o.Totals != (queue.Totals{}) {
		t.Errorf("verifying counts as %+v", o.Totals)
	}
	if after, err := os.ReadFile(sound); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the archive has changed: %v", err)
	}
}

// TestChecksComeBack closes the queue before an archive is verified.
func TestChecksComeBack(t *testing.T) {
	c := config()
	c.Journal = filepath.Join(t.TempDir(), "queue.jsonl")
	path := archived(t, c, "Album")
	c.Paused = true
	q := open(t, c)
	id := q.AddChecks([]string{path})[0]
	wait(t, q, id, queue.Waiting)
	if j, _ := q.Job(id); j.CanChange() {
		t.Error("it can be made in another way")
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	q = open(t, c)
	q.Start()
	if j := wait(t, q, id, queue.Done, queue.Failed); j.State != queue.Done || j.Way != queue.Check {
		t.Errorf("after that: %+v", j)
	}
	q.Remove(id)
	gone(t, q, id)
	if _, err := os.Stat(path); err != nil {
		t.Errorf("the archive goes with its job: %v", err)
	}
}

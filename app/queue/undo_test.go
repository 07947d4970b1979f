package queue_test

import (
	"path/filepath"
	"slices"
	"testing"

	"trilobyte/app/queue"
)

// TestUndo takes jobs out that are done, in work and waiting, and puts them back, also after a restart.
func TestUndo(t *testing.T) {
	dir := t.TempDir()
	tokens := make(chan struct{}, 2)
	c := config()
	c.Journal = filepath.Join(t.TempDir(), "queue.jsonl")
	c.Engine.Codec = slow(tokens)
	q := open(t, c)
	if q.Undo() {
		t.Error("nothing was removed, but something comes back")
	}
	tokens <- struct{}{}
	ids := q.Add([]string{album(t, dir, "A", 1), album(t, dir, "B", 1), album(t, dir, "C", 1)})
	done := wait(t, q, ids[0], queue.Done)
	wait(t, q, ids[1], queue.Compressing)
	totals := q.Overview().Totals
	q.Remove(ids[0], ids[2])
	q.Remove(ids[1])
	gone(t, q, ids[1])
	if n := len(q.IDs()); n != 0 {
		t.Fatalf("%d jobs stay", n)
	}
	q.Pause()
	for q.Undo() {
	}
	if got := q.IDs(); !slices.Equal(got, ids) {
		t.Errorf("there is %v, want %v", got, ids)
	}
	if j, _ := q.Job(ids[0]); j.State != queue.Done || j.ArchiveSize != done.ArchiveSize || q.Overview().Totals != totals {
		t.Errorf("what was done: %+v", j)
	}
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
	close(tokens)
	q = open(t, c)
	q.Start()
	for _, id := range ids {
		if j := wait(t, q, id, queue.Done, queue.Failed); j.State != queue.Done || !j.Verified {
			t.Errorf("after that: %+v", j)
		}
	}
	q.Remove(ids[0])
	q.Add([]string{filepath.Join(dir, "A")})
	q.Undo()
	if n := len(q.IDs()); n != 4 {
		t.Errorf("%d jobs, want the done one and the new one of a folder", n)
	}
	q.Clear()
	for !q.Undo() {
	}
}

// TestUndoOfWhatWasAddedAgain does not archive a folder twice.
func TestUndoOfWhatWasAddedAgain(t *testing.T) {
	c := config()
	c.Paused = true
	q := open(t, c)
	root := album(t, t.TempDir(), "A", 1)
	first := q.Add([]string{root})[0]
	wait(t, q, first, queue.Waiting)
	q.Remove(first)
	second := q.Add([]string{root})[0]
	q.Undo()
	if got := q.IDs(); !slices.Equal(got, []queue.ID{second}) {
		t.Errorf("there is %v", got)
	}
}

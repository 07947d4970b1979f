package queue_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"trilobyte/app/queue"
)

// gone waits until a job is out of the queue.
func gone(t *testing.T, q *queue.Queue, id queue.ID) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		if _, ok := q.Job(id); !ok {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the job stays in the queue")
		}
	}
}

// TestWhatWasRemovedOrCancelledDoesNotComeBack closes the queue before the job has let go of its work.
func TestWhatWasRemovedOrCancelledDoesNotComeBack(t *testing.T) {
	for name, end := range map[string]func(*queue.Queue, queue.ID){
		"removed":   func(q *queue.Queue, id queue.ID) { q.Remove(id) },
		"cancelled": func(q *queue.Queue, id queue.ID) { q.Cancel(id) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			c := config()
			c.Journal = filepath.Join(t.TempDir(), "queue.jsonl")
			c.Engine.Codec = slow(make(chan struct{}))
			q := open(t, c)
			id := q.Add([]string{album(t, dir, "Album", 2)})[0]
			wait(t, q, id, queue.Compressing)
			end(q, id)
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
			if names := leftovers(t, dir); len(names) > 0 {
				t.Errorf("left behind: %q", names)
			}
			q = open(t, c)
			if j, there := q.Job(id); name == "removed" && there || name == "cancelled" && j.State != queue.Cancelled {
				t.Errorf("it comes back as %q", j.State)
			}
		})
	}
}

// TestRemovedAndAddedAgain adds a folder again whose job is only about to end: its archive keeps its name.
func TestRemovedAndAddedAgain(t *testing.T) {
	dir := t.TempDir()
	root := album(t, dir, "Album", 2)
	tokens := make(chan struct{})
	c := config()
	c.Engine.Codec = slow(tokens)
	c.Options.Jobs = 2
	q := open(t, c)
	first := q.Add([]string{root})[0]
	wait(t, q, first, queue.Compressing)
	q.Remove(first)
	second := q.Add([]string{root})[0]
	if first == second {
		t.Fatal("the job that was removed goes on")
	}
	gone(t, q, first)
	close(tokens)
	if j := wait(t, q, second, queue.Done, queue.Failed); j.State != queue.Done || j.Archive != root+".trilobyte" {
		t.Errorf("%+v", j)
	}
}

// TestRemovedInEveryState leaves nothing in the queue, or of the archive.
func TestRemovedInEveryState(t *testing.T) {
	for _, state := range []queue.State{queue.Reading, queue.Waiting, queue.Compressing, queue.Cancelling, queue.Cancelled, queue.Done} {
		t.Run(string(state), func(t *testing.T) {
			dir := t.TempDir()
			tokens := make(chan struct{})
			c := config()
			c.Engine.Codec = slow(tokens)
			c.Paused = state == queue.Reading || state == queue.Waiting
			q := open(t, c)
			id := q.Add([]string{album(t, dir, "Album", 2)})[0]
			switch state {
			case queue.Reading:
			case queue.Cancelling, queue.Cancelled:
				wait(t, q, id, queue.Compressing)
				q.Cancel(id)
				if state == queue.Cancelled {
					wait(t, q, id, queue.Cancelled)
				}
			case queue.Done:
				close(tokens)
				wait(t, q, id, queue.Done)
			default:
				wait(t, q, id, state)
			}
			q.Remove(id)
			q.Remove(id)
			gone(t, q, id)
			if o := q.Overview(); o.Jobs != 0 || o.Active != 0 || o.Totals != (queue.Totals{}) {
				t.Errorf("the queue has %+v", o)
			}
			want := 0
			if state == queue.Done {
				want = 1 // its archive
			}
			if err := q.Close(); err != nil {
				t.Fatal(err)
			}
			if names := leftovers(t, dir); len(names) != want {
				t.Errorf("in the folder is %q", names)
			}
			if _, err := os.Stat(filepath.Join(dir, "Album", "00.wav")); err != nil {
				t.Error(err)
			}
		})
	}
}

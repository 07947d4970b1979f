package queue_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"trilobyte/app/queue"
)

// TestNoticesAreInOrder adds jobs that fail at once: the notice that a job was added comes first nevertheless.
func TestNoticesAreInOrder(t *testing.T) {
	const jobs = 500
	var mu sync.Mutex
	told := map[queue.ID][]queue.NoticeKind{}
	c := config()
	c.Notify = func(n queue.Notice) {
		mu.Lock()
		defer mu.Unlock()
		told[n.Job.ID] = append(told[n.Job.ID], n.Kind)
	}
	q := open(t, c)
	dir := t.TempDir()
	for i := range jobs {
		ids := q.Add([]string{filepath.Join(dir, fmt.Sprint("missing", i))})
		wait(t, q, ids[0], queue.Failed)
	}
	q.Close()
	mu.Lock()
	defer mu.Unlock()
	for id, kinds := range told {
		if id != 0 && kinds[0] != queue.JobAdded {
			t.Fatalf("job %d: %v", id, kinds)
		}
	}
}

package queue

import (
	"slices"
	"time"
)

// Version changes whenever jobs or files come, go or move.
func (q *Queue) Version() uint64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.version
}

// IDs returns the jobs, in their order.
func (q *Queue) IDs() []ID {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.order()
}

// Job returns a job as it stands. ok is false if it is no longer in the queue.
func (q *Queue) Job(id ID) (j Job, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil {
		return Job{}, false
	}
	return e.now(), true
}

func (e *entry) now() Job {
	j := e.Job
	if e.progress != nil {
		j.Progress = e.progress.Now()
		if e.using != nil {
			j.GPUs, j.Cores = e.using()
		}
	}
	return j
}

// FileAt returns file i, from 0, of a job. ok is false if it has none such.
func (q *Queue) FileAt(id ID, i int) (f File, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || i < 0 || i >= len(e.files) {
		return File{}, false
	}
	return e.files[i], true
}

// Overview returns how the whole queue stands.
func (q *Queue) Overview() Overview {
	q.mu.Lock()
	defer q.mu.Unlock()
	o := Overview{Paused: q.paused, Jobs: len(q.jobs), Active: q.active, Totals: q.totals}
	var bytes, done, rate float64
	for _, e := range q.jobs {
		size := float64(max(e.Size, 1))
		o.ArchiveSize += e.ArchiveSize
		switch {
		case e.State == Failed:
			o.Failed++
			o.Finished++
		case e.State.Finished():
			o.Finished++
		case e.progress != nil:
			r := e.progress.Now()
			bytes += size
			done += size * r.Fraction
			rate += size * r.Rate
			o.Speed += r.Speed
			continue
		default:
			o.Waiting++
			bytes += size
			continue
		}
		if e.State == Done {
			o.Done++
			bytes += size
			done += size
		}
	}
	if bytes > 0 {
		o.Fraction = done / bytes
	}
	if rate > 0 {
		o.Left = time.Duration((bytes - done) / rate * float64(time.Second))
	}
	return o
}

// History returns how the comparison has developed, a few hundred points at
// most.
func (q *Queue) History() []Point {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.history.points)
}

package queue

import (
	"slices"

	"trilobyte/app/job"
)

// Picture is what is known of the recording that a job compresses: its beginning,
// in stretches.
type Picture struct {
	Name      string // of the file in the archive; "" if there is none
	Size      int64  // bytes of the file
	Stretches []job.Stretch
}

// add adds what was measured last of a file of so many bytes. Another file begins a new
// picture.
func (p *Picture) add(m job.Measured, size int64) {
	if p.Name != m.Name {
		*p = Picture{Name: m.Name, Size: size}
	}
	p.Stretches = append(p.Stretches, m.Stretch)
}

// forgetPictures forgets those of jobs that have ended, and that of a job which is
// about to begin. q.mu is held.
func (q *Queue) forgetPictures(begins *entry) {
	for _, e := range q.jobs {
		if e == begins || e.State.Finished() {
			e.picture = Picture{}
		}
	}
}

// Picture returns the picture of the recording that a job is compressing, or has
// compressed last. It is kept until another job begins.
func (q *Queue) Picture(id ID) Picture {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || e.picture.Name == "" {
		return Picture{}
	}
	p := e.picture
	p.Stretches = slices.Clip(p.Stretches) // more are added behind them
	return p
}

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

// add adds what was measured last. Another recording begins a new picture.
func (p *Picture) add(m job.Measured) {
	if p.Name != m.Name {
		*p = Picture{Name: m.Name}
	}
	p.Stretches = append(p.Stretches, m.Stretch)
}

// Picture returns the picture of the recording that a job in work has compressed
// last, or is compressing.
func (q *Queue) Picture(id ID) Picture {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || e.picture.Name == "" {
		return Picture{}
	}
	p := e.picture
	p.Stretches = slices.Clip(p.Stretches) // more are added behind them
	if f := e.file(p.Name); f != nil {
		p.Size = f.Size
	}
	return p
}

package progress

import (
	"math"
	"testing"
	"time"

	"trilobyte/app/job"
)

// clock is a clock that tests move.
type clock struct{ t time.Time }

func (c *clock) now() time.Time       { return c.t }
func (c *clock) move(d time.Duration) { c.t = c.t.Add(d) }

func TestTwoPhasesAreHalfTheWorkEach(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	p := newProgress(2, c.now)
	if r := p.Now(); r.Fraction != 0 || r.Left != 0 || r.Speed != 0 {
		t.Errorf("before it begins: %+v", r)
	}
	p.Event(job.Planned{Phase: job.Compressing, Files: 2, Bytes: 1000})
	c.move(10 * time.Second)
	p.Event(job.Progress{Phase: job.Compressing, Added: 500, Audio: 30 * time.Second})
	r := p.Now()
	if r.Fraction != 0.25 || r.Speed != 3 || r.Left != 30*time.Second {
		t.Errorf("after a quarter: %+v, want fraction 0.25, speed 3, 30 s left", r)
	}
	p.Event(job.Progress{Phase: job.Compressing, Added: 500, Audio: 30 * time.Second})
	p.Event(job.Done{Phase: job.Compressing})
	c.move(10 * time.Second)
	p.Event(job.Planned{Phase: job.Verifying, Files: 2, Bytes: 1000})
	if r := p.Now(); r.Fraction != 0.5 || r.Finished != 0 || r.Phase != job.Verifying {
		t.Errorf("at half: %+v", r)
	}
	c.move(5 * time.Second)
	p.Event(job.Progress{Phase: job.Verifying, Added: 1000, Audio: time.Minute})
	if r := p.Now(); r.Fraction != 1 || r.Speed != 12 || r.Left != 0 {
		t.Errorf("at the end: %+v, want fraction 1, speed 12, nothing left", r)
	}
}

func TestPausesDoNotCount(t *testing.T) {
	c := &clock{time.Unix(1000, 0)}
	p := newProgress(1, c.now)
	p.Event(job.Planned{Phase: job.Restoring, Bytes: 100})
	c.move(4 * time.Second)
	p.Pause()
	c.move(time.Hour)
	p.Resume()
	p.Resume()
	p.Event(job.Progress{Added: 25, Audio: 8 * time.Second})
	r := p.Now()
	if r.Elapsed != 4*time.Second || r.Speed != 2 || math.Abs(r.Left.Seconds()-12) > 1e-6 {
		t.Errorf("%+v, want 4 s elapsed, speed 2, 12 s left", r)
	}
}

func TestEmptyJobsAndFailures(t *testing.T) {
	p := New(1)
	p.Event(job.Planned{Phase: job.Verifying})
	p.Event(job.Failed{})
	if r := p.Now(); r.Fraction != 1 || r.Failed != 1 {
		t.Errorf("%+v, want fraction 1 and one failure", r)
	}
}

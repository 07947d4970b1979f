// Package progress turns the events of a job into what people want to know of it:
// how much is done, how fast it goes, how long it will take.
package progress

import (
	"sync"
	"time"

	"trilobyte/app/job"
)

// Progress follows one job. Its methods may be called from any goroutine.
type Progress struct {
	now    func() time.Time
	phases int // that the job has

	mu      sync.Mutex
	state   Snapshot
	phase   int           // number of the phase, from 1
	before  time.Duration // that the phases took before the last pause
	resumed time.Time     // when time began to run again; zero in a pause
	audio   time.Duration // coded in this phase
	begun   time.Duration // when this phase began, of the time that ran
	total   int64         // bytes of this phase
	done    int64         // of these
}

// Snapshot is the state of a job at one moment.
type Snapshot struct {
	Phase    job.Phase // "" before the first one
	Files    int       // of this phase
	Finished int       // of these
	Failed   int       // in all phases
	Bytes    int64     // of the original files in this phase
	Fraction float64   // of the whole job that is done, 0 to 1
	Speed    float64   // x real time, in this phase; 0 if unknown
	Rate     float64   // of the whole job, in fractions a second; 0 if unknown
	Elapsed  time.Duration
	Left     time.Duration // 0 if unknown
}

// New returns the progress of a job that has the given number of phases: 2 of one
// that compresses and verifies, 1 of others.
func New(phases int) *Progress { return newProgress(phases, time.Now) }

func newProgress(phases int, now func() time.Time) *Progress {
	return &Progress{phases: max(phases, 1), now: now, resumed: now()}
}

// Event takes an event of the job.
func (p *Progress) Event(ev job.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch ev := ev.(type) {
	case job.Planned:
		p.phase = min(p.phase+1, p.phases)
		p.state.Phase, p.state.Files, p.state.Bytes, p.state.Finished = ev.Phase, ev.Files, ev.Bytes, 0
		p.total, p.done, p.audio, p.begun = ev.Bytes, 0, 0, p.elapsed()
	case job.Progress:
		p.done += ev.Added
		p.audio += ev.Audio
	case job.Done:
		p.state.Finished++
	case job.Failed:
		p.state.Failed++
	}
}

// Pause stops the clock.
func (p *Progress) Pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before, p.resumed = p.elapsed(), time.Time{}
}

// Resume lets the clock run on.
func (p *Progress) Resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.resumed.IsZero() {
		p.resumed = p.now()
	}
}

func (p *Progress) elapsed() time.Duration {
	if p.resumed.IsZero() {
		return p.before
	}
	return p.before + p.now().Sub(p.resumed)
}

// estimable is from when on there is a guess at the speed and the time left.
const estimable = time.Second / 2

// Now returns how the job stands now.
func (p *Progress) Now() Snapshot {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.state
	now.Elapsed = p.elapsed()
	if p.phase == 0 {
		return now
	}
	within := 1.0
	if p.total > 0 {
		within = min(float64(p.done)/float64(p.total), 1)
	}
	now.Fraction = (float64(p.phase-1) + within) / float64(p.phases)
	if inPhase := now.Elapsed - p.begun; inPhase >= estimable {
		now.Speed = p.audio.Seconds() / inPhase.Seconds()
	}
	if now.Elapsed >= estimable && now.Fraction > 0 {
		now.Rate = now.Fraction / now.Elapsed.Seconds()
		now.Left = time.Duration((1 - now.Fraction) / now.Rate * float64(time.Second))
	}
	return now
}

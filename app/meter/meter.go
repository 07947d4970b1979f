// Package meter turns the events of a job into what people want to know of it:
// how much is done, how fast it goes, how long it will take.
package meter

import (
	"sync"
	"time"

	"trilobyte/app/job"
)

// Meter follows one job. Its methods may be called from any goroutine.
type Meter struct {
	now   func() time.Time
	steps int // that the job has

	mu      sync.Mutex
	reading Reading
	step    int           // number of the step, from 1
	before  time.Duration // that the steps took before the last pause
	resumed time.Time     // when time began to run again; zero in a pause
	audio   time.Duration // coded in this step
	begun   time.Duration // when this step began, of the time that ran
	total   int64         // bytes of this step
	done    int64         // of these
}

// Reading is the state of a job at one moment.
type Reading struct {
	Step     job.Step // "" before the first one
	Files    int      // of this step
	Finished int      // of these
	Failed   int      // in all steps
	Bytes    int64    // of the original files in this step
	Fraction float64  // of the whole job that is done, 0 to 1
	Speed    float64  // x real time, in this step; 0 if unknown
	Rate     float64  // of the whole job, in fractions a second; 0 if unknown
	Elapsed  time.Duration
	Left     time.Duration // 0 if unknown
}

// New returns the meter of a job that has the given number of steps: 2 of one
// that compresses and verifies, 1 of others.
func New(steps int) *Meter { return newMeter(steps, time.Now) }

func newMeter(steps int, now func() time.Time) *Meter {
	return &Meter{steps: max(steps, 1), now: now, resumed: now()}
}

// Event takes an event of the job.
func (m *Meter) Event(ev job.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch ev := ev.(type) {
	case job.Planned:
		m.step = min(m.step+1, m.steps)
		m.reading.Step, m.reading.Files, m.reading.Bytes, m.reading.Finished = ev.Step, ev.Files, ev.Bytes, 0
		m.total, m.done, m.audio, m.begun = ev.Bytes, 0, 0, m.elapsed()
	case job.Progress:
		m.done += ev.Added
		m.audio += ev.Audio
	case job.Done:
		m.reading.Finished++
	case job.Failed:
		m.reading.Failed++
	}
}

// Pause stops the clock.
func (m *Meter) Pause() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.before, m.resumed = m.elapsed(), time.Time{}
}

// Resume lets the clock run on.
func (m *Meter) Resume() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resumed.IsZero() {
		m.resumed = m.now()
	}
}

func (m *Meter) elapsed() time.Duration {
	if m.resumed.IsZero() {
		return m.before
	}
	return m.before + m.now().Sub(m.resumed)
}

// estimable is from when on there is a guess at the speed and the time left.
const estimable = time.Second / 2

// Reading returns how the job stands now.
func (m *Meter) Reading() Reading {
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.reading
	r.Elapsed = m.elapsed()
	if m.step == 0 {
		return r
	}
	within := 1.0
	if m.total > 0 {
		within = min(float64(m.done)/float64(m.total), 1)
	}
	r.Fraction = (float64(m.step-1) + within) / float64(m.steps)
	if inStep := r.Elapsed - m.begun; inStep >= estimable {
		r.Speed = m.audio.Seconds() / inStep.Seconds()
	}
	if r.Elapsed >= estimable && r.Fraction > 0 {
		r.Rate = r.Fraction / r.Elapsed.Seconds()
		r.Left = time.Duration((1 - r.Fraction) / r.Rate * float64(time.Second))
	}
	return r
}

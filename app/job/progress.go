package job

import (
	"sync"
	"sync/atomic"
	"time"

	"trilobyte/codec/wav"
)

// track is the progress of a file, whose parts are in work on several
// goroutines.
type track struct {
	report *report
	name   string
	size   int64 // bytes of the original
	done   atomic.Int64
	begun  sync.Once
}

// started says that a part of the file is in work.
func (t *track) started() {
	t.begun.Do(func() { t.report.send(Started{t.report.step, t.name, t.size}) })
}

// add says that n more bytes are through, which are audio of the given format,
// or not audio if it is nil.
func (t *track) add(n int64, format *wav.Format) {
	if n <= 0 {
		return
	}
	p := Progress{Step: t.report.step, Name: t.name, Done: t.done.Add(n), Added: n}
	if format != nil {
		frames := n / int64(format.FrameBytes())
		p.Audio = time.Duration(frames) * time.Second / time.Duration(format.SampleRate)
	}
	t.report.send(p)
}

// meter is the progress of a segment while it is coded.
type meter struct {
	track  *track
	format wav.Format
	coded  int64 // bytes
	sent   int64 // of these
	next   time.Time
}

// newMeter returns the progress of a segment that is about to be coded.
func newMeter(t *track, format wav.Format) *meter {
	return &meter{track: t, format: format, next: time.Now().Add(firstEvent)}
}

// A meter sends its first event soon, so that something is seen to happen, and then one in each interval.
const (
	firstEvent    = 50 * time.Millisecond
	meterInterval = 250 * time.Millisecond
)

// add says that so many more samples are coded. Coders call it as their progress.
func (m *meter) add(samples int) {
	m.coded += int64(samples) * int64(m.format.ContainerBits/8)
	if now := time.Now(); !now.Before(m.next) {
		m.send(m.coded)
		m.next = now.Add(meterInterval)
	}
}

// send says that so many bytes of the segment are coded, a whole number of
// frames.
func (m *meter) send(coded int64) {
	coded -= coded % int64(m.format.FrameBytes())
	m.track.add(coded-m.sent, &m.format)
	m.sent = coded
}

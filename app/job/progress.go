package job

import (
	"sync"
	"sync/atomic"
	"time"

	"trilobyte/codec/recording"
)

// fileProgress is the progress of a file, whose parts are in work on several
// goroutines.
type fileProgress struct {
	report *report
	name   string
	size   int64 // bytes of the original
	done   atomic.Int64
	begun  sync.Once
}

// started says that a part of the file is in work.
func (f *fileProgress) started() {
	f.begun.Do(func() { f.report.send(Started{f.report.phase, f.name, f.size}) })
}

// add says that n more bytes are through, which are audio of the given format,
// or not audio if it is the zero Format.
func (f *fileProgress) add(n int64, format recording.Format) {
	if n <= 0 {
		return
	}
	p := Progress{Phase: f.report.phase, Name: f.name, Done: f.done.Add(n), Added: n}
	if format.Channels > 0 {
		frames := n / int64(format.FrameBytes())
		p.Audio = time.Duration(frames) * time.Second / time.Duration(format.SampleRate)
	}
	f.report.send(p)
}

// segmentProgress is the progress of a part of a recording while it is coded.
type segmentProgress struct {
	file   *fileProgress
	format recording.Format
	coded  int64     // bytes
	sent   int64     // of these
	next   time.Time // when the next event is due
}

// newSegmentProgress returns the progress of a part that is about to be coded.
func newSegmentProgress(file *fileProgress, format recording.Format) *segmentProgress {
	return &segmentProgress{file: file, format: format, next: time.Now().Add(firstEvent)}
}

// The first event comes soon, so that something is seen to happen, then one in each interval.
const (
	firstEvent    = 50 * time.Millisecond
	eventInterval = 250 * time.Millisecond
)

// add says that so many more samples are coded. Coders call it as their progress.
func (s *segmentProgress) add(samples int) {
	s.coded += int64(samples) * int64(s.format.Width)
	if now := time.Now(); !now.Before(s.next) {
		s.send(s.coded)
		s.next = now.Add(eventInterval)
	}
}

// send says that so many bytes are coded, of audio a whole number of frames.
func (s *segmentProgress) send(coded int64) {
	if s.format.Channels > 0 {
		coded -= coded % int64(s.format.FrameBytes())
	}
	s.file.add(coded-s.sent, s.format)
	s.sent = coded
}

package job

import (
	"sync"
	"sync/atomic"
	"time"

	"trilobyte/codec/stream"
)

// fileProgress is the progress of a file, whose parts are in work on several
// goroutines.
type fileProgress struct {
	report *report
	name   string
	size   int64 // bytes of the original
	shared bool  // some of them count for the inspection
	done   atomic.Int64
	begun  sync.Once
}

// inspectionShare is the part of a file's bytes that counts as done when it has
// been inspected: a FLAC file, which is decoded for that and made again. It takes
// about a twentieth of the time that coding takes.
const inspectionShare = 16

// started says that a part of the file is in work.
func (f *fileProgress) started() {
	f.begun.Do(func() { f.report.send(Started{f.report.phase, f.name, f.size}) })
}

// inspecting says that the file is being inspected, which takes a while.
func (f *fileProgress) inspecting() {
	f.shared = true
	f.started()
}

// inspected says that n more bytes are.
func (f *fileProgress) inspected(n int) { f.through(int64(n)/inspectionShare, 0) }

// add says that n more bytes are coded, which hold audio of the given length.
func (f *fileProgress) add(n int64, audio time.Duration) {
	if f.shared {
		n -= (n + inspectionShare - 1) / inspectionShare
	}
	f.through(n, audio)
}

// end says that all of the file is through, with what is not audio.
func (f *fileProgress) end() { f.through(f.size-f.done.Load(), 0) }

// through says that n more bytes are.
func (f *fileProgress) through(n int64, audio time.Duration) {
	if n > 0 || audio > 0 {
		f.report.send(Progress{Phase: f.report.phase, Name: f.name, Done: f.done.Add(n), Added: n, Audio: audio})
	}
}

// segmentProgress is the progress of a part of a recording while it is coded.
type segmentProgress struct {
	file    *fileProgress
	place   stream.Place
	samples int64     // coded, over all channels
	frames  int64     // of which an event has told
	bytes   int64     // of the part, likewise
	next    time.Time // when the next event is due
}

// newSegmentProgress returns the progress of a part that is about to be coded.
func newSegmentProgress(file *fileProgress, place stream.Place) *segmentProgress {
	return &segmentProgress{file: file, place: place, next: time.Now().Add(firstEvent)}
}

// The first event comes soon, so that something is seen to happen, then one in each interval.
const (
	firstEvent    = 50 * time.Millisecond
	eventInterval = 250 * time.Millisecond
)

// add says that so many more samples are coded. Coders call it as their progress.
func (s *segmentProgress) add(samples int) {
	s.samples += int64(samples)
	if now := time.Now(); !now.Before(s.next) {
		frames := min(s.samples/int64(s.place.Format.Channels), s.place.Frames)
		s.send(frames, s.place.Size*frames/s.place.Frames)
		s.next = now.Add(eventInterval)
	}
}

// end says that all of the part is coded.
func (s *segmentProgress) end() { s.send(s.place.Frames, s.place.Size) }

// send says that so many frames and bytes of the part are coded.
func (s *segmentProgress) send(frames, bytes int64) {
	audio := time.Duration(0)
	if s.place.Audio() {
		audio = time.Duration(frames-s.frames) * time.Second / time.Duration(s.place.Format.SampleRate)
	}
	s.file.add(bytes-s.bytes, audio)
	s.frames, s.bytes = frames, bytes
}

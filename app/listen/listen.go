// Package listen plays recordings straight from an archive: it decodes the
// segment that is to be heard and the next one, and hands the sound on as a
// player takes it.
//
// A segment is heard while it is decoded, after what comes before the place in it,
// which takes as long as decoding that: nothing at the beginning of a segment, all
// of it, mostly of nine seconds of sound, at its end (up to half a minute in
// recordings of less than that, up to a minute and a half of CD audio where a
// recording of up to a quarter of an hour repeats itself). Whether a segment is damaged is known when all of it is
// decoded. Then there is no more sound of it, but an error; what was heard of it
// before may have been wrong. The segment after the one that is heard is decoded
// ahead, so that this concerns only the first one after a jump, unless the computer
// is hardly faster than the sound. What is not damaged can be heard. Floats are heard
// when their segment is decoded.
//
// The sound is for finding out what is in a file: two channels at one sample
// rate, interpolated between the samples by a cubic (Catmull and Rom). Of files
// with more channels, the first two are heard; of files with audio of several
// sample rates, what has that of the first.
package listen

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"sync"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// SampleRate is that of the sound that Read returns, in Hz.
const SampleRate = 48000

// FrameBytes is the size of a frame of it: two 32-bit floats, little-endian.
const FrameBytes = 8

// Device plays sound.
type Device interface {
	// Play starts to play what r returns: frames as Read has them. The error
	// says that there is no device that can be used.
	Play(r io.Reader) (Playing, error)
}

// Playing is a sound that is being played.
type Playing interface {
	SetPaused(paused bool)
	Flush() // forgets what was read but has not been heard: after a jump
	Close()
}

// Track is a file that is being played. Its methods may be called from any
// goroutine.
type Track struct {
	archive *archive.Archive
	entry   *archive.Entry
	decoder *stream.Decoder
	parts   []int   // the segments, as numbers of parts
	starts  []int64 // of each segment in frames, and the end
	rate    float64
	cancel  context.CancelFunc
	ended   chan struct{}

	mu       sync.Mutex
	wake     sync.Cond
	position float64 // of the next frame that Read returns, in frames of the file
	waiting  bool    // until there is enough to go on with: see missing
	segments map[int]*segment
	working  int                // the segment in work
	abandon  context.CancelFunc // ends that work
	decoded  int64              // samples of it
	peaks    []float32          // see Peaks
	closed   bool
}

// ErrNotAudio says that a file cannot be played.
var ErrNotAudio = errors.New("it is not compressed audio, which is all that can be played")

// Open starts to decode a file of an archive.
func Open(codec job.Codec, path, name string) (*Track, error) {
	a, err := archive.Open(disk.OS{}, path)
	if err != nil {
		return nil, err
	}
	t, err := open(codec, a, name)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", name, err), a.Close())
	}
	return t, nil
}

func open(codec job.Codec, a *archive.Archive, name string) (*Track, error) {
	entry, err := job.Entry(a, name)
	if err != nil {
		return nil, err
	}
	if entry.Kind != archive.KindRecording {
		return nil, ErrNotAudio
	}
	decoder, err := codec.Recordings(a).Open(entry)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	t := &Track{
		archive: a, entry: entry, decoder: decoder, starts: []int64{0}, cancel: cancel, ended: make(chan struct{}),
		waiting: true, segments: map[int]*segment{}, peaks: noPeaks(),
	}
	t.wake.L = &t.mu
	rate := decoder.Header().Format().SampleRate
	t.rate = float64(rate)
	for i := range decoder.Parts() {
		if p := decoder.Place(i); p.Audio() && p.Format.SampleRate == rate {
			t.parts = append(t.parts, i)
			t.starts = append(t.starts, t.frames()+p.Frames)
		}
	}
	go t.decode(ctx)
	return t, nil
}

// frames is how many there are.
func (t *Track) frames() int64 { return t.starts[len(t.starts)-1] }

// segmentAt returns the segment that a position is in, or the number of all.
func (t *Track) segmentAt(position float64) int {
	return sort.Search(len(t.parts), func(i int) bool { return t.starts[i+1] > int64(position) })
}

// wanted returns the segment to decode next, or -1. Others than the one that is
// heard and those beside it are forgotten.
func (t *Track) wanted() int {
	current := t.segmentAt(t.position)
	for i := range t.segments {
		if i != current && i != current+1 && i != current-1 {
			delete(t.segments, i)
		}
	}
	for _, i := range []int{current, current + 1} {
		if i < len(t.parts) && !t.segments[i].ended() {
			return i
		}
	}
	return -1
}

// decode decodes what will be heard, until the track is closed.
func (t *Track) decode(ctx context.Context) {
	defer close(t.ended)
	for {
		t.mu.Lock()
		next := t.wanted()
		for next < 0 && !t.closed {
			t.wake.Wait()
			next = t.wanted()
		}
		if t.closed {
			t.mu.Unlock()
			return
		}
		work, abandon := context.WithCancel(ctx)
		t.working, t.abandon, t.decoded = next, abandon, 0
		s := newSegment(t.decoder.Place(t.parts[next]))
		t.segments[next] = s
		t.mu.Unlock()
		t.decodeSegment(work, next, s)
		abandon()
	}
}

// Read implements io.Reader: it returns whole frames of interleaved 32-bit
// floats, left and right, at SampleRate. Where nothing is decoded yet it
// returns silence, and does not move on.
func (t *Track) Read(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p = p[:len(p)-len(p)%FrameBytes]
	if t.closed || t.position >= float64(t.frames()) {
		return 0, io.EOF
	}
	before := t.segmentAt(t.position)
	n := 0
	for ; n < len(p) && t.position < float64(t.frames()); n += FrameBytes {
		left, right := float32(0), float32(0)
		if t.waiting = t.missing() > 0; !t.waiting {
			left, right = t.interpolate()
			t.position += t.rate / SampleRate
		} else if err := t.segments[t.segmentAt(t.position)].failed(); err != nil {
			return n, err
		}
		binary.LittleEndian.PutUint32(p[n:], math.Float32bits(left))
		binary.LittleEndian.PutUint32(p[n+4:], math.Float32bits(right))
	}
	if t.segmentAt(t.position) != before {
		t.wake.Signal()
	}
	return n, nil
}

// missing is how many frames have to be decoded before the sound goes on: those that
// interpolate reads, or, where it stands still, half a second, so that it does not
// stutter.
func (t *Track) missing() int64 {
	at := t.segmentAt(t.position)
	s, size := t.segments[at], t.starts[at+1]-t.starts[at]
	if s != nil && s.whole {
		return 0
	}
	ahead := 3.
	if t.waiting {
		ahead = t.rate / 2
	}
	return max(0, min(int64(t.position+ahead)-t.starts[at], size)-s.frames())
}

// interpolate returns the sound at the position, where no frames are missing.
func (t *Track) interpolate() (left, right float32) {
	frame := int64(t.position)
	fraction := t.position - float64(frame)
	at := t.segmentAt(t.position)
	channels, start := t.segments[at].channels, t.starts[at]
	value := func(channel int) float32 {
		samples := channels[channel]
		at := func(i int64) float64 {
			return float64(samples[min(max(i-start, 0), int64(len(samples)-1))])
		}
		a, b, c, d := at(frame-1), at(frame), at(frame+1), at(frame+2)
		cubic := b + fraction/2*(c-a+fraction*(2*a-5*b+4*c-d+fraction*(3*(b-c)+d-a)))
		return float32(cubic)
	}
	left = value(0)
	if len(channels) == 1 {
		return left, left
	}
	return left, value(1)
}

// Seek goes to a time. What is before the beginning or behind the end is put
// there. A segment in work that will not be heard soon is given up, so that
// nothing there waits for it.
func (t *Track) Seek(to time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.position, t.waiting = min(max(math.Floor(to.Seconds()*t.rate), 0), float64(t.frames())), true
	if current := t.segmentAt(t.position); t.abandon != nil && t.working != current && !t.segments[current].ended() {
		t.abandon()
	}
	t.wake.Signal()
}

// Position is the time that is heard next.
func (t *Track) Position() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Duration(t.position / t.rate * float64(time.Second))
}

// Duration is how long the track lasts.
func (t *Track) Duration() time.Duration {
	return time.Duration(float64(t.frames()) / t.rate * float64(time.Second))
}

// Ready says how much is decoded of what has to be so that the sound begins or goes
// on, 0 to 1. There is silence before it is 1. The error says why there will be no
// sound at the position.
func (t *Track) Ready() (part float64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.position >= float64(t.frames()) {
		return 1, nil
	}
	at := t.segmentAt(t.position)
	s, missing := t.segments[at], t.missing()
	if err := s.failed(); err != nil || missing == 0 {
		return 1, err
	}
	if have := s.frames(); have > 0 {
		return min(float64(have)/float64(have+missing), 0.99), nil
	}
	p := t.decoder.Place(t.parts[at])
	return min(float64(t.decoded)/float64(p.Frames*int64(p.Format.Channels)), 0.99), nil
}

// Close ends the decoding and closes the archive.
func (t *Track) Close() error {
	t.mu.Lock()
	t.closed = true
	t.wake.Signal()
	t.mu.Unlock()
	t.cancel()
	<-t.ended
	return t.archive.Close()
}

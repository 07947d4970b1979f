// Package listen plays recordings straight from an archive: it decodes the
// segment that is to be heard and the next one, and hands the sound on as a
// player takes it.
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
	decoder *stream.Decoder
	parts   []int   // the segments, as numbers of parts
	starts  []int64 // of each segment in frames, and the end
	rate    float64
	cancel  context.CancelFunc
	ended   chan struct{}

	mu       sync.Mutex
	wake     sync.Cond
	position float64             // of the next frame that Read returns, in frames of the file
	segments map[int][][]float32 // the first two channels
	working  int                 // the segment in work
	abandon  context.CancelFunc  // ends that work
	decoded  int64               // samples of it
	peaks    []float32           // see Peaks
	closed   bool
	err      error
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
	t := &Track{archive: a, decoder: decoder, starts: []int64{0}, cancel: cancel, ended: make(chan struct{}), segments: map[int][][]float32{}, peaks: noPeaks()}
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
// heard and the next are forgotten.
func (t *Track) wanted() int {
	current := t.segmentAt(t.position)
	for i := range t.segments {
		if i != current && i != current+1 && i != current-1 {
			delete(t.segments, i)
		}
	}
	for _, i := range []int{current, current + 1} {
		if i < len(t.parts) && t.segments[i] == nil {
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
		segment, abandon := context.WithCancel(ctx)
		t.working, t.abandon, t.decoded = next, abandon, 0
		t.mu.Unlock()

		part, err := t.decoder.Part(segment, t.parts[next], func(samples int) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.decoded += int64(samples)
		})
		abandoned := err != nil && segment.Err() != nil
		abandon()
		t.mu.Lock()
		switch {
		case err == nil:
			t.segments[next] = audible(part)
			t.measure(next)
		case !abandoned:
			t.err = err
			t.mu.Unlock()
			return
		}
		t.mu.Unlock()
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
		left, right, ok := t.interpolate()
		if !ok && t.err != nil {
			return n, t.err
		}
		binary.LittleEndian.PutUint32(p[n:], math.Float32bits(left))
		binary.LittleEndian.PutUint32(p[n+4:], math.Float32bits(right))
		if ok {
			t.position += t.rate / SampleRate
		}
	}
	if t.segmentAt(t.position) != before {
		t.wake.Signal()
	}
	return n, nil
}

// audible returns the first two channels of a segment, the full scale as 1.
func audible(p stream.Part) [][]float32 {
	channels := make([][]float32, min(p.Format.Channels, 2))
	for c := range channels {
		channels[c] = make([]float32, p.Frames)
		switch {
		case p.Samples != nil:
			scale := float32(1 / math.Ldexp(1, p.Format.PCM().ContainerBits()-1))
			for i, v := range p.Samples[c] {
				channels[c][i] = float32(v) * scale
			}
		case p.Format.Width == 4:
			for i, v := range p.Format.Bits32(p.Raw)[c] {
				channels[c][i] = finite(float64(math.Float32frombits(v)))
			}
		default:
			for i, v := range p.Format.Bits64(p.Raw)[c] {
				channels[c][i] = finite(math.Float64frombits(v))
			}
		}
	}
	return channels
}

// finite returns v within twice the full scale, and 0 for what is not a number.
func finite(v float64) float32 {
	if math.IsNaN(v) {
		return 0
	}
	return float32(min(max(v, -2), 2))
}

// interpolate returns the sound at the position. ok is false if it is not
// decoded.
func (t *Track) interpolate() (left, right float32, ok bool) {
	frame := int64(t.position)
	fraction := t.position - float64(frame)
	at := t.segmentAt(t.position)
	segment := t.segments[at]
	if segment == nil {
		return 0, 0, false
	}
	start := t.starts[at]
	value := func(channel int) float32 {
		samples := segment[channel]
		at := func(i int64) float64 {
			return float64(samples[min(max(i-start, 0), int64(len(samples)-1))])
		}
		a, b, c, d := at(frame-1), at(frame), at(frame+1), at(frame+2)
		cubic := b + fraction/2*(c-a+fraction*(2*a-5*b+4*c-d+fraction*(3*(b-c)+d-a)))
		return float32(cubic)
	}
	left = value(0)
	if len(segment) == 1 {
		return left, left, true
	}
	return left, value(1), true
}

// Seek goes to a time. What is before the beginning or behind the end is put
// there. A segment in work that will not be heard soon is given up, so that
// nothing there waits for it.
func (t *Track) Seek(to time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.position = min(max(math.Floor(to.Seconds()*t.rate), 0), float64(t.frames()))
	if current := t.segmentAt(t.position); t.abandon != nil && t.working != current && t.segments[current] == nil {
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

// Ready says how much of what is to be heard next is decoded, 0 to 1. There is
// silence before it is 1. The error says why nothing more will come.
func (t *Track) Ready() (part float64, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil || t.position >= float64(t.frames()) || t.segments[t.segmentAt(t.position)] != nil {
		return 1, t.err
	}
	p := t.decoder.Place(t.parts[t.segmentAt(t.position)])
	samples := p.Frames * int64(p.Format.Channels)
	return min(float64(t.decoded)/float64(samples), 0.99), nil
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

package kernel

import (
	"fmt"
	"math"
	"math/bits"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
)

// Request is a segment as the device takes it.
type Request struct {
	Input           []byte // is copied to the device
	Output, Scratch int    // bytes of room for what comes back, and to work in; whatever is there before
	Steps           int    // samples that are coded, and what stands for them where there are none, over all channels

	segment *Segment
	tracks  []trackPlace // in the order of coding
	kernel  *Kernel
}

// trackPlace says where a track's results are.
type trackPlace struct {
	track *Track
	steps int // in the output or the input: the first one that is coded
	ways  [ways]way
}

// The ways in which a track may be coded: over all steps, the same with secondary symbol estimation, over a list, the same with that.
const ways = 4

// way is one of them: Way in source/layout.cuh.
type way struct {
	possible, sse, listed bool
	list                  []int64
	set                   alphabet.Set
	state                 rangecoder.State
	prefix                []byte // comes before what the kernel writes
	stream                []byte // to decode: all bytes that state counts
	at, room              int    // to encode: where the stream goes
}

const (
	uniform    = 1. / (1 << 18)
	mostFrames = 1 << 24
	// The least and the greatest step that the kernel takes.
	leastStep, mostStep = math.MinInt32, math.MaxInt32
)

// Request lays out a segment. It fails with ErrRefused if the kernel does not take it, or if its streams are damaged, which the processor then
// finds again.
func (k *Kernel) Request(s *Segment) (*Request, error) {
	r := &Request{segment: s, kernel: k}
	for _, g := range s.Groups {
		r.Steps += len(g.Tracks) * (s.Frames + g.Offset)
	}
	if s.Frames < 1 || s.Frames > mostFrames || len(s.Groups) == 0 {
		return nil, fmt.Errorf("%w: %d groups of %d frames", ErrRefused, len(s.Groups), s.Frames)
	}
	for i := range s.Groups {
		for j := range s.Groups[i].Tracks {
			place, err := newTrackPlace(s, &s.Groups[i].Tracks[j], k.shape.description.SSE)
			if err != nil {
				return nil, fmt.Errorf("%w: %w", ErrRefused, err)
			}
			r.tracks = append(r.tracks, place)
		}
	}
	r.layOut()
	return r, nil
}

func newTrackPlace(s *Segment, t *Track, sse bool) (trackPlace, error) {
	p := trackPlace{track: t}
	if t.Low < leastStep || t.High > mostStep || t.Low >= t.High {
		return p, fmt.Errorf("steps from %d to %d", t.Low, t.High)
	}
	if s.Encode {
		p.encoded(t, t.SSE && sse)
		return p, nil
	}
	w := &p.ways[0]
	w.possible, w.sse, w.set, w.listed = true, t.SSE, alphabet.Dense(t.Low, t.High), t.List != nil
	var err error
	switch {
	case t.SSE:
		d := rangecoder.NewDecoder(t.Stream)
		if t.List != nil {
			if w.set, err = alphabet.ReadListed(d, t.Low, t.High, s.Frames); err != nil {
				return p, err
			}
		}
		w.stream, w.state = t.Stream, d.State()
	case t.List != nil:
		list, rest, err := splitStream(t.Stream)
		if err != nil {
			return p, err
		}
		if w.set, err = alphabet.ReadListed(rangecoder.NewDecoder(list), t.Low, t.High, s.Frames); err != nil {
			return p, err
		}
		w.stream, w.state = rest, rangecoder.NewSymbolDecoder(rest).State()
	default:
		w.stream, w.state = t.Stream, rangecoder.NewSymbolDecoder(t.Stream).State()
	}
	w.list = w.set.Steps()
	return p, nil
}

// encoded sets the ways of a track that is encoded.
func (p *trackPlace) encoded(t *Track, sse bool) {
	sets := []alphabet.Set{alphabet.Dense(t.Low, t.High)}
	if t.List != nil {
		sets = append(sets, alphabet.Listed(t.List))
	}
	for i, set := range sets {
		plain := &p.ways[2*i]
		*plain = way{possible: true, set: set, listed: i == 1, list: set.Steps(), state: rangecoder.NewSymbolEncoder(nil).State()}
		if i == 1 {
			list := rangecoder.NewEncoder(nil)
			set.Write(list)
			plain.prefix = joinStream(list.Finish())
		}
		if !sse {
			continue
		}
		e := rangecoder.NewEncoder(nil)
		if i == 1 {
			set.Write(e)
		}
		p.ways[2*i+1] = way{possible: true, sse: true, set: set, listed: i == 1, list: set.Steps(), state: e.State(), prefix: e.Written()}
		p.ways[2*i+1].state.Next = 0
	}
}

// digits is how many bits of a rank are coded.
func (w *way) digits() int {
	unit := 16
	if w.sse {
		unit = 8
	}
	return (bits.Len64(uint64(w.set.Len()-1)) + unit - 1) / unit * unit
}

// The sizes of the structures in source/layout.cuh.
const (
	resultBytes    = 8
	wayResultBytes = 8
	headerBytes    = 16
	resultsAt      = 2 * resultBytes
)

// StopAt is where in the input 4 bytes are that, when they are set to anything but 0 on the device while the kernel runs, make it end within
// some 2,000 frames; Result fails then.
const StopAt = 8

// layOut writes the input, and finds out how much room the rest takes.
func (r *Request) layOut() {
	s := r.segment
	var out memory
	var scratch int // of the group that takes most
	r.Output = resultsAt + wayResultBytes*ways*len(r.tracks)
	out.int(len(s.Groups), headerBytes, 0, 0)
	// What has no fixed size comes behind the groups.
	g := groupWriter{request: r, out: &out, steps: map[int]int{}}
	g.data.zeros(headerBytes + len(s.Groups)*r.kernel.shape.groupBytes())
	number := 0
	for i := range s.Groups {
		g.place(&s.Groups[i], number)
		number += len(s.Groups[i].Tracks)
	}
	number = 0
	for i := range s.Groups {
		g.scratch = simd.RoundUp(r.kernel.preset.kept, 256)
		g.write(&s.Groups[i], number)
		scratch = max(scratch, g.scratch)
		number += len(s.Groups[i].Tracks)
	}
	r.Input = append(out.b, g.data.b[len(out.b):]...)
	r.Scratch = scratch + 256
}

// doublesAt appends doubles and returns where they are.
func (m *memory) doublesAt(list []float64) int {
	at := m.align(16)
	m.double(list...)
	return at
}

// coefficients are those of the predictors of all orders of a start, each with room for the greatest order.
func coefficients(s predictor.Start) []float64 {
	n := len(s.Reflections)
	table := make([]float64, (n+1)*predictor.MaxStart)
	for order := range n + 1 {
		copy(table[order*predictor.MaxStart:], s.Coefficients(order))
	}
	return table
}

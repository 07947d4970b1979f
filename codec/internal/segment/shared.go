package segment

import (
	"context"
	"fmt"
	"slices"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/network"
)

// Programs are what GPUs run for a model.
type Programs struct {
	lay                func(*kernel.Segment) (*laid, error)
	Encoding, Decoding *cuda.Program
}

// laid is a segment as a GPU gets it.
type laid struct {
	kernel.Request
	result func(output []byte) ([]kernel.TrackResult, error)
}

// NewPrograms makes the programs of a kernel for the model m.
func NewPrograms(m *network.Model, k *kernel.Kernel) *Programs {
	lay := func(s *kernel.Segment) (*laid, error) {
		r, err := k.Request(s)
		if err != nil {
			return nil, err
		}
		return &laid{*r, r.Result}, nil
	}
	return newPrograms(m, lay, k.Launches, k.Tables())
}

func newPrograms(
	m *network.Model, lay func(*kernel.Segment) (*laid, error), launches func(encode bool) []kernel.Launch, tables []byte,
) *Programs {
	p := &Programs{lay: lay}
	program := func(encode bool) *cuda.Program {
		made := &cuda.Program{Tables: tables, Check: func(do func(*cuda.Request) error) error { return p.check(m, encode, do) }}
		for _, l := range launches(encode) {
			made.Forms = append(made.Forms, cuda.Form(l))
		}
		return made
	}
	p.Encoding, p.Decoding = program(true), program(false)
	return p
}

// shared has GPUs code segments, beside the cores.
type shared struct {
	queue    func() *cuda.Queue
	programs func() *Programs
	model    string
}

// Share has segments coded by what takes them out of a queue first, a core or a GPU, whenever there is one. It comes before the coder is
// used. Programs are asked for when there is a queue, and nil if no GPU can code with the model: its segments wait for a core.
func (c *Coder) Share(queue func() *cuda.Queue, p func() *Programs) {
	id := c.model.ID()
	c.shared = &shared{queue: queue, programs: p, model: fmt.Sprintf("%x", id[:4])}
}

// Alone returns a coder that shares nothing.
func (c *Coder) Alone() *Coder { return NewOn(c.model, c.encoding, c.decoding) }

// result is what a GPU has made of a track that it has encoded.
type result kernel.TrackResult

// take returns the stream, and notes how it is coded.
func (r *result) take(p *channelPlan) []byte {
	if p.kind, p.sse = dense, r.SSE; r.Listed {
		p.kind = listed
	}
	return r.Stream
}

// encode has groups encoded. Results, by the order of coding, are nil if the caller is to do it, on a core that it releases then.
func (s *shared) encode(ctx context.Context, plans []channelPlan, groups []Group, sse bool) (results []result, release func(), err error) {
	q := s.open(groups)
	if q == nil {
		return nil, func() {}, nil
	}
	coded, release, err := s.code(ctx, q, toEncode(plans, groups, sse))
	for _, r := range coded {
		results = append(results, result(r))
	}
	return results, release, err
}

// open returns the queue, or nil if there is none, or nothing to be coded.
func (s *shared) open(groups []Group) *cuda.Queue {
	if s == nil || len(groups) == 0 {
		return nil
	}
	return s.queue()
}

// toEncode describes groups for a kernel.
func toEncode(plans []channelPlan, groups []Group, sse bool) *kernel.Segment {
	s := forKernel(groups, func(t Track) kernel.Track {
		p := &plans[t.Channel]
		k := kernel.Track{Low: p.set.Low, High: p.set.High, SSE: sse, Steps: t.Steps}
		if p.worthListing {
			k.List = p.list.Steps()
		}
		return k
	})
	s.Encode, s.Frames = true, len(groups[0].Tracks[0].Steps)
	return s
}

// decode has a segment decoded. If it is not done, the caller is to do it, on a core that it releases then.
func (s *shared) decode(ctx context.Context, c *coded) (done bool, release func(), err error) {
	q := s.open(c.groups)
	if q == nil {
		return false, func() {}, nil
	}
	segment, err := c.toDecode()
	if err != nil {
		return false, nil, err
	}
	results, release, err := s.code(ctx, q, segment)
	if err != nil || results == nil {
		return false, release, err
	}
	order := tracksOf(c.groups)
	for i, t := range order {
		if !c.possible(&c.plans[t.Channel], results[i].Steps) {
			// The data is damaged, or the GPU is wrong: a core is to find out.
			_, release, err := q.Do(ctx, s.key(segment), samplesOf(segment), nil)
			return false, release, err
		}
	}
	for i, t := range order {
		copy(t.Steps, results[i].Steps)
	}
	return true, nil, nil
}

// toDecode describes a segment for a kernel.
func (c *coded) toDecode() (s *kernel.Segment, err error) {
	s = forKernel(c.groups, func(t Track) kernel.Track {
		p := &c.plans[t.Channel]
		k := kernel.Track{Low: p.set.Low, High: p.set.High, SSE: p.sse, Stream: c.streams[t.Channel]}
		if p.kind == listed && err == nil {
			k.List, err = stepsOf(p, k.Stream, c.frames)
		}
		return k
	})
	s.Frames = c.frames
	return s, err
}

// possible reports whether the samples of a channel's steps are in their range.
func (c *coded) possible(p *channelPlan, steps []int32) bool {
	if len(steps) != c.frames {
		return false
	}
	low, high := sampleRange(c.bits)
	// More steps are more, or as much.
	return p.lattice.Sample(int64(slices.Min(steps))) >= low && p.lattice.Sample(int64(slices.Max(steps))) <= high
}

// code has a segment coded. Results are nil if the caller is to do it, on a core that it releases then.
func (s *shared) code(ctx context.Context, q *cuda.Queue, segment *kernel.Segment) (results []kernel.TrackResult, release func(), err error) {
	coded, release, err := q.Do(ctx, s.key(segment), samplesOf(segment), s.programs().request(segment, &results))
	if err == nil && coded && results == nil { // the kernel gave up
		_, release, err = q.Do(ctx, s.key(segment), samplesOf(segment), nil)
	}
	return results, release, err
}

// samplesOf is how many samples of a segment are coded one by one.
func samplesOf(segment *kernel.Segment) int {
	n := 0
	for _, g := range segment.Groups {
		n += len(g.Tracks) * segment.Frames
	}
	return n
}

// key tells segments apart that take more or less time a sample.
func (s *shared) key(segment *kernel.Segment) string {
	return fmt.Sprintf("%s, %v, %d", s.model, segment.Encode, len(segment.Groups[0].Tracks))
}

// request lays out a segment for a GPU that will set results, unless the kernel gives up, or returns nil if no kernel takes it.
func (p *Programs) request(segment *kernel.Segment, results *[]kernel.TrackResult) *cuda.Request {
	if p == nil {
		return nil
	}
	l, err := p.lay(segment)
	if err != nil {
		return nil
	}
	program := p.Decoding
	if segment.Encode {
		program = p.Encoding
	}
	return &cuda.Request{
		Program: program, Samples: samplesOf(segment), Steps: l.Steps, Input: l.Input, Stop: kernel.StopAt, Output: l.Output, Scratch: l.Scratch,
		Take: func(output []byte) error {
			if r, err := l.result(output); err == nil {
				*results = r
			}
			return nil
		},
	}
}

// forKernel describes groups, with what track says of each track.
func forKernel(groups []Group, track func(Track) kernel.Track) *kernel.Segment {
	s := &kernel.Segment{}
	for _, g := range groups {
		k := kernel.Group{Offset: g.Offset, Lags: g.Lags}
		for _, r := range g.References {
			k.References = append(k.References, kernel.Reference{Track: r.track, Delay: r.delay})
		}
		for i, t := range g.Tracks {
			told := track(t)
			told.Start, told.Window = g.Starts[i], g.Windows[i]
			k.Tracks = append(k.Tracks, told)
		}
		s.Groups = append(s.Groups, k)
	}
	return s
}

package duplicate

import (
	"context"
	"slices"

	"trilobyte/codec/recording"
)

// Stretch is frames of a recording that another one has, or that it had itself before.
type Stretch struct {
	Start, Frames int64
	Recording     int   // the number of the other one, or its own
	First         int64 // the frame there with which the stretch begins
	// Shift is by how many bits the samples there must be shifted to the left, to the
	// right if it is negative, to be those here.
	Shift    int
	Channels []int // there, for each of the channels here
	Negated  bool  // the samples there must be negated, too
}

func (s Stretch) end() int64 { return s.Start + s.Frames }

const (
	// A stretch is worth the bytes that tell of it, and that what is coded beside it
	// begins anew, if it has 1/minPart seconds and is half of the recording, or if it
	// has minSeconds. A whole recording needs only leastFrames.
	minPart     = 4
	minSeconds  = 2
	leastFrames = 256

	// maxStretches bounds what a recording is cut into.
	maxStretches = 1 << 10

	// What looks the same often turns out to be too short in music made of samples:
	// so many times may that be in a recording, and once more in so many frames.
	minTries, framesPerTry = 64, 1 << 16
)

// Find returns the stretches of r, in their order, that recordings have which were
// added before, or r itself before them, and adds r, but for those of others. p has got
// all samples of r. If whole is set, only a stretch of all frames counts. open returns a
// recording that was added, or r once more, by the number that it gets; one that it
// returns an error for is left out. The error is one of reading r, or the context's.
func (x *Index) Find(ctx context.Context, r Recording, p *Printer, whole bool, open func(number int) (Recording, error)) ([]Stretch, error) {
	s := search{index: x, r: r, whole: whole, open: open, others: map[int]Recording{}}
	s.tries = minTries + r.Frames()/framesPerTry
	s.own = own{number: len(x.known), prints: map[uint64]uint64{}, tries: s.tries}
	for _, f := range p.found {
		if err := s.look(ctx, f); err != nil {
			return nil, err
		}
	}
	s.leaveOut()
	x.learn(r, slices.DeleteFunc(slices.Clone(s.stretches), s.isOwn), p.found)
	return s.stretches, nil
}

// learn adds a recording, but for stretches of it.
func (x *Index) learn(r Recording, stretches []Stretch, prints []print) {
	var own ranges
	at := int64(0)
	for _, s := range stretches {
		if at < s.Start {
			own = append(own, [2]int64{at, s.Start})
		}
		at = s.end()
	}
	if at < r.Frames() {
		own = append(own, [2]int64{at, r.Frames()})
	}
	for _, p := range prints {
		if _, _, ok := own.around(p.frame); ok {
			x.add(p.print, place{len(x.known), p.channel, p.frame})
		}
	}
	x.known = append(x.known, own)
}

// search is the search for stretches of a recording.
type search struct {
	index     *Index
	r         Recording
	whole     bool
	open      func(number int) (Recording, error)
	others    map[int]Recording // nil if it cannot be read
	stretches []Stretch
	until     int64 // where the last stretch ends
	tries     int64
	failed    Stretch // what was too short last
	own       own
}

// look compares the recording with the one that has the same fingerprint, if any, or
// with what it had itself before.
func (s *search) look(ctx context.Context, p print) error {
	if p.frame < s.until || len(s.stretches) == maxStretches {
		return nil
	}
	if packed, ok := s.index.prints[p.print]; ok && s.tries > 0 {
		if found, err := s.try(ctx, p, unpack(packed), &s.tries); found || err != nil {
			return err
		}
	}
	return s.lookBack(ctx, p)
}

// try compares the recording with a place that has the same fingerprint, and reports
// whether it found a stretch.
func (s *search) try(ctx context.Context, p print, there place, tries *int64) (bool, error) {
	delta := there.frame - p.frame
	if f := s.failed; f.Recording == there.recording && f.First-f.Start == delta && f.Start <= p.frame && p.frame < f.end() {
		return false, nil
	}
	stretch, err := s.grow(ctx, p, there)
	if err != nil || stretch.Frames == 0 {
		return false, err
	}
	if !s.isWorthIt(stretch) {
		*tries--
		if s.failed = stretch; s.whole {
			*tries = 0
		}
		return false, nil
	}
	s.own.has(s.until, stretch.Start)
	s.stretches = append(s.stretches, stretch)
	s.until = stretch.end()
	return true, nil
}

func (s *search) isWorthIt(stretch Stretch) bool {
	frames, rate := s.r.Frames(), int64(s.r.Format().SampleRate)
	switch {
	case stretch.Recording == s.own.number: // see below, and leaveOut
	case stretch.Frames == frames:
		return frames >= leastFrames
	case s.whole:
		return false
	case stretch.Frames >= frames/2:
		return stretch.Frames >= max(rate/minPart, leastFrames)
	}
	return stretch.Frames >= max(rate*minSeconds, leastFrames)
}

// recording returns a recording that was added, or nil.
func (s *search) recording(number int) Recording {
	other, ok := s.others[number]
	if !ok {
		var err error
		if other, err = s.open(number); err != nil {
			other = nil
		}
		s.others[number] = other
	}
	return other
}

// grow returns the stretch around a fingerprint that is the same as around a place
// in another recording; it has no frames if there is none.
func (s *search) grow(ctx context.Context, p print, there place) (Stretch, error) {
	other := s.recording(there.recording)
	if other == nil || other.Format().Kind != s.r.Format().Kind {
		return Stretch{}, nil
	}
	delta := there.frame - p.frame
	from, to, ok := s.around(there)
	if !ok {
		return Stretch{}, nil
	}
	g := growth{here: s.r, there: other, delta: delta, from: max(s.until, from-delta, 0), to: min(s.r.Frames(), to-delta)}
	if ok, err := g.match(ctx, p, there.channel); !ok || err != nil {
		return Stretch{}, err
	}
	start, err := g.backward(ctx, p.frame+1)
	if err != nil {
		return Stretch{}, err
	}
	if there.recording == s.own.number { // what it had before ends where the stretch begins
		start = max(start, p.frame+1+delta)
		g.to = min(g.to, start-delta)
	}
	end, err := g.forward(ctx, p.frame+1)
	if err != nil {
		return Stretch{}, err
	}
	return Stretch{start, end - start, there.recording, start + delta, g.shift, g.channels, g.negated}, nil
}

// growth compares two recordings around a place where they are the same.
type growth struct {
	here, there Recording
	delta       int64 // from a frame here to that there
	from, to    int64 // the frames here that may be compared
	shift       int
	negated     bool
	channels    []int // there, for each here
}

// match finds out which channels are the same where a fingerprint is.
func (g *growth) match(ctx context.Context, p print, channel int) (bool, error) {
	start := p.frame + 1 - window
	if start < g.from {
		return false, nil
	}
	here, there, err := g.read(ctx, start, window)
	if err != nil || there == nil {
		return false, err
	}
	g.shift = wasted(here[p.channel]) - wasted(there[channel])
	if g.matchChannels(here, there, channel-p.channel) {
		return g.shift == 0 || g.here.Format().Kind == recording.Integer, nil
	}
	g.negated = g.here.Format().Kind == recording.Integer
	return g.negated && g.matchChannels(here, there, channel-p.channel), nil
}

// matchChannels finds the channels there that are the same, most likely those whose
// number is higher by offset.
func (g *growth) matchChannels(here, there [][]int32, offset int) bool {
	g.channels = make([]int, len(here))
	for c := range here {
		candidates := append([]int{c + offset, c}, makeRange(len(there))...)
		k := slices.IndexFunc(candidates, func(k int) bool {
			return 0 <= k && k < len(there) && g.same(here[c], there[k]) == window
		})
		if k < 0 {
			return false
		}
		g.channels[c] = candidates[k]
	}
	return true
}

// makeRange returns 0 to n-1.
func makeRange(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// read reads so many frames here and there. What cannot be read there is nil.
func (g *growth) read(ctx context.Context, start, frames int64) (here, there [][]int32, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if here, err = g.here.Samples(start, int(frames)); err != nil {
		return nil, nil, err
	}
	if there, err = g.there.Samples(start+g.delta, int(frames)); err != nil {
		return here, nil, nil
	}
	return here, there, nil
}

// step is how many frames are compared at a time.
const step = 1 << 14

// forward returns the first frame from at on that is not the same.
func (g *growth) forward(ctx context.Context, at int64) (int64, error) {
	for at < g.to {
		n := min(step, g.to-at)
		here, there, err := g.read(ctx, at, n)
		if err != nil || there == nil {
			return at, err
		}
		equal := n
		for c, k := range g.channels {
			equal = min(equal, int64(g.same(here[c], there[k])))
		}
		if at += equal; equal < n {
			break
		}
	}
	return at, nil
}

// backward returns the frame behind the last one before at that is not the same.
func (g *growth) backward(ctx context.Context, at int64) (int64, error) {
	for at > g.from {
		n := min(step, at-g.from)
		here, there, err := g.read(ctx, at-n, n)
		if err != nil || there == nil {
			return at, err
		}
		equal := n
		for c, k := range g.channels {
			slices.Reverse(here[c])
			if c == slices.Index(g.channels, k) { // once, if several are the same one
				slices.Reverse(there[k])
			}
			equal = min(equal, int64(g.same(here[c], there[k])))
		}
		if at -= equal; equal < n {
			break
		}
	}
	return at, nil
}

// same returns how many of the first samples are the same, those there shifted, and
// negated.
func (g *growth) same(here, there []int32) int {
	left, right, sign := max(-g.shift, 0), max(g.shift, 0), int64(1)
	if g.negated {
		sign = -1
	}
	for i, h := range here {
		if int64(h)<<left != sign*int64(there[i])<<right {
			return i
		}
	}
	return len(here)
}

package token

import (
	"math/bits"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
)

// Whole codes the samples of one channel too, but each byte as one symbol out of 256, with the probabilities that the
// mixture gives its values, and without the last stage: faster than Coder, and as small where a channel has no habits that
// the model does not know.
type Whole struct {
	set    alphabet.Set
	count  int64 // ranks
	digits int   // bits of a rank, a multiple of 8
	floor  float64

	// Boundaries between ranks, and the masses below them, where they are asked for together.
	points, masses [maxDigits / 8 * 2]float64

	decode wholeKernel
	tree   tree
}

// wholeKernel decodes a rank, from a *tree and a *rangecoder.SymbolDecoder.
type wholeKernel func(state, decoder *byte) int64

// NewWhole makes the coder of a channel whose samples lie in set, which has at least two elements.
func NewWhole(set alphabet.Set) *Whole { return newWhole(set, wholeKernelOf(kernel.InUse())) }

func newWhole(set alphabet.Set, decode wholeKernel) *Whole {
	count := set.Len()
	w := &Whole{
		set:    set,
		count:  count,
		digits: (bits.Len64(uint64(count-1)) + 7) / 8 * 8,
		floor:  uniform / float64(count),
		decode: decode,
	}
	w.tree = newTree(&w.set, w.digits)
	return w
}

// node is what is known of a byte before it is coded.
type node struct {
	base         int64   // the first rank that the bytes before leave
	place        int     // of the byte's lowest bit
	values       int64   // how many values of the byte there are ranks for
	below, above float64 // masses below the first and above the last of them
	floor        float64 // mass of one value besides the distribution's
	inverse      float64 // units of frequency by mass
}

// node returns that of a byte, whose ranks begin at base and have the masses between below and above.
func (w *Whole) node(d *mixture.Distribution, base int64, place int, below, above float64) node {
	left := w.count - base
	n := node{base: base, place: place, below: below, above: above}
	n.values = min(256, (left+1<<place-1)>>place)
	rank := d.Total * w.floor
	n.floor = float64(rank * float64(int64(1)<<place))
	all := (above - below) + float64(rank*float64(min(256<<place, left)))
	n.inverse = float64(rangecoder.FrequencyOne-n.values) / all
	return n
}

// frequency is that of all values below one that is neither the first nor beyond the last, given the mass below it. It
// grows by 1 at least from value to value, as neither the mass nor rounding ever falls.
func (n *node) frequency(value int64, mass float64) uint32 {
	return uint32(value) + uint32(int64(((mass-n.below)+float64(n.floor*float64(value)))*n.inverse))
}

// Encode codes the rank of a sample whose distribution is d.
func (w *Whole) Encode(e *rangecoder.SymbolEncoder, d *mixture.Distribution, rank int64) {
	// All borders are known, so that the masses below them can be worked out together.
	count := 0
	for place := w.digits - 8; place >= 0; place -= 8 {
		value := rank >> place
		w.points[count] = w.set.Boundary(max(1, value<<place))
		w.points[count+1] = w.set.Boundary(min(w.count-1, (value+1)<<place))
		count += 2
	}
	d.Below(w.points[:count], w.masses[:count])
	below, above := 0.0, d.Total
	base, masses := int64(0), w.masses[:count]
	for place := w.digits - 8; place >= 0; place -= 8 {
		n := w.node(d, base, place, below, above)
		value := rank >> place & 255
		from, to := uint32(0), uint32(rangecoder.FrequencyOne)
		if value > 0 {
			below = masses[0]
			from = n.frequency(value, below)
		}
		if value+1 < n.values {
			above = masses[1]
			to = n.frequency(value+1, above)
		}
		e.Encode(from, to)
		base, masses = rank>>place<<place, masses[2:]
	}
}

// Decode returns the rank of the sample that Encode coded. The nearer guess is to its step, and the nearer scale to how far
// that is usually off, the faster.
func (w *Whole) Decode(r *rangecoder.SymbolDecoder, d *mixture.Distribution, guess, scale float64) int64 {
	near, reach := int64(guess)-w.set.Low, int64(0) // any numbers will do
	if width := 3 * scale; width < mostReach {
		reach = 1 << bits.Len64(uint64(width))
	}
	if w.decode != nil {
		return w.decodeTree(r, d, near, reach)
	}
	base, below, above := int64(0), 0.0, d.Total
	for place := w.digits - 8; place >= 0; place -= 8 {
		n := w.node(d, base, place, below, above)
		s := search{whole: w, node: &n, mixture: d, target: r.Next(), last: n.values, below: below, above: above, to: rangecoder.FrequencyOne}
		if value := (near - base) >> place; place > 0 {
			s.look(value)
			s.look(value + 1)
		} else if reach > 0 {
			s.look(value - reach)
			s.look(value + reach)
		}
		for s.last-s.first > 1 {
			s.look((s.first + s.last) / 2)
		}
		r.Take(s.from, s.to)
		base, below, above = base+s.first<<place, s.below, s.above
	}
	return base
}

// mostReach is how far a guess may be off for the last byte to be looked for near it first.
const mostReach = 32

// search looks for the value of a byte that has the target within its interval of frequencies.
type search struct {
	whole        *Whole
	node         *node
	mixture      *mixture.Distribution
	target       uint32
	first, last  int64 // it is at least first, and less than last
	from, to     uint32
	below, above float64 // masses
}

// look compares the target with the lower end of a value.
func (s *search) look(value int64) {
	if value <= s.first || value >= s.last {
		return
	}
	w := s.whole
	w.points[0] = w.set.Boundary(s.node.base + value<<s.node.place)
	s.mixture.Below(w.points[:1], w.masses[:1])
	if f := s.node.frequency(value, w.masses[0]); s.target < f {
		s.last, s.to, s.above = value, f, w.masses[0]
	} else {
		s.first, s.from, s.below = value, f, w.masses[0]
	}
}

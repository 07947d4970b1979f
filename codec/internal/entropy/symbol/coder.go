package symbol

import (
	"math/bits"

	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// Coder codes the samples of one channel, two bytes at a time, as one symbol out of 65536, with the probabilities that the mixture
// gives its values: the product of those of two byte tokens.
type Coder struct {
	set    alphabet.Set
	count  int64 // ranks
	digits int   // bits of a rank, a multiple of width
	floor  float64

	// Boundaries between ranks, and the masses below them, where they are asked for together.
	points, masses [maxDigits / width * 2]float64

	tree tree
}

// width is how many bits a symbol has.
const width = 16

// New makes the coder of a channel whose samples lie in set, which has at least two elements.
func New(set alphabet.Set) *Coder {
	count := set.Len()
	c := cacheline.New[Coder]()
	*c = Coder{
		set:    set,
		count:  count,
		digits: (bits.Len64(uint64(count-1)) + width - 1) / width * width,
		floor:  uniform / float64(count),
	}
	c.tree = newTree(&c.set, c.digits)
	c.tree.quantiles, c.tree.scale = &quantiles, meanDistance
	return c
}

// node is what is known of a symbol before it is coded.
type node struct {
	base         int64   // the first rank that the symbols before leave
	place        int     // of the symbol's lowest bit
	values       int64   // how many values of the symbol there are ranks for
	below, above float64 // masses below the first and above the last of them
	floor        float64 // mass of one value besides the distribution's
	inverse      float64 // units of frequency by mass
}

// find makes n that of a symbol, whose ranks begin at base and have the masses between below and above.
func (n *node) find(c *Coder, d *mixture.Distribution, base int64, place int, below, above float64) {
	left := c.count - base
	n.base, n.place, n.below, n.above = base, place, below, above
	n.values = min(1<<width, (left+1<<place-1)>>place)
	rank := d.Total * c.floor
	n.floor = float64(rank * float64(int64(1)<<place))
	all := (above - below) + float64(rank*float64(min(int64(1)<<width<<place, left)))
	n.inverse = float64(int64(rangecoder.One)-n.values) / all
}

// frequency is that of all values below one that is neither the first nor beyond the last, given the mass below it. It
// grows by 1 at least from value to value, as neither the mass nor rounding ever falls.
func (n *node) frequency(value int64, mass float64) uint64 {
	return uint64(value) + uint64(int64(((mass-n.below)+float64(n.floor*float64(value)))*n.inverse))
}

// Encode codes the rank of a sample whose distribution is d.
func (c *Coder) Encode(e *rangecoder.SymbolEncoder, d *mixture.Distribution, rank int64) {
	// All borders are known, so that the masses below them can be worked out together.
	count := 0
	for place := c.digits - width; place >= 0; place -= width {
		value := rank >> place
		c.points[count] = c.set.Boundary(max(1, value<<place))
		c.points[count+1] = c.set.Boundary(min(c.count-1, (value+1)<<place))
		count += 2
	}
	d.Below(c.points[:count], c.masses[:count])
	below, above := 0.0, d.Total
	base, masses := int64(0), c.masses[:count]
	var n node
	for place := c.digits - width; place >= 0; place -= width {
		n.find(c, d, base, place, below, above)
		value := rank >> place & (1<<width - 1)
		from, to := uint64(0), uint64(rangecoder.One)
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

// Decode returns the rank of the sample that Encode coded.
func (c *Coder) Decode(r *rangecoder.SymbolDecoder, d *mixture.Distribution) int64 {
	if active.decode != nil {
		return c.decodeTree(r, d)
	}
	base, below, above := int64(0), 0.0, d.Total
	mean, spread := d.Shape()
	scale := spread * c.tree.scale
	var n node
	for place := c.digits - width; place >= 0; place -= width {
		n.find(c, d, base, place, below, above)
		s := search{coder: c, node: &n, mixture: d, target: r.Next(), last: n.values, below: below, above: above, to: uint64(rangecoder.One)}
		mass := below + float64(float64(s.target)/n.inverse)
		likely := mean + float64(scale*quantiles[max(0, min(len(quantiles)-1, int(mass/d.Total*float64(len(quantiles)))))])
		near := int64(likely+0.5) - c.set.Low
		if x := c.set.Index(); x != nil {
			near = x.Near(near)
		}
		value := (near - base) >> place
		for tries := newtonSteps; s.last-s.first > 1; tries-- {
			if tries >= 0 {
				value = s.look(value, value+1)
			} else {
				third := (s.last - s.first) * 85 / 256
				s.look(s.first+third, s.last-third)
			}
		}
		r.Take(s.from, s.to)
		base, below, above = base+s.first<<place, s.below, s.above
	}
	return base
}

// quantiles are about those of samples' distributions, in units of their mean distance from the middle: 0.7 ln(q / (1-q)) in
// the middles of equal shares of the mass. Where the search for a symbol begins has no influence on what it finds.
var quantiles = [64]float64{
	-3.39, -2.61, -2.24, -1.99, -1.81, -1.65, -1.53, -1.41, -1.31, -1.22, -1.14, -1.06, -0.99, -0.92, -0.86, -0.80,
	-0.74, -0.68, -0.63, -0.58, -0.53, -0.48, -0.43, -0.38, -0.33, -0.29, -0.24, -0.20, -0.15, -0.11, -0.07, -0.02,
	0.02, 0.07, 0.11, 0.15, 0.20, 0.24, 0.29, 0.33, 0.38, 0.43, 0.48, 0.53, 0.58, 0.63, 0.68, 0.74,
	0.80, 0.86, 0.92, 0.99, 1.06, 1.14, 1.22, 1.31, 1.41, 1.53, 1.65, 1.81, 1.99, 2.24, 2.61, 3.39,
}

// meanDistance is about that of samples from the middle of their distributions, in units of mixture.Distribution's spread.
const meanDistance = 1.4

// newtonSteps is how often the search looks where the target would be if frequencies grew as between
// the values that it looked at last (Newton's method); after them, the values left fall to a third.
const newtonSteps = 6

// search looks for the value of a symbol that has the target within its interval of frequencies.
type search struct {
	coder        *Coder
	node         *node
	mixture      *mixture.Distribution
	target       uint64
	first, last  int64 // it is at least first, and less than last
	from, to     uint64
	below, above float64 // masses
}

// look compares the target with the lower ends of two values, or of others where these are not between first and last. It
// returns where to look next, if the two stand next to each other.
func (s *search) look(lower, upper int64) int64 {
	c := s.coder
	lower = min(max(lower, s.first+1), s.last-1)
	upper = min(max(upper, lower), s.last-1)
	c.points[0] = c.set.Boundary(s.node.base + lower<<s.node.place)
	c.points[1] = c.set.Boundary(s.node.base + upper<<s.node.place)
	s.mixture.Below(c.points[:2], c.masses[:2])
	from, to := s.node.frequency(lower, c.masses[0]), s.node.frequency(upper, c.masses[1])
	if s.target < to {
		s.last, s.to, s.above = upper, to, c.masses[1]
	} else {
		s.first, s.from, s.below = upper, to, c.masses[1]
	}
	if s.target < from {
		s.last, s.to, s.above = lower, from, c.masses[0]
	} else if s.first < lower {
		s.first, s.from, s.below = lower, from, c.masses[0]
	}
	if s.target < from {
		return lower - 1 - int64(float64(from-s.target)/float64(to-from))
	}
	return upper + int64(float64(s.target-to)/float64(to-from))
}

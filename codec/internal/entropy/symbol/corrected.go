// Package symbol codes one sample as bytes, most significant first: the byte tokens of Trilobyte (Long, Novack, Donahue:
// arXiv 2603.08683, 2026). The bytes are those of the sample's rank among the values that occur. Their probabilities are
// read off the mixture distribution of the sample, given what was coded before. A Coder takes two bytes as one symbol; a
// Corrected coder codes each byte bit by bit down its binary tree, with secondary symbol estimation: slower, and smaller where
// a channel has habits that the network does not know.
package symbol

import (
	"math/bits"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/fixed"
)

// uniform is the share of the probability that is spread evenly over all ranks, whatever the model says.
const uniform = 1. / (1 << 18)

// Corrected codes the samples of one channel bit by bit, with probabilities that secondary symbol estimation corrects.
type Corrected struct {
	set    alphabet.Set
	count  int64 // ranks
	digits int   // bits of a rank, a multiple of 8
	floor  float64
	gap    float64 // mean distance of neighbouring ranks, in steps
	sse    *estimation

	// Boundaries in the tree of ranks and the masses below them, where they are asked for together.
	points, masses [maxDigits]float64

	tree tree
	bits [maxDigits]uint32
}

// maxDigits is more bits than a rank can have.
const maxDigits = 64

// NewCorrected makes the coder of a channel whose samples lie in set, which has at least two elements.
func NewCorrected(set alphabet.Set) *Corrected {
	count := set.Len()
	bytes := (bits.Len64(uint64(count-1)) + 7) / 8
	c := &Corrected{
		set:    set,
		count:  count,
		digits: 8 * bytes,
		floor:  uniform / float64(count),
		gap:    float64(set.High-set.Low) / float64(count-1),
		sse:    newEstimation(bytes),
	}
	c.tree = newTree(&c.set, c.digits)
	c.tree.correctedBy(c.sse)
	return c
}

// Encode codes the rank of a sample whose distribution is d; scale is the mixture's unit, in steps.
func (c *Corrected) Encode(e *rangecoder.Encoder, d *mixture.Distribution, scale float64, rank int64) {
	if active.encodeTree != nil {
		c.encodeTree(e, d, scale, rank)
		return
	}
	// All nodes on the way are known, so that the masses at their middles can be worked out together.
	n := 0
	for place := c.digits - 1; place >= 0; place-- {
		if middle := rank>>place<<place | 1<<place; middle < c.count {
			c.points[n&(maxDigits-1)] = c.set.Boundary(middle)
			n++
		}
	}
	d.Below(c.points[:n], c.masses[:n])
	n = 0
	below, above := 0.0, d.Total
	floor, level := d.Total*c.floor, c.level(scale)
	for place := c.digits - 1; place >= 0; place-- {
		width := int64(1) << place
		middle := rank>>place<<place | width
		if middle >= c.count { // the upper half is empty
			continue
		}
		split := c.masses[n&(maxDigits-1)]
		n++
		p0 := zeroProbability(below, split, above, floor, width, c.count-middle)
		bit := int(rank >> place & 1)
		c.sse.code(bitCoder{encoder: e}, p0, contextOf(rank>>(place+1), place, level), bit)
		if bit == 0 {
			above = split
		} else {
			below = split
		}
	}
}

// Decode returns the rank of the sample that Encode coded.
func (c *Corrected) Decode(r *rangecoder.Decoder, d *mixture.Distribution, scale float64) int64 {
	if active.decodeTree != nil {
		return c.decodeTree(r, d, scale)
	}
	rank := int64(0)
	below, above := 0.0, d.Total
	floor, level := d.Total*c.floor, c.level(scale)
	for place := c.digits - 1; place >= 0; place-- {
		width := int64(1) << place
		middle := rank + width
		if middle >= c.count { // the upper half is empty
			continue
		}
		c.points[0] = c.set.Boundary(middle)
		d.Below(c.points[:1], c.masses[:1])
		split := c.masses[0]
		p0 := zeroProbability(below, split, above, floor, width, c.count-middle)
		bit := c.sse.code(bitCoder{decoder: r}, p0, contextOf(rank>>(place+1), place, level), 0)
		if bit == 0 {
			above = split
		} else {
			rank, below = middle, split
		}
	}
	return rank
}

// level is the logarithm of the mean distance of ranks in units of scale.
func (c *Corrected) level(scale float64) int { return fixed.Log2(c.gap/scale)/32 + 8 }

// zeroProbability returns the probability that a sample of a node lies in the lower half. The node's mass is
// above-below, split of it in the lower half, and an even floor for each rank: the lower half has width ranks, the upper
// half that many or what is left.
func zeroProbability(below, split, above, floor float64, width, left int64) uint32 {
	zero := (split - below) + float64(floor*float64(width))
	all := (above - below) + float64(floor*float64(width+min(width, left)))
	return probability(zero, all)
}

// contextOf returns the contexts of secondary symbol estimation of the bit at a place. prefix are the bits before it.
func contextOf(prefix int64, place, level int) context {
	token, depth := place>>3, place&7
	level = max(0, min(levels-1, level+place))
	node := 1<<(7-depth) | int(prefix)&(1<<(7-depth)-1)
	return context{
		node:  token<<8 | node,
		width: level<<3 | depth,
		mixer: token,
	}
}

// bitCoder is an encoder or a decoder.
type bitCoder struct {
	encoder *rangecoder.Encoder
	decoder *rangecoder.Decoder
}

// code returns the bit that it encoded or decoded; a decoder ignores the bit that it is given.
func (b bitCoder) code(bit int, p0 uint32) int {
	if b.encoder != nil {
		b.encoder.Encode(bit, p0)
		return bit
	}
	return b.decoder.Decode(p0)
}

// probability returns zero/all as a probability that the range coder accepts.
func probability(zero, all float64) uint32 {
	p := zero / all * rangecoder.ProbabilityOne
	if !(p > 1) {
		return 1
	}
	if p > rangecoder.ProbabilityOne-1 {
		return rangecoder.ProbabilityOne - 1
	}
	return uint32(p)
}

// Package token codes one sample as bytes, most significant first: the byte tokens of Trilobyte (Long, Novack, Donahue:
// arXiv 2603.08683, 2026). The bytes are those of the sample's rank among the values that occur. Each byte is coded bit
// by bit down its binary tree; the probability of a bit is read off the mixture distribution of the sample, given the
// bits before, and corrected by the adaptive last stage.
package token

import (
	"math/bits"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/fixed"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
)

// uniform is the share of the probability that is spread evenly over all ranks, whatever the model says.
const uniform = 1. / (1 << 18)

// Coder codes the samples of one channel.
type Coder struct {
	set    alphabet.Set
	count  int64 // ranks
	digits int   // bits of a rank, a multiple of 8
	floor  float64
	gap    float64 // mean distance of neighbouring ranks, in steps
	last   *lastStage
}

// NewCoder makes the coder of a channel whose samples lie in set, which has at least two elements.
func NewCoder(set alphabet.Set) *Coder {
	count := set.Len()
	tokens := (bits.Len64(uint64(count-1)) + 7) / 8
	return &Coder{
		set:    set,
		count:  count,
		digits: 8 * tokens,
		floor:  uniform / float64(count),
		gap:    float64(set.High-set.Low) / float64(count-1),
		last:   newLastStage(tokens),
	}
}

// Encode codes the rank of a sample whose distribution is d; scale is the mixture's unit, in steps.
func (c *Coder) Encode(e *rangecoder.Encoder, d *mixture.Distribution, scale float64, rank int64) {
	c.code(d, scale, func(place int, p0 uint32) int {
		bit := int(rank >> place & 1)
		e.Encode(bit, p0)
		return bit
	})
}

// Decode returns the rank of the sample that Encode coded.
func (c *Coder) Decode(r *rangecoder.Decoder, d *mixture.Distribution, scale float64) int64 {
	return c.code(d, scale, func(_ int, p0 uint32) int { return r.Decode(p0) })
}

// code walks down the tree of ranks. bit codes the bit at a binary place of the rank with the probability p0 of a zero.
func (c *Coder) code(d *mixture.Distribution, scale float64, bit func(place int, p0 uint32) int) int64 {
	// The mass of ranks low..high-1 is above-below, plus an even floor.
	low, below, above := int64(0), 0.0, d.Total
	floor := d.Total * c.floor
	level := fixed.Log2(c.gap/scale)/32 + 8
	node := 1
	for place := c.digits - 1; place >= 0; place-- {
		if place&7 == 7 {
			node = 1
		}
		width := int64(1) << place
		middle := low + width
		if middle >= c.count { // the upper half is empty
			node <<= 1
			continue
		}
		split := d.Below(c.set.Boundary(middle))
		upper := min(width, c.count-middle)
		zero := (split - below) + float64(floor*float64(width))
		all := (above - below) + float64(floor*float64(width+upper))
		p0 := probability(zero, all)
		token := place >> 3
		p0 = c.last.correct(p0, token, node, place&7, max(0, min(levels-1, level+place)))
		b := bit(place, p0)
		c.last.learn(b)
		node = node<<1 | b
		if b == 0 {
			above = split
		} else {
			low, below = middle, split
		}
	}
	return low
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

package recipe

import (
	"math/bits"

	"trilobyte/codec/internal/entropy/rangecoder"
)

// A coder codes values with probabilities that it learns from them. The same
// calls encode and decode: each takes a value, which a decoder ignores, and
// returns the value that was coded.
type coder struct {
	encoder *rangecoder.Encoder // one of the two is nil
	decoder *rangecoder.Decoder
}

// A chance is what is known of a bit in one context. The zero value knows
// nothing.
type chance struct {
	lean  int32 // probability that the bit is 0, less one half, in units of 2^-chanceBits
	count int32 // bits seen, up to chanceMemory
}

const (
	chanceBits   = 22
	chanceMemory = 250 // bits after which the oldest are forgotten
	leastChance  = 16  // of a bit, in units of 1/rangecoder.ProbabilityOne
)

// bit codes one bit.
func (c *coder) bit(m *chance, bit int) int {
	p0 := uint32(m.lean+1<<(chanceBits-1)) >> (chanceBits - rangecoder.ProbabilityBits)
	p0 = min(max(p0, leastChance), rangecoder.ProbabilityOne-leastChance)
	if c.decoder != nil {
		bit = c.decoder.Decode(p0)
	} else {
		c.encoder.Encode(bit, p0)
	}
	target := int32(1-2*bit) << (chanceBits - 1)
	m.lean += (target - m.lean) * 2 / (2*m.count + 3)
	m.count = min(m.count+1, chanceMemory)
	return bit
}

// expect codes whether something is as expected, which at first is held for
// likely.
func (c *coder) expect(m *chance, expected bool) bool {
	if m.count == 0 {
		*m = chance{lean: 7 << (chanceBits - 4), count: 3} // 15/16
	}
	bit := 0
	if !expected {
		bit = 1
	}
	return c.bit(m, bit) == 0
}

// flag codes a truth value.
func (c *coder) flag(m *chance, value bool) bool {
	bit := 0
	if value {
		bit = 1
	}
	return c.bit(m, bit) == 1
}

// tree codes a number below len(m), which is a power of two, bit by bit from
// the top, each in the context of those before it.
func (c *coder) tree(m []chance, value int) int {
	node := 1
	for level := bits.Len(uint(len(m))) - 2; level >= 0; level-- {
		node = node<<1 | c.bit(&m[node], value>>level&1)
	}
	return node - len(m)
}

// uniform codes a number of n bits of which nothing is known.
func (c *coder) uniform(value uint64, n int) uint64 {
	result := uint64(0)
	for level := n - 1; level >= 0; level-- {
		bit := int(value >> level & 1)
		if c.decoder != nil {
			bit = c.decoder.Decode(rangecoder.ProbabilityOne / 2)
		} else {
			c.encoder.Encode(bit, rangecoder.ProbabilityOne/2)
		}
		result = result<<1 | uint64(bit)
	}
	return result
}

// differences is what is known of small signed numbers that are not always 0.
type differences struct {
	zero     chance
	negative chance
	width    [maxDifferenceBits]chance // whether the magnitude has more bits
	top      [maxDifferenceBits]chance // the bit below the highest one, by width
}

// maxDifferenceBits is the most bits of the magnitude of a difference.
const maxDifferenceBits = 20

// difference codes a number of up to maxDifferenceBits bits and a sign.
func (c *coder) difference(m *differences, value int) int {
	if c.expect(&m.zero, value == 0) {
		return 0
	}
	return c.unequal(m, value)
}

// unequal codes a difference that is known not to be 0.
func (c *coder) unequal(m *differences, value int) int {
	negative := c.flag(&m.negative, value < 0)
	magnitude := uint64(absolute(int64(value)))
	width := 1
	for width < maxDifferenceBits && c.flag(&m.width[width-1], bits.Len64(magnitude) > width) {
		width++
	}
	result := 1
	if width > 1 {
		result = result<<1 | c.bit(&m.top[width-1], int(magnitude>>(width-2)&1))
		result = result<<(width-2) | int(c.uniform(magnitude, width-2))
	}
	if negative {
		return -result
	}
	return result
}

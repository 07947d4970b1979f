package recipe

import (
	"math/bits"

	"trilobyte/codec/internal/entropy/adaptive"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// A chance is what is known of a bit in one context.
type chance = adaptive.Chance

// chanceMemory is the number of bits after which the oldest are forgotten.
const chanceMemory = 250

// A coder codes values with probabilities that it learns from them.
type coder struct{ *adaptive.Coder }

func encoderTo(e *rangecoder.Encoder) coder { return coder{adaptive.NewEncoder(e, chanceMemory)} }

func decoderOf(recipe []byte) coder {
	return coder{adaptive.NewDecoder(rangecoder.NewDecoder(recipe), chanceMemory)}
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
	if c.Expect(&m.zero, value == 0) {
		return 0
	}
	return c.unequal(m, value)
}

// unequal codes a difference that is known not to be 0.
func (c *coder) unequal(m *differences, value int) int {
	negative := c.Flag(&m.negative, value < 0)
	magnitude := uint64(absolute(int64(value)))
	width := 1
	for width < maxDifferenceBits && c.Flag(&m.width[width-1], bits.Len64(magnitude) > width) {
		width++
	}
	result := 1
	if width > 1 {
		result = result<<1 | c.Bit(&m.top[width-1], int(magnitude>>(width-2)&1))
		result = result<<(width-2) | int(c.Uniform(magnitude, width-2))
	}
	if negative {
		return -result
	}
	return result
}

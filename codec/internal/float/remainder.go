package float

import (
	"math"
	"math/bits"

	"trilobyte/codec/internal/entropy/adaptive"
)

const (
	remainderMemory = 1000 // see adaptive.Encoder
	levels          = 56   // of the magnitude of a number
	classes         = 128  // of remainders: the bits of the magnitude, or escaped
	escaped         = 0
)

// remainder is what a sample has beside its whole number: how many floats it is above the one that the scale makes of that number. A
// sample that is no number, or out of the range of the whole numbers, is escaped.
type remainder struct {
	steps   int64
	escaped bool
	bits    uint64 // of the sample, if it is escaped
}

// remainderModel holds what was learnt of the remainders of one channel.
type remainderModel struct {
	scale  scale
	lowest int   // exponent of the unit
	spare  int   // digits beyond those of a scale that is a power of two
	recent uint8 // for each of the last samples, a bit: whether there was a remainder
	levels [levels]levelModel

	// Of remainders that are not within half a unit, and of what is escaped.
	class    [classes]adaptive.Chance
	negative adaptive.Chance
	digits   [64]adaptive.Chance
	escape   uint64
	same     adaptive.Chance // whether an escaped sample equals the one before
	literal  [64]adaptive.Chance
}

// levelModel holds what was learnt of the remainders at one level. There, the distance of neighbouring floats is a constant part of
// the unit, so that the places of digits mean the same.
type levelModel struct {
	present [9]adaptive.Chance // by how many of the last samples had a remainder
	far     adaptive.Chance
	digits  [patterns][64]adaptive.Chance
}

// The digits of a remainder begin in one of these ways.
const (
	nothing = iota // no digit so far
	above          // a 1, and zeros only: little more than 0
	below          // a 0, and ones only: little less than 0
	other
	patterns
)

func newRemainderModel(s scale) *remainderModel {
	m := &remainderModel{scale: s, lowest: exponent(s.unit()), spare: 1}
	if math.Float64bits(s.unit())<<12 == 0 {
		m.spare = 0
	}
	return m
}

// code codes the remainder of a sample whose whole number becomes the float near.
func (m *remainderModel) code(c *adaptive.Coder, near float64, r remainder) remainder {
	level, size := 0, int(m.scale.width)
	if near != 0 {
		level = min(max(exponent(near)-m.lowest+1, 1), levels-1)
		size = max(m.scale.width.fraction()+1-level+m.spare, 0)
	}
	l := &m.levels[level]
	present := c.Flag(&l.present[bits.OnesCount8(m.recent)], r.steps != 0 || r.escaped)
	m.recent <<= 1
	if !present {
		return remainder{}
	}
	m.recent |= 1
	steps := r.steps
	if near < 0 {
		steps = -steps
	}
	far := r.escaped || size == 0 || size < 64 && steps != steps<<(64-size)>>(64-size)
	if size > 0 {
		far = c.Flag(&l.far, far)
	} else {
		far = true
	}
	if far {
		r = m.codeFar(c, remainder{steps, r.escaped, r.bits})
		steps = r.steps
	} else {
		steps = l.code(c, steps, size)
		r = remainder{}
	}
	if near < 0 {
		steps = -steps
	}
	r.steps = steps
	return r
}

// code codes a number of so many digits.
func (l *levelModel) code(c *adaptive.Coder, steps int64, size int) int64 {
	value := uint64(steps) + 1<<(size-1)
	result := uint64(0)
	pattern := nothing
	for place := size - 1; place >= 0; place-- {
		bit := c.Bit(&l.digits[pattern][place], int(value>>place&1))
		result = result<<1 | uint64(bit)
		switch {
		case pattern == nothing && bit == 1:
			pattern = above
		case pattern == nothing:
			pattern = below
		case pattern == above && bit == 1, pattern == below && bit == 0:
			pattern = other
		}
	}
	return int64(result - 1<<(size-1))
}

// codeFar codes a remainder of any size.
func (m *remainderModel) codeFar(c *adaptive.Coder, r remainder) remainder {
	magnitude := uint64(max(r.steps, -r.steps)) // right for the least number, too
	class := escaped
	if !r.escaped {
		class = bits.Len64(magnitude)
	}
	class = min(c.Tree(m.class[:], class), 64)
	if class == escaped {
		return m.codeEscaped(c, r.bits)
	}
	negative := c.Flag(&m.negative, r.steps < 0)
	magnitude = c.Digits(m.digits[:], class-1, magnitude) | 1<<(class-1)
	if negative {
		magnitude = -magnitude
	}
	return remainder{steps: int64(magnitude)}
}

// codeEscaped codes the bits of a sample.
func (m *remainderModel) codeEscaped(c *adaptive.Coder, value uint64) remainder {
	if !c.Flag(&m.same, value == m.escape) {
		m.escape = c.Digits(m.literal[:], int(m.scale.width), value)
	}
	return remainder{escaped: true, bits: m.escape}
}

// split returns the whole number of a sample, or hold if it is escaped, the float that this becomes, and the remainder.
func (s *scale) split(sample uint64, hold int32) (n int32, near float64, r remainder) {
	v := s.width.value(sample) / s.unit()
	if !(math.Abs(v) < math.MaxInt32) {
		return hold, s.at(hold), remainder{escaped: true, bits: sample}
	}
	n = int32(math.Round(v))
	near = s.at(n)
	return n, near, remainder{steps: s.width.order(sample) - s.width.order(s.width.bits(near))}
}

// join is the inverse of split. ok is false if there is no such sample.
func (s *scale) join(near float64, r remainder) (sample uint64, ok bool) {
	if r.escaped {
		return r.bits, true
	}
	return s.width.unordered(s.width.order(s.width.bits(near)) + r.steps)
}

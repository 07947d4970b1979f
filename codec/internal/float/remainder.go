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
	lowest int // exponent of the unit
	spare  int // digits beyond those of a scale that is a power of two
	seen   [seenNumbers]seenNumber
	again  [2][9]adaptive.Chance // whether a remainder is that of the same number before, by whether that was 0, and as in levelModel
	recent uint8                 // for each of the last samples, a bit: whether there was a remainder, other than again
	levels [levels]levelModel

	// Of remainders that are not within half a unit, and of what is escaped.
	class    [classes]adaptive.Chance
	negative adaptive.Chance
	digits   [64]adaptive.Chance
	escape   uint64
	same     adaptive.Chance // whether an escaped sample equals the one before
	literal  [64]adaptive.Chance
}

// seenNumber is the last remainder of a whole number or its negative. Where an editor has rounded twice, or clipped, the same numbers
// have the same remainders.
type seenNumber struct {
	steps     int64
	magnitude uint32
	known     bool
}

const seenNumbers = 1 << 16 // the lower bits of the magnitude say where a number is

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

// code codes the remainder of a sample, given its whole number n and the float near that this becomes.
func (m *remainderModel) code(c *adaptive.Coder, n int32, near float64, r remainder) remainder {
	magnitude := uint32(max(n, -n))
	if n < 0 {
		r.steps = -r.steps
	}
	r = m.codeAway(c, magnitude, near, r)
	if !r.escaped {
		m.seen[magnitude%seenNumbers] = seenNumber{r.steps, magnitude, true}
	}
	if n < 0 {
		r.steps = -r.steps
	}
	return r
}

// codeAway codes a remainder, which is positive if the sample is farther from 0 than near is.
func (m *remainderModel) codeAway(c *adaptive.Coder, magnitude uint32, near float64, r remainder) remainder {
	count := bits.OnesCount8(m.recent)
	m.recent <<= 1
	if seen := &m.seen[magnitude%seenNumbers]; seen.known && seen.magnitude == magnitude {
		likely, zero := remainder{steps: seen.steps}, 0
		if seen.steps == 0 {
			zero = 1
		}
		if c.Flag(&m.again[zero][count], r == likely) {
			return likely
		}
	}
	level, size := 0, int(m.scale.width)
	if near != 0 {
		level = min(max(exponent(near)-m.lowest+1, 1), levels-1)
		size = max(m.scale.width.fraction()+1-level+m.spare, 0)
	}
	l := &m.levels[level]
	if !c.Flag(&l.present[count], r != remainder{}) {
		return remainder{}
	}
	m.recent |= 1
	if size == 0 || c.Flag(&l.far, r.escaped || !fits(r.steps, size)) {
		return m.codeFar(c, r)
	}
	return remainder{steps: l.code(c, r.steps, size)}
}

// fits reports whether a signed number has so many bits at most.
func fits(steps int64, size int) bool { return steps<<(64-size)>>(64-size) == steps }

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
	if m.scale.width == single { // no sample is so far away, and none must become one by wrapping around
		magnitude = min(magnitude, math.MaxInt64)
	}
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

package alphabet

import (
	"errors"
	"math"

	"trilobyte/codec/internal/entropy/rangecoder"
)

// Set is the ascending list of the steps that occur in a channel. The dense set of all steps from Low to High
// needs no list.
type Set struct {
	Low, High int64
	used      []int64 // nil when dense
	index     *Index  // of used
}

// Dense returns the set of all steps from low to high.
func Dense(low, high int64) Set { return Set{Low: low, High: high} }

// Listed returns the set of the given steps, which are distinct and ascending.
func Listed(steps []int64) Set {
	return Set{Low: steps[0], High: steps[len(steps)-1], used: steps, index: newIndex(steps)}
}

// Len returns the number of steps in the set.
func (s *Set) Len() int64 {
	if s.used != nil {
		return int64(len(s.used))
	}
	return s.High - s.Low + 1
}

// IsDense reports whether the set has no gaps by definition.
func (s *Set) IsDense() bool { return s.used == nil }

// Steps returns the steps of a listed set, by rank; nil for a dense one.
func (s *Set) Steps() []int64 { return s.used }

// Index returns where the steps of a listed set are; nil for a dense one.
func (s *Set) Index() *Index { return s.index }

// Step returns the step of the given rank, 0 <= rank < Len.
func (s *Set) Step(rank int64) int64 {
	if s.used != nil {
		return s.used[rank]
	}
	return s.Low + rank
}

// Rank returns the rank of a step, which is in the set.
func (s *Set) Rank(step int64) int64 {
	if s.used == nil {
		return step - s.Low
	}
	return s.index.rank(step-s.Low, s.used)
}

// Boundary returns the point halfway between the steps of rank-1 and rank: what lies above it belongs to rank and
// higher ones. Below the lowest rank and above the highest there is no boundary: it is infinite.
func (s *Set) Boundary(rank int64) float64 {
	switch {
	case rank <= 0:
		return math.Inf(-1)
	case rank >= s.Len():
		return math.Inf(1)
	case s.used != nil:
		return float64(float64(s.used[rank-1]+s.used[rank]) * 0.5)
	}
	return float64(s.Low+rank) - 0.5
}

// ErrDamaged is returned for a list of steps that no encoder writes.
var ErrDamaged = errors.New("alphabet: the list of used values is damaged")

// gapModel codes the gaps of a listed set: whether a gap is 1, 2, 3 or more, in the context of the four gaps before
// it, and the excess over 4 in an adaptive Elias gamma code.
type gapModel struct {
	context int // the last four gaps, less one, limited to 3, two bits each
	small   [256][3]adaptiveBit
	length  [32]adaptiveBit
	digit   [32]adaptiveBit
}

// adaptiveBit is the probability of a zero, adapted with each bit.
type adaptiveBit uint16

func newGapModel() *gapModel {
	m := &gapModel{}
	for i := range m.small {
		m.small[i] = [3]adaptiveBit{1 << 15, 1 << 15, 1 << 15}
	}
	for i := range m.length {
		m.length[i], m.digit[i] = 1<<15, 1<<15
	}
	return m
}

// bitCoder is the encoder or decoder of one bit: the encoder returns the bit that it was given.
type bitCoder func(bit int, p0 uint32) int

func (a *adaptiveBit) code(c bitCoder, bit int) int {
	bit = c(bit, uint32(*a))
	const rate = 4
	if bit == 0 {
		*a += (0xFFE0 - *a) >> rate
	} else {
		*a -= (*a - 0x20) >> rate
	}
	return bit
}

// code codes gap >= 1; a decoder passes 0 and receives the gap. It returns 0 if the gap is impossibly long.
func (m *gapModel) code(c bitCoder, gap int64) int64 {
	small := &m.small[m.context]
	g := int64(1)
	for g < 4 && small[g-1].code(c, boolBit(gap > g)) == 1 {
		g++
	}
	m.context = (m.context<<2 | int(g-1)) & 255
	if g < 4 {
		return g
	}
	excess := gap - 3 // at least 1
	length := 0
	for m.length[length].code(c, boolBit(excess>>(length+1) > 0)) == 1 {
		if length++; length == 32 {
			return 0
		}
	}
	value := int64(1)
	for i := length - 1; i >= 0; i-- {
		value = value<<1 | int64(m.digit[i].code(c, int(excess>>i&1)))
	}
	return value + 3
}

func boolBit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Write codes the list of a set that is not dense; Low and High are known to the decoder.
func (s *Set) Write(e *rangecoder.Encoder) {
	m := newGapModel()
	c := func(bit int, p0 uint32) int { e.Encode(bit, p0); return bit }
	for i := 1; i < len(s.used); i++ {
		m.code(c, s.used[i]-s.used[i-1])
	}
}

// ReadListed reads a list of steps from low to high, which has at most limit elements: a channel has no more
// distinct values than samples.
func ReadListed(d *rangecoder.Decoder, low, high int64, limit int) (Set, error) {
	m := newGapModel()
	c := func(_ int, p0 uint32) int { return d.Decode(p0) }
	used := []int64{low}
	for last := low; last < high; {
		gap := m.code(c, 0)
		last += gap
		if gap == 0 || last > high || len(used) >= limit {
			return Set{}, ErrDamaged
		}
		used = append(used, last)
	}
	return Listed(used), nil
}

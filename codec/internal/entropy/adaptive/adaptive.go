// Package adaptive codes bits, and numbers made of them, with probabilities that are learnt from the bits before. It is for what stands
// beside the samples and has a structure of its own. (Rissanen and Langdon, Universal modeling and coding, 1981.)
package adaptive

import (
	"math/bits"

	"trilobyte/codec/internal/entropy/rangecoder"
)

// Coder codes values. The same calls encode and decode: each takes a value, which a decoder ignores, and returns the value that was
// coded.
type Coder struct {
	encoder *rangecoder.Encoder // one of the two is nil
	decoder *rangecoder.Decoder
	memory  int32
}

// NewEncoder returns a coder that encodes to e. Memory is the number of bits, up to 2^15, after which a Chance begins to forget the
// oldest.
func NewEncoder(e *rangecoder.Encoder, memory int) *Coder {
	return &Coder{encoder: e, memory: int32(memory)}
}

// NewDecoder returns a coder that decodes from d what one of the same memory has encoded. Whatever d holds, it yields values for ever.
func NewDecoder(d *rangecoder.Decoder, memory int) *Coder {
	return &Coder{decoder: d, memory: int32(memory)}
}

// Decodes reports whether the coder decodes.
func (c *Coder) Decodes() bool { return c.decoder != nil }

// Chance is what is known of a bit in one context. The zero value knows nothing.
type Chance struct {
	lean  int32 // probability that the bit is 0, less one half, in units of 2^-chanceBits
	count int32 // bits seen, up to the memory
}

const (
	chanceBits  = 22
	leastChance = 16 // of a bit, in units of 1/rangecoder.ProbabilityOne
)

// Bit codes one bit.
func (c *Coder) Bit(m *Chance, bit int) int {
	p0 := uint32(m.lean+1<<(chanceBits-1)) >> (chanceBits - rangecoder.ProbabilityBits)
	p0 = min(max(p0, leastChance), rangecoder.ProbabilityOne-leastChance)
	if c.decoder != nil {
		bit = c.decoder.Decode(p0)
	} else {
		c.encoder.Encode(bit, p0)
	}
	target := int32(1-2*bit) << (chanceBits - 1)
	m.lean += (target - m.lean) * 2 / (2*m.count + 3)
	m.count = min(m.count+1, c.memory)
	return bit
}

// Expect codes whether something is as expected, which at first is held for likely.
func (c *Coder) Expect(m *Chance, expected bool) bool {
	if m.count == 0 {
		*m = Chance{lean: 7 << (chanceBits - 4), count: 3} // 15/16
	}
	return !c.Flag(m, !expected)
}

// Flag codes a truth value.
func (c *Coder) Flag(m *Chance, value bool) bool {
	bit := 0
	if value {
		bit = 1
	}
	return c.Bit(m, bit) == 1
}

// Tree codes a number below len(m), which is a power of two, bit by bit from the top, each in the context of those before it.
func (c *Coder) Tree(m []Chance, value int) int {
	node := 1
	for level := bits.Len(uint(len(m))) - 2; level >= 0; level-- {
		node = node<<1 | c.Bit(&m[node], value>>level&1)
	}
	return node - len(m)
}

// Digits codes a number below 2^n, n <= len(m), bit by bit from the top, each in the context of its place only: m[0] is for the lowest bit.
func (c *Coder) Digits(m []Chance, n int, value uint64) uint64 {
	result := uint64(0)
	for place := n - 1; place >= 0; place-- {
		result = result<<1 | uint64(c.Bit(&m[place], int(value>>place&1)))
	}
	return result
}

// Uniform codes a number below 2^n of which nothing is known.
func (c *Coder) Uniform(value uint64, n int) uint64 {
	result := uint64(0)
	for place := n - 1; place >= 0; place-- {
		bit := int(value >> place & 1)
		if c.decoder != nil {
			bit = c.decoder.Decode(rangecoder.ProbabilityOne / 2)
		} else {
			c.encoder.Encode(bit, rangecoder.ProbabilityOne/2)
		}
		result = result<<1 | uint64(bit)
	}
	return result
}

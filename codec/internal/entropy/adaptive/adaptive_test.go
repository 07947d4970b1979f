package adaptive_test

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/entropy/adaptive"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// call is one value that is coded.
type call struct {
	kind  int
	value uint64
}

// chances are those that calls share.
type chances struct {
	bit, flag, expected adaptive.Chance
	tree                [16]adaptive.Chance
	digits              [40]adaptive.Chance
}

func (m *chances) code(c *adaptive.Coder, v call) uint64 {
	truth := func(b bool) uint64 {
		if b {
			return 1
		}
		return 0
	}
	switch v.kind {
	case 0:
		return uint64(c.Bit(&m.bit, int(v.value&1)))
	case 1:
		return truth(c.Flag(&m.flag, v.value&1 == 1))
	case 2:
		return truth(c.Expect(&m.expected, v.value&1 == 1))
	case 3:
		return uint64(c.Tree(m.tree[:], int(v.value&15)))
	case 4:
		return c.Digits(m.digits[:], 37, v.value&(1<<37-1))
	}
	return c.Uniform(v.value&(1<<13-1), 13)
}

// want is what a call should return.
func (v call) want() uint64 {
	return v.value & [...]uint64{1, 1, 1, 15, 1<<37 - 1, 1<<13 - 1}[v.kind]
}

func TestValuesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		calls := rapid.SliceOf(rapid.Custom(func(t *rapid.T) call {
			return call{rapid.IntRange(0, 5).Draw(t, "kind"), rapid.Uint64().Draw(t, "value")}
		})).Draw(t, "calls")
		memory := rapid.SampledFrom([]int{1, 250, 1 << 15}).Draw(t, "memory")
		to, m := rangecoder.NewEncoder(nil), chances{}
		encoder := adaptive.NewEncoder(to, memory)
		for _, v := range calls {
			if got := m.code(encoder, v); got != v.want() {
				t.Fatalf("encoding %v returns %d", v, got)
			}
		}
		decoder := adaptive.NewDecoder(rangecoder.NewDecoder(to.Finish()), memory)
		m = chances{}
		for i, v := range calls {
			if got := m.code(decoder, call{kind: v.kind}); got != v.want() {
				t.Fatalf("value %d of kind %d is %d, want %d", i, v.kind, got, v.want())
			}
		}
	})
}

// Bits of a fixed probability take little more than Shannon says.
func TestSizeIsTheEntropy(t *testing.T) {
	const n = 100_000
	for _, ones := range []int{0, 10, 100, 500} { // of 1000
		to, m := rangecoder.NewEncoder(nil), adaptive.Chance{}
		c := adaptive.NewEncoder(to, 1000)
		state := uint32(1)
		for range n {
			state = state*1664525 + 1013904223
			bit := 0
			if int(state>>16)*1000>>16 < ones {
				bit = 1
			}
			c.Bit(&m, bit)
		}
		p := float64(ones) / 1000
		entropy := 0.0
		if ones > 0 {
			entropy = n / 8 * -(p*math.Log2(p) + (1-p)*math.Log2(1-p))
		}
		if size := float64(len(to.Finish())); size > entropy*1.02+15 {
			t.Errorf("%d of 1000 bits: %v bytes, the entropy is %.0f", ones, size, entropy)
		}
	}
}

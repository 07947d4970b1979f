package feature

import (
	"math"

	"trilobyte/codec/internal/simd"
)

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0x1b42f63b1d81aae5

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of the results.
func knownAnswer() error {
	d := digest{new(simd.Digest)}
	d.logarithms()
	d.comparisons()
	return d.Check(knownAnswerSum)
}

type digest struct{ *simd.Digest }

func (d digest) logarithms() {
	x := d.Vector(37)
	for i := range x {
		x[i] = float64(x[i] * math.Ldexp(1, i-16))
	}
	signed := make([]uint8, len(x))
	SignedLogs(x, 0.7, signed)
	for _, v := range signed {
		d.Add(float64(v))
	}
}

func (d digest) comparisons() {
	c := NewComparison(13, 0.25, &[BaseShares]float64{1, 0.5, 0.125, 0.01, 0.001, 0.75, 0.3, 0.2})
	n := len(c.Seen)
	differences, levels, logs := make([]float32, n), make([]uint8, 2*n), new([BaseShares]int32)
	for range 6 {
		for i, v := range d.Vector(n) {
			c.Seen[i] = float64(v * math.Ldexp(1, i-n))
		}
		c.Describe(d.Next(), 30, 20, differences, levels, logs)
		c.Learn(d.Next(), -0.7, 0.8)
		d.Add(c.miss...)
		for i, v := range differences {
			d.Add(float64(v), float64(levels[2*i]), float64(levels[2*i+1]))
		}
		for _, v := range logs {
			d.Add(float64(v))
		}
	}
}

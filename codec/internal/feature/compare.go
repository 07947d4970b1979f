package feature

import (
	"math"

	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/simd"
)

// BaseShares is how many running means of the base's error a Comparison has besides the one that it shares with the
// predictions.
const BaseShares = 8

// Comparison is some predictions of the same samples, compared with a base, which is one prediction more, and with the samples.
type Comparison struct {
	Seen  []float64 // the predictions, a multiple of 8, for the vector kernels; those beyond the ones in use are as the base
	used  int
	base  float64
	miss  []float64 // running mean absolute errors: of the predictions, of the base, of the base with each of its own shares
	share []float64 // with which a new error enters them
}

// NewComparison makes a comparison of some predictions, at least one. Their errors and those of the base enter the means with a
// share, and those of the base enter other means with shares of its own.
func NewComparison(predictions int, share float64, own *[BaseShares]float64) Comparison {
	lanes := simd.RoundUp(predictions, simd.Lanes64)
	n := simd.RoundUp(lanes+1+BaseShares, simd.Lanes64)
	c := Comparison{Seen: make([]float64, lanes), used: predictions, miss: make([]float64, n), share: make([]float64, n)}
	for i := range c.share[:lanes+1] {
		c.share[i] = share
	}
	copy(c.share[lanes+1:], own[:])
	return c
}

// Means returns the running mean absolute errors of the base with each of its own shares.
func (c *Comparison) Means() *[BaseShares]float64 {
	return (*[BaseShares]float64)(c.miss[len(c.Seen)+1:])
}

// Expect has all means begin with a size of error that is not negative.
func (c *Comparison) Expect(size float64) {
	for i := range c.miss {
		c.miss[i] = size
	}
}

// Describe compares the predictions that Seen holds with the base. It sets differences[i] to (Seen[i] - base)*scale, limited to
// -limit..limit, where not-a-number becomes -limit; levels[2*i] to the logarithm of that as SignedLogs gives it; levels[2*i+1]
// to 128 + 2*(the logarithm of the prediction's mean error less that of the base's), limited to 0..255; and logs to the
// logarithms of Means. These are fixed.Log2, but not below that of 1/4096. differences is as long as Seen, levels twice as long.
func (c *Comparison) Describe(base, scale, limit float64, differences []float32, levels []uint8, logs *[BaseShares]int32) {
	c.base = base
	for i := c.used; i < len(c.Seen); i++ {
		c.Seen[i] = base
	}
	n := len(c.Seen)
	differences, levels = differences[:n], levels[:2*n]
	if active.describe != nil {
		active.describe(&c.Seen[0], &c.miss[0], &differences[0], &levels[0], &logs[0], n, base, scale, limit)
		return
	}
	all := MissLog(c.miss[n])
	for i, p := range c.Seen {
		d := clamp((p-base)*scale, -limit, limit)
		differences[i], levels[2*i] = float32(d), signedLog(d)
		levels[2*i+1] = uint8(max(-128, min(127, (MissLog(c.miss[i])-all)*2)) + 128)
	}
	for i, m := range c.Means() {
		logs[i] = int32(MissLog(m))
	}
}

// MissLog returns fixed.Log2 of a mean error, but not below that of 1/4096.
func MissLog(miss float64) int {
	const floor = 1. / 4096
	return fixed.Log2(max(miss, floor))
}

// Learn makes each mean (mean + (|sample - prediction| - mean)*share), where the prediction is limited to low..high first.
// Not-a-number becomes low. Describe has told it the base.
func (c *Comparison) Learn(sample, low, high float64) {
	n := len(c.Seen)
	if active.learnMisses != nil {
		active.learnMisses(&c.Seen[0], &c.miss[0], &c.share[0], n, len(c.miss), sample, c.base, low, high)
		return
	}
	for i, p := range c.Seen {
		c.miss[i] += float64((math.Abs(sample-clamp(p, low, high)) - c.miss[i]) * c.share[i])
	}
	miss := math.Abs(sample - clamp(c.base, low, high))
	for i := n; i < len(c.miss); i++ {
		c.miss[i] += float64((miss - c.miss[i]) * c.share[i])
	}
}

// clamp returns x limited to low..high; not-a-number becomes low.
func clamp(x, low, high float64) float64 {
	if !(x > low) {
		return low
	}
	if x > high {
		return high
	}
	return x
}

package kernel

import "math"

// Comparison is some predictions of the same samples, compared with each other and with the samples. Its slices are a
// multiple of 8 long, for the vector kernels.
type Comparison struct {
	Seen  []float64 // the predictions
	Miss  []float64 // running mean absolute errors
	share []float64 // with which a new error enters Miss
}

// NewComparison makes a comparison of len(shares) predictions; shares are those with which new errors enter the means.
func NewComparison(shares []float64) Comparison {
	n := roundUp(len(shares), lanes64)
	c := Comparison{make([]float64, n), make([]float64, n), make([]float64, n)}
	copy(c.share, shares)
	return c
}

// Learn makes each Miss (Miss + (|sample - Seen| - Miss)*share), where Seen is limited to low..high first. Not-a-number
// becomes low.
func (c *Comparison) Learn(sample, low, high float64) {
	if active.learnMisses != nil && len(c.share) > 0 {
		active.learnMisses(&c.Seen[0], &c.Miss[0], &c.share[0], len(c.share), sample, low, high)
		return
	}
	seen, miss := c.Seen[:len(c.share)], c.Miss[:len(c.share)]
	for i, share := range c.share {
		miss[i] += float64((math.Abs(sample-clamp(seen[i], low, high)) - miss[i]) * share)
	}
}

// Disagreements sets to[i] to (Seen[i] - base)*scale, limited to -limit..limit, and logs[i] to its logarithm as
// SignedLogs gives it. Not-a-number becomes -limit. to and logs are equally long, a multiple of 8.
func (c *Comparison) Disagreements(base, scale, limit float64, to []float32, logs []uint8) {
	seen, logs := c.Seen[:len(to)], logs[:len(to)]
	if active.disagreements != nil && len(to) > 0 && len(to)%lanes64 == 0 {
		active.disagreements(&seen[0], &to[0], &logs[0], len(to), base, scale, limit)
		return
	}
	for i, p := range seen {
		d := clamp((p-base)*scale, -limit, limit)
		to[i], logs[i] = float32(d), signedLog(d)
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

package predictor

import (
	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/simd"
)

// Weigh takes errors, which are finite and not negative, into their running means, and finds the weights of the updates that
// go with them: it makes means[i] means[i]*0.998 + errs[i]*0.002, and weights[i] fixed.PowMinus08(size + 0.001), where size is
// means[i]*(1-innovation) + errs[i]*innovation, or just means[i] if innovation, at least 0 and less than 1, is 0. The slices are
// equally long; vector kernels take multiples of 8.
func weighErrors(errs, means, weights []float64, innovation float64) {
	n := len(errs)
	means, weights = means[:n], weights[:n]
	if active.weigh != nil && n > 0 && n%simd.Lanes64 == 0 {
		active.weigh(&errs[0], &means[0], &weights[0], n, innovation)
		return
	}
	for i, err := range errs {
		mean := float64(means[i]*0.998) + float64(err*0.002)
		means[i] = mean
		if innovation > 0 {
			mean = float64(mean*(1-innovation)) + float64(err*innovation)
		}
		weights[i] = fixed.PowMinus08(mean + 0.001)
	}
}

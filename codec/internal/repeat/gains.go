package repeat

import (
	"context"

	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/predictor"
)

// Gains returns, for each of some lengths in frames, about how many bits a sample repeats save where the recording is cut into
// segments of that length, which know nothing of each other: samples[channel][frame]. It is quick, and finds less than
// there is: it is for comparing lengths. It fails only if the context ends.
func Gains(ctx context.Context, samples [][]int32, lengths []int) ([]float64, error) {
	gains := make([]float64, len(lengths))
	frames := len(samples[0])
	if frames < predictor.LeastRepeating {
		return gains, nil
	}
	size := partSize(frames, coarseParts, coarseLeast)
	s := thin(samples, 3)
	f, err := search(ctx, s, size, frames)
	if err != nil {
		return nil, err
	}
	for part, peaks := range f.lags {
		start := part * size
		for i, length := range lengths {
			behind := start % length // so many frames of the segment come before the part, and so many of its own belong to it
			inside := min(size, length-behind, frames-start)
			for _, p := range peaks {
				if p.lag <= behind { // the best one of those
					gains[i] += saved(p, float64(size/s.thinning)) * float64(inside) / float64(frames)
					break
				}
			}
		}
	}
	return gains, nil
}

const (
	// worthSearching is how many bits a sample Gains must promise before Share looks closer.
	worthSearching = 0.02
	// Share chooses lags for so many stretches at least, and then for one of so many.
	leastChosen, everyStretch = 24, 6
)

// Share is about what Find returns as the share of its size that a recording saves by repeating itself, samples[channel][frame] of one
// channel or a pair, told from some of its stretches, which is quicker.
func Share(ctx context.Context, samples [][]int32) (float64, error) {
	gains, err := Gains(ctx, samples, []int{len(samples[0])})
	if err != nil || gains[0] < worthSearching {
		return 0, err
	}
	c, err := look(ctx, samples)
	if c == nil {
		return 0, err
	}
	stretches := (len(samples[0])-1)/stretch + 1
	saved, chosen := 0.0, 0
	every := max(min(stretches/leastChosen, everyStretch), 1)
	for i := every / 2; i < stretches; i += every {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		_, bits := c.choose(i)
		saved += bits
		chosen++
	}
	saved *= float64(stretches) / float64(max(chosen, 1))
	if saved*worthwhile < c.bits {
		return 0, nil
	}
	return saved / c.bits, nil
}

// saved returns about how many bits a sample of a part of so many elements are saved by what is known from a lag, if the samples are
// Gaussian variables.
func saved(p peak, elements float64) float64 {
	same := 2 * elements * elements // the correlation with the same: transforms are twice as long as parts
	return -fixed.PreciseLog2(max(1-p.square/float64(same*same), 1./64)) / 2
}

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
	// Share searches so many parts at least, and then one of so many.
	leastSearched, everyPart = 16, 5
	// worthChoosing is how many bits a sample the search must promise before Share looks closer.
	worthChoosing = 0.02
	// It chooses lags for one stretch of each part that was searched; if these save so much, for one of so many of all stretches.
	much, everyStretch = 0.15, 3
)

// Share is about what Find returns as the share of its size that a recording saves by repeating itself, samples[channel][frame] of one
// channel or a pair. It looks for what some parts of it repeat, anywhere before them, which is quicker.
func Share(ctx context.Context, samples [][]int32) (float64, error) {
	frames := len(samples[0])
	if frames < predictor.LeastRepeating {
		return 0, ctx.Err()
	}
	size := partSize(frames, fineParts, fineLeast)
	step := max(min(frames/size/leastSearched, everyPart), 1)
	f, err := searchSome(ctx, thin(samples, 2), size, fineLags, step/2, step)
	if err != nil || f.promised(size/4) < worthChoosing*float64((frames+size-1)/size/step) {
		return 0, err
	}
	c := newChoice(samples)
	c.refine(f)
	saved, err := c.share(ctx, step/2*size/stretch, step*size/stretch)
	if saved > much && err == nil {
		saved, err = c.share(ctx, everyStretch/2, everyStretch)
	}
	if !(saved*worthwhile >= 1) { // or there are no bits at all to be saved
		return 0, err
	}
	return min(saved, 1), err
}

// share is about what share of a recording's size is saved, as some stretches tell: each so-manieth one, from the first of them on.
func (c *choice) share(ctx context.Context, first, step int) (float64, error) {
	frames := len(c.samples[0])
	saved, chosen := 0.0, 0
	for number := first; number*stretch < frames; number += step {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		_, bits := c.choose(number)
		saved += bits
		chosen += min(stretch, frames-number*stretch)
	}
	return saved / c.bits * float64(frames) / float64(max(chosen, 1)), nil
}

// promised is the sum of how many bits a sample the best lags of parts of so many elements save.
func (f *found) promised(elements int) (bits float64) {
	for _, peaks := range f.lags {
		if len(peaks) > 0 {
			bits += saved(peaks[0], float64(elements))
		}
	}
	return bits
}

// saved returns about how many bits a sample of a part of so many elements are saved by what is known from a lag, if the samples are
// Gaussian variables.
func saved(p peak, elements float64) float64 {
	same := 2 * elements * elements // the correlation with the same: transforms are twice as long as parts
	return -fixed.PreciseLog2(max(1-p.square/float64(same*same), 1./64)) / 2
}

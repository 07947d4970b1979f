// Package repeat finds where a recording repeats itself: how far back each stretch of it was heard before. It is for the encoder
// alone, but its choices decide what is in an archive, so they are the same on every machine: plain IEEE + - * / and sqrt, each
// rounded on its own, in a fixed order.
//
// A linear predictor takes from the recording what its nearest past tells. What is left is correlated with all that came before
// (by fast Fourier transforms, at a quarter of the sample rate), at first for long parts of the recording, which is quick. Where that finds
// something, shorter parts follow; the lags that stand out are found to the frame, and for each stretch a least squares tells which
// one saves most.
package repeat

import (
	"context"

	"trilobyte/codec/internal/predictor"
)

const stretch = predictor.Stretch

const (
	// The searches cut the recording into about so many parts, but not into shorter ones.
	coarseParts, coarseLeast = 16, 2 * stretch
	fineParts, fineLeast     = 256, 2 * stretch
	// So many lags of each part are looked at.
	coarseLags, fineLags = 2, 6
	// promising and worthwhile are the shares of a recording's size that are to be saved, by a quick estimate after the coarse search
	// and by a better one after the fine one: one of so many. Below that the predictors lose as much, since they have fewer regressors
	// from nearby where they look around lags.
	promising, worthwhile = 128, 64
)

// Find returns where one channel or a pair repeats itself, samples[channel][frame], and about how much smaller that makes it, as a share
// of its size; nil and 0 if that is not worth telling. It fails only if the context ends.
func Find(ctx context.Context, samples [][]int32) (lags predictor.Lags, saved float64, err error) {
	c, err := look(ctx, samples)
	if c == nil {
		return nil, 0, err
	}
	lags = make(predictor.Lags, (len(samples[0])-1)/stretch+1)
	for i := range lags {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		lag, bits := c.choose(i)
		lags[i] = lag
		saved += bits
	}
	if saved*worthwhile < c.bits {
		return nil, 0, nil
	}
	return lags, saved / c.bits, nil
}

// look searches for the lags at which a recording repeats itself; nil if there is nothing to choose from.
func look(ctx context.Context, samples [][]int32) (*choice, error) {
	frames := len(samples[0])
	if frames < predictor.LeastRepeating {
		return nil, nil
	}
	thin := thin(samples, 2)
	coarse, err := search(ctx, thin, partSize(frames, coarseParts, coarseLeast), coarseLags)
	if err != nil || !coarse.anything() {
		return nil, err
	}
	c := newChoice(samples)
	if c.refine(coarse); !(c.estimate()*promising > c.bits) {
		return nil, ctx.Err()
	}
	fine, err := search(ctx, thin, partSize(frames, fineParts, fineLeast), fineLags)
	if err != nil {
		return nil, err
	}
	c.refine(fine)
	return c, nil
}

// partSize returns the power of two that makes at most so many parts of so many frames, or least.
func partSize(frames, parts, least int) int {
	size := least
	for size*parts < frames {
		size *= 2
	}
	return size
}

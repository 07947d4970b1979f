package predictor

import (
	"fmt"
	"slices"
)

// A recording that repeats itself tells more of a sample than what came just before it: the samples on both sides of the place where
// the same was heard before. Whoever encodes says how far back that is, see Lags; these samples enter the least squares as further
// regressors, so filters and mixers after them have their share, too. (Long-term prediction, as in speech coders since Atal and
// Schroeder, Adaptive predictive coding of speech signals, Bell System Technical Journal 49, 1970; here with what came after the
// place as well.)
const (
	// Stretch is the number of frames that share a lag.
	Stretch = 4096
	// LeastRepeating is the number of frames from which a recording may repeat itself.
	LeastRepeating = 4 * Stretch
	// LeastLag is the least lag, in frames.
	LeastLag = 64
	// MaxAround is the most samples around a lag: the second half of them is known at the least lag.
	MaxAround = LeastLag
)

// Lags says where a channel or a pair repeats itself: for each Stretch frames the distance, in frames, to what they resemble in the
// past. It is 0, for nothing, or LeastLag to the number of frames before the stretch. Lags that are nil stand for a recording that
// nowhere repeats itself.
type Lags []int

// Repeating says which regressors a group of least squares has where the recording repeats itself.
type Repeating struct {
	// Own and Other are as in LeastSquares.
	Own   int `json:"own"`
	Other int `json:"other,omitempty"`
	// Around is how many samples of the channel around the lag there are, half of them before the place that is as far back as
	// the lag says, the rest from there on. AroundOther are those of the other channel of a pair.
	Around      int `json:"around"`
	AroundOther int `json:"around_other,omitempty"`
}

// all is the number of regressors for a channel of a pair, which has the most.
func (r *Repeating) all() int { return r.Own + r.Other + r.Around + r.AroundOther }

// check returns what is impossible about the regressors.
func (r *Repeating) check() error {
	for _, n := range []int{r.Around, r.AroundOther} {
		if n < 0 || n > MaxAround || n%2 != 0 {
			return fmt.Errorf("%d samples around a lag, not an even number up to %d", n, MaxAround)
		}
	}
	if r.Own < 1 || r.Own > maxUnknowns || r.Other < 0 || r.Other > maxUnknowns || r.Around < 2 || r.all() > maxUnknowns {
		return fmt.Errorf("a least squares of %d, %d, %d and %d regressors, not of at most %d", r.Own, r.Other, r.Around, r.AroundOther, maxUnknowns)
	}
	return nil
}

// Repeats reports whether there are predictors for recordings that repeat themselves.
func (d *Description) Repeats() bool {
	return slices.ContainsFunc(d.LeastSquares, func(l LeastSquares) bool { return l.Repeating != nil })
}

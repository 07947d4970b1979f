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

// repeats gives the groups of a set regressors from where the recording repeats itself.
type repeats struct {
	lags    Lags
	count   int // samples that were predicted
	own     surroundings
	other   surroundings // of the other channel of a pair
	sources []source
}

// surroundings are samples around the place that a lag leads to.
type surroundings struct {
	samples []int32 // of the channel, as far as they are known; nil if there is no such channel
	most    int     // so many are looked at
	values  [MaxAround]float64
}

// at looks at what is around the sample of that number; what comes before the first one is 0.
func (s *surroundings) at(sample int) {
	if s.most == 0 {
		return
	}
	values, first := s.values[:s.most], sample-s.most/2
	for len(values) > 0 && first < 0 {
		values[0] = 0
		values, first = values[1:], first+1
	}
	for i, v := range s.samples[first:][:len(values)] {
		values[i] = float64(v)
	}
}

// middle returns the n of the values that are nearest to the place.
func (s *surroundings) middle(n int) []float64 { return s.values[(s.most-n)/2:][:n] }

// source is what the regressors of a group besides the newest of the channel are: the newest of the other channel, then those
// around the lag.
type source struct {
	values                     []float64
	other, around, aroundOther int
}

// add appends the source of a group, and returns how many regressors the group has from the channel itself and from there.
func (r *repeats) add(l *LeastSquares) (own, besides int) {
	own = l.Own
	s := source{other: l.Other}
	if l.Repeating != nil {
		own = l.Repeating.Own
		s = source{other: l.Repeating.Other, around: l.Repeating.Around, aroundOther: l.Repeating.AroundOther}
	}
	if r.other.samples == nil {
		own, s.other, s.aroundOther = own+s.other, 0, 0
	}
	s.values = make([]float64, s.other+s.around+s.aroundOther)
	r.sources = append(r.sources, s)
	r.own.most, r.other.most = max(r.own.most, s.around), max(r.other.most, s.aroundOther)
	return own, len(s.values)
}

// gather brings the values of all sources up to date, given the newest samples of the other channel.
func (r *repeats) gather(other *regressors) {
	if lag := r.lags[r.count/Stretch]; lag > 0 {
		r.own.at(r.count - lag)
		r.other.at(r.count - lag)
	} else {
		clear(r.own.values[:])
		clear(r.other.values[:])
	}
	r.count++
	for i := range r.sources {
		s := &r.sources[i]
		to := s.values
		to = to[copy(to, other.newest(s.other)):]
		to = to[copy(to, r.own.middle(s.around)):]
		copy(to, r.other.middle(s.aroundOther))
	}
}

package predictor_test

import (
	"math"
	"strings"
	"testing"

	"trilobyte/codec/internal/predictor"
)

// errorsOf runs sets over samples[channel][frame] and returns the mean absolute error of the last prediction of each channel, over the
// frames from start on.
func errorsOf(d *predictor.Description, samples [][]int32, lags predictor.Lags, start int) []float64 {
	sets := predictor.NewSets(d, samples, predictor.Relations{Lags: lags})
	errs := make([]float64, len(sets))
	for i := range samples[0] {
		for c, s := range sets {
			s.Predict()
			v := float64(samples[c][i])
			if i >= start {
				errs[c] += math.Abs(v-s.Predictions[len(s.Predictions)-1]) / float64(len(samples[0])-start)
			}
			s.Learn(v)
			if len(sets) == 2 {
				sets[1-c].Observe(v)
			}
		}
		predictor.Settle(sets...)
	}
	return errs
}

// loops are two channels that repeat themselves.
func loops(frames, period int) [][]int32 {
	all := make([][]int32, 2)
	for c := range all {
		sound := chirps(period)
		for i := range frames {
			all[c] = append(all[c], int32(sound[(i+700*c)%period]))
		}
	}
	return all
}

// TestRepeatsArePredicted makes sure that what is known from a lag is predicted, in a channel alone and in both of a pair.
func TestRepeatsArePredicted(t *testing.T) {
	d := description(t)
	const period, frames = 5000, 4 * predictor.Stretch
	samples := loops(frames, period)
	lags := predictor.Lags{0, 0, period, period}
	for _, channels := range [][][]int32{samples[:1], samples} {
		const start = 3 * predictor.Stretch
		with, without := errorsOf(d, channels, lags, start), errorsOf(d, channels, nil, start)
		for c := range with {
			if with[c] > without[c]/20 {
				t.Errorf("channel %d of %d: the mean error is %g with repeats, %g without", c+1, len(channels), with[c], without[c])
			}
		}
	}
}

// TestNothingIsReadAhead makes sure that no prediction depends on samples that a decoder does not know yet, even at the least lag.
func TestNothingIsReadAhead(t *testing.T) {
	d := description(t)
	const known = predictor.Stretch + 500
	samples := loops(known+1, 5000)
	lags := predictor.Lags{0, predictor.LeastLag}
	predicted := func(unknown int32) float64 {
		for _, s := range samples {
			s[known] = unknown
		}
		sets := predictor.NewSets(d, samples, predictor.Relations{Lags: lags})
		for i := range known {
			for c, s := range sets {
				s.Predict()
				s.Learn(float64(samples[c][i]))
				sets[1-c].Observe(float64(samples[c][i]))
			}
			predictor.Settle(sets...)
		}
		sets[0].Predict()
		return sets[0].Predictions[len(sets[0].Predictions)-1]
	}
	if a, b := predicted(0), predicted(1<<30); a != b {
		t.Errorf("the prediction of an unknown sample is %g or %g", a, b)
	}
}

// TestImpossibleRepeating makes sure that impossible regressors are refused.
func TestImpossibleRepeating(t *testing.T) {
	for _, test := range []struct {
		repeating predictor.Repeating
		says      string
	}{
		{predictor.Repeating{Own: 16, Around: 0}, "16, 0, 0 and 0 regressors"},
		{predictor.Repeating{Own: 0, Around: 16}, "0, 0, 16 and 0 regressors"},
		{predictor.Repeating{Own: 16, Around: 15}, "15 samples around a lag"},
		{predictor.Repeating{Own: 16, Around: 66}, "66 samples around a lag"},
		{predictor.Repeating{Own: 16, Around: 16, AroundOther: -2}, "-2 samples around a lag"},
		{predictor.Repeating{Own: 16, Other: -1, Around: 16}, "16, -1, 16 and 0 regressors"},
		{predictor.Repeating{Own: 20, Other: 20, Around: 16, AroundOther: 10}, "20, 20, 16 and 10 regressors"},
	} {
		d := description(t)
		d.LeastSquares[1].Repeating = &test.repeating
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: the error is %v, and does not say %q", test.repeating, err, test.says)
		}
	}
}

// TestFit compares what a fit leaves with what was put in besides the regressors.
func TestFit(t *testing.T) {
	f := predictor.NewFit(3)
	for range 2 { // the second time after Reset
		f.Reset()
		left, state := 0.0, uint32(1)
		for i := range 4001 {
			state = state*1664525 + 1013904223
			noise := float64(state>>8)/(1<<23) - 1
			x := []float64{math.Sin(float64(i) * 0.1), math.Cos(float64(i) * 0.37), float64(i%17) - 8}
			copy(f.Row(), x)
			f.Add(200*x[0] - 30*x[1] + 5*x[2] + noise)
			left += noise * noise
		}
		if got := f.Left(); math.Abs(got/left-1) > 0.01 {
			t.Errorf("the fit leaves %g, noise has %g", got, left)
		}
	}
}

package model

import (
	"fmt"
	"slices"

	"trilobyte/codec/feature"
)

// KnownAnswerRows is how many rows of features the known-answer test computes at each batch size.
const KnownAnswerRows = 4096

// knownAnswer is rows of features, and their outputs by Define.
type knownAnswer struct {
	features []uint8
	outputs  []Outputs
}

var knownAnswerBatches = [...]int{1, 7, 64, KnownAnswerRows}

// KnownAnswer has run compute the outputs of fixed rows of features, in batches of 1, 7, 64 and 4096, and returns an
// error if it fails or if a single bit is not what Define gives. Compute is called on
// the calling goroutine.
func (m *Model) KnownAnswer(compute func(features []uint8, outputs []Outputs) error) error {
	return m.KnownAnswerAt(compute, knownAnswerBatches[:]...)
}

// KnownAnswerAt is KnownAnswer at batches of other sizes; those that are larger than the rows there are take rows
// several times.
func (m *Model) KnownAnswerAt(compute func(features []uint8, outputs []Outputs) error, batches ...int) error {
	answer := m.answer()
	features, want := answer.features, answer.outputs
	for _, size := range batches {
		for len(want) < size {
			features, want = slices.Concat(features, features), slices.Concat(want, want)
		}
	}
	got := make([]Outputs, len(want))
	for _, size := range batches {
		rows := max(size, KnownAnswerRows)
		clear(got)
		for start := 0; start < rows; start += size {
			end := min(start+size, rows)
			if err := compute(features[start*feature.Count:end*feature.Count], got[start:end]); err != nil {
				return err
			}
		}
		for r := range rows {
			for o, v := range got[r] {
				if v != want[r][o] {
					return fmt.Errorf("its results are not exact: in batches of %d, output %d of row %d is %d instead of %d", size, o+1, r+1, v, want[r][o])
				}
			}
		}
	}
	return nil
}

func (m *Model) newKnownAnswer() knownAnswer {
	a := knownAnswer{m.knownAnswerFeatures(), make([]Outputs, KnownAnswerRows)}
	m.Define(a.features, a.outputs)
	return a
}

// knownAnswerFeatures makes the rows of the known-answer test: for each neuron of the first layer the rows that drive
// its sum to its extremes, then rows of random features, of which some are sparse.
func (m *Model) knownAnswerFeatures() []uint8 {
	features := make([]uint8, 0, KnownAnswerRows*feature.Count)
	first := m.layers[0]
	for o := range min(first.outputs, KnownAnswerRows/4) {
		weights := first.weights[o*first.inputs:][:first.inputs]
		for _, sign := range []int{1, -1} {
			for _, w := range weights {
				if sign*int(w) > 0 {
					features = append(features, activationLimit)
				} else {
					features = append(features, 0)
				}
			}
		}
	}
	state := uint32(1)
	next := func() uint8 {
		state = state*1664525 + 1013904223
		return uint8(state >> 24)
	}
	for len(features) < KnownAnswerRows*feature.Count {
		sparse := len(features)/feature.Count%4 == 0
		for range feature.Count {
			v := next()
			if sparse && next() >= 64 {
				v = 128 // stands for zero
			}
			features = append(features, v)
		}
	}
	return features
}

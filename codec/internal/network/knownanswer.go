package network

import (
	"fmt"
	"slices"

	"trilobyte/codec/internal/feature"
)

// KnownAnswerRows is how many rows the known-answer test computes at each batch size.
const KnownAnswerRows = 4096

// knownAnswer is rows, and their outputs by Define.
type knownAnswer struct {
	inputs  []uint8
	outputs []Outputs
}

var knownAnswerBatches = [...]int{1, 7, 64, KnownAnswerRows}

// KnownAnswer has run compute the outputs of fixed rows, m.Inputs() bytes each, in batches of 1, 7, 64 and 4096, and returns an
// error if it fails or if a single bit is not what Define gives. Compute is called on
// the calling goroutine.
func (m *Model) KnownAnswer(compute func(inputs []uint8, outputs []Outputs) error) error {
	return m.KnownAnswerAt(compute, knownAnswerBatches[:]...)
}

// KnownAnswerAt is KnownAnswer at batches of other sizes; those that are larger than the rows there are take rows
// several times.
func (m *Model) KnownAnswerAt(compute func(inputs []uint8, outputs []Outputs) error, batches ...int) error {
	answer := m.answer()
	width, inputs, want := m.Inputs(), answer.inputs, answer.outputs
	for _, size := range batches {
		for len(want) < size {
			inputs, want = slices.Concat(inputs, inputs), slices.Concat(want, want)
		}
	}
	got := make([]Outputs, len(want))
	for _, size := range batches {
		rows := max(size, KnownAnswerRows)
		clear(got)
		for start := 0; start < rows; start += size {
			end := min(start+size, rows)
			if err := compute(inputs[start*width:end*width], got[start:end]); err != nil {
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
	a := knownAnswer{m.knownAnswerInputs(), make([]Outputs, KnownAnswerRows)}
	m.Define(a.inputs, a.outputs)
	return a
}

// knownAnswerInputs makes the rows of the known-answer test: for each neuron of the first layer the rows that drive
// its sum to its extremes, then random rows, of which some are sparse.
func (m *Model) knownAnswerInputs() []uint8 {
	width := m.Inputs()
	inputs := make([]uint8, 0, KnownAnswerRows*width)
	first := m.layers[0]
	for o := range min(first.outputs, KnownAnswerRows/4) {
		weights := first.weights[o*first.inputs:][:first.inputs]
		for _, sign := range []int{1, -1} {
			for _, w := range weights {
				if sign*int(w) > 0 {
					inputs = append(inputs, activationLimit)
				} else {
					inputs = append(inputs, 0)
				}
			}
		}
	}
	state := uint32(1)
	next := func() uint8 {
		state = state*1664525 + 1013904223
		return uint8(state >> 24)
	}
	for len(inputs) < KnownAnswerRows*width {
		sparse := len(inputs)/width%4 == 0
		for i := range width {
			v := next()
			if sparse && next() >= 64 {
				v = 128 // stands for zero
				if i >= feature.Count {
					v = 0
				}
			}
			inputs = append(inputs, v)
		}
	}
	return inputs
}

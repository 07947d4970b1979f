package predictor

import (
	"unsafe"

	"trilobyte/codec/internal/simd"
)

// mixing makes the regressors of mixers: some predictions, and the newest samples behind them. The first prediction enters whole
// and the others as what they differ from it: so the weights of the mixers start from a sensible opinion, and their problem is
// well conditioned.
type mixing struct {
	mixed   []int // numbers of predictions
	samples int
	first   int // number of the first filter's prediction
	input   []float64
	lanes   *mixingLanes // nil if vectors cannot do it
}

// mixingLanes says where vector kernels find each of 16 regressors, and which of them are differences. They know its layout.
type mixingLanes struct {
	filtered, base, sample      [2][simd.Lanes64]int64
	bases, sampled, differences [2]uint8 // a bit for each regressor

	// The same for kernels without masks: how many bytes are before it, among the predictions or the newest samples; for the second half,
	// whether it is one of these; whether it is a difference. What is true is all ones.
	places [2 * simd.Lanes64]int64
	newest [simd.Lanes64]int64
	less   [2 * simd.Lanes64]int64
}

// newMixing makes the mixing of the predictions with the numbers of mixed and so many samples. Predictions of filters are
// numbered from first on, at most filterLanes.
func newMixing(mixed []int, samples, first int) mixing {
	m := mixing{mixed: mixed, samples: samples, first: first, input: make([]float64, len(mixed)+samples)}
	if len(m.input) != 2*simd.Lanes64 || mixed[0] != 0 || first > correctionBases || mixed[len(mixed)-1] >= first+filterLanes || samples > simd.Lanes64 {
		return m
	}
	l := &mixingLanes{}
	for i := range m.input {
		half, lane := i/simd.Lanes64, i%simd.Lanes64
		bit := uint8(1) << lane
		switch {
		case i >= len(mixed):
			l.sample[half][lane] = int64(i - len(mixed))
			l.sampled[half] |= bit
			l.places[i], l.newest[lane] = 8*int64(i-len(mixed)), -1
		case mixed[i] < first:
			l.base[half][lane] = int64(mixed[i])
			l.bases[half] |= bit
		default:
			l.filtered[half][lane] = int64(mixed[i] - first)
		}
		if i < len(mixed) {
			l.places[i] = 8 * int64(mixed[i])
		}
		if i > 0 && i < len(mixed) {
			l.differences[half] |= bit
			l.less[i] = -1
		}
	}
	m.lanes = l
	return m
}

// Mix is regress for mixers, whose rows are the same. The slice of predictions must have room for filterLanes filters, that of the
// newest samples for 8.
func (m *mixing) Mix(mixers []regression, predictions, newest []float64) {
	if active.mix != nil && m.lanes != nil && len(mixers) > 0 {
		filtered, newest := predictions[m.first:][:filterLanes], newest[:simd.Lanes64]
		for i := range mixers {
			if r := &mixers[i]; len(r.Weights) != 2*simd.Lanes64 || r.At < 0 || r.At > len(r.Rows)-2*simd.Lanes64 {
				panic("predictor: the sizes of a mixer do not fit")
			}
		}
		active.mix((*byte)(unsafe.Pointer(m.lanes)), (*byte)(unsafe.Pointer(&mixers[0])), &predictions[0], &filtered[0], &newest[0], len(mixers))
		return
	}
	first := predictions[m.mixed[0]]
	for i, prediction := range m.mixed {
		m.input[i] = predictions[prediction] - first
	}
	m.input[0] = first
	copy(m.input[len(m.mixed):], newest[:m.samples])
	regress(mixers, m.input, nil)
}

package predictor

import (
	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/fixed"
)

// filters are normalised least-mean-squares filters that take in their inputs at the same time, in blocks of two samples: the
// updates of two samples are done together with the predictions of the next two, so that the weights pass through the processor
// once for both.
//
// A decaying filter has steps that fall with the lag as lag^-0.8, as does the weight of a sample in the power
// that normalises them: it learns recent lags fast. A flat one learns all lags alike.
type filters struct {
	outputs     []float32 // the predictions of the targets that go with the next inputs, with room for whole vectors
	normalisers normalisers
	inputs      []float32 // all histories, one behind the other
	histories   []history
	other       *history // the last one, if it is the one that observe adds to
	at          int      // how far the windows of all histories have moved
	blocks      blockFilters
	second      bool // the next prediction is the second of a block
}

// history is a sequence of inputs that some filters share. It moves through its part of the inputs from the beginning to the
// end. What comes behind the newest input is 0.
type history struct {
	start  int
	length int // of the longest window
	newest int // where the newest input was when the windows had not moved
	filter int // one of those that read it
}

// more is how many inputs the windows of a block have together beyond a filter's taps.
const more = 3

// room is how many inputs can be added to the histories before they are moved back.
const room = 1024

const maxTaps = 2048

// tapers is lag^-0.8 for the lags from maxTaps down to 1. All decaying filters share it: what is used more often is more
// often found in the processor's cache.
var tapers = func() (d [maxTaps]float32) {
	for i := range d {
		d[i] = float32(fixed.PowMinus08(float64(maxTaps - i)))
	}
	return d
}()

// observed is the number of the inputs that are not told with the errors.
const observed = -1

// newFilters makes filters. Those with the same input number always have the same inputs.
func newFilters(stages []Stage, inputs []int) *filters {
	f := cacheline.New[filters]()
	f.normalisers = newNormalisers(len(stages))
	numbered := map[int]int{} // histories by the numbers of inputs
	for i, s := range stages {
		h, known := numbered[inputs[i]]
		if !known {
			h = len(f.histories)
			numbered[inputs[i]] = h
			f.histories = append(f.histories, history{filter: i})
		}
		f.histories[h].length = max(f.histories[h].length, s.Taps+more)
	}
	end := 0
	for i := range f.histories {
		h := &f.histories[i]
		h.start, h.newest = end, end+h.length-2 // the last input of the windows is still unknown
		end += h.length + room
		if inputs[h.filter] == observed {
			f.other = h
		}
	}
	f.inputs = make([]float32, end)
	var blocks []blockFilter
	for i, s := range stages {
		h := f.histories[numbered[inputs[i]]]
		var taper []float32
		if s.Decaying {
			taper = tapers[maxTaps-s.Taps:]
		}
		window := f.inputs[h.start:][h.length-s.Taps-more : h.length+room]
		blocks = append(blocks, blockFilter{Weights: make([]float32, s.Taps), Taper: taper, Inputs: window})
		if inputs[i] != observed {
			f.normalisers.Set(i, s.Taps, s.Mu)
		}
	}
	f.blocks = newBlockFilters(blocks)
	f.outputs = f.blocks.outputs
	return f
}

// predict sets the outputs.
func (f *filters) predict() {
	if f.second {
		f.blocks.second(f.normalisers.Step, f.normalisers.Input)
	} else {
		f.blocks.first(f.at, f.normalisers.Step)
	}
	f.second = !f.second
}

// move takes in the inputs that the normalisers have been told: it moves the windows.
func (f *filters) move() {
	if f.at == room {
		for _, h := range f.histories {
			all := f.inputs[h.start:][:h.length+room]
			clear(all[copy(all, all[f.at:]):])
		}
		f.at = 0
	}
	f.at++
	inputs, newest, histories := f.inputs[f.at:], f.normalisers.Input, f.histories
	if f.other != nil {
		histories = histories[:len(histories)-1]
	}
	for i := range histories {
		h := &histories[i]
		inputs[h.newest] = newest[h.filter]
	}
}

// observe takes in the newest of the inputs that are observed, between move and predict. The filters that have them are the last
// ones.
func (f *filters) observe(input float32) {
	f.inputs[f.other.newest+f.at] = input
	for i := f.other.filter; i < len(f.blocks.list); i++ {
		f.normalisers.Input[i] = input
	}
}

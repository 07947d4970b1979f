package expert

import (
	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// filters are normalised least-mean-squares filters that take in their inputs at the same time. The update of one
// sample is done together with the prediction of the next, so that the weights pass through the processor once; or, in
// blocks, the updates of two samples with the predictions of the next two.
//
// A decaying filter has steps that fall with the lag as lag^-0.8, as does the weight of a sample in the power
// that normalises them: it learns recent lags fast. A flat one learns all lags alike.
type filters struct {
	outputs     []float32           // the predictions of the targets that go with the next inputs
	steps       []float32           // those that the newest sample led to
	normalisers []kernel.Normaliser // have a lane for each filter, in their order
	histories   []history
	at          int // how far the windows of all histories have moved
	// Either the singles take one sample at a time, or the blocks two.
	singles   []kernel.Filter
	allSingle kernel.Filters
	blocks    []kernel.BlockFilter
	allBlocks kernel.BlockFilters
	second    bool // the next prediction is the second of a block
}

// history is a sequence of inputs that some filters share. It moves through its buffer from the beginning to the end.
type history struct {
	buffer []float32
	length int // of the longest window
	filter int // one of those that read it
}

// room is how many inputs can be added to the histories before they are moved back.
const room = 1024

const maxTaps = 2048

// decay is lag^-0.8 for the lags from maxTaps down to 1. All decaying filters share it: what is used more often is more
// often found in the processor's cache.
var decay = func() (d [maxTaps]float32) {
	for i := range d {
		d[i] = float32(fixed.PowMinus08(float64(maxTaps - i)))
	}
	return d
}()

// newFilters makes filters. Those with the same input number always have the same inputs.
func newFilters(stages []Stage, inputs []int, blocks bool) *filters {
	n := len(stages)
	f := &filters{outputs: make([]float32, n), steps: make([]float32, n), normalisers: make([]kernel.Normaliser, (n+kernel.Lanes-1)/kernel.Lanes)}
	more := 1 // inputs that the windows of a step have together beyond a filter's taps
	if blocks {
		more = 3
	}
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
	for i := range f.histories {
		h := &f.histories[i]
		h.buffer = make([]float32, h.length+room)
	}
	for i, s := range stages {
		h := &f.histories[numbered[inputs[i]]]
		var taper []float32
		if s.Decaying {
			taper = decay[maxTaps-s.Taps:]
		}
		weights, window := make([]float32, s.Taps), h.buffer[h.length-s.Taps-more:]
		if blocks {
			f.blocks = append(f.blocks, kernel.BlockFilter{Weights: weights, Taper: taper, Inputs: window})
		} else {
			f.singles = append(f.singles, kernel.Filter{Weights: weights, Taper: taper, Inputs: window})
		}
		f.lane(i).Set(i%kernel.Lanes, s.Taps, s.Step)
	}
	f.allSingle, f.allBlocks = kernel.NewFilters(f.singles), kernel.NewBlockFilters(f.blocks)
	return f
}

// lane returns the normaliser of a filter, whose lane there is i%kernel.Lanes.
func (f *filters) lane(i int) *kernel.Normaliser { return &f.normalisers[uint(i)/kernel.Lanes] }

// power is what a filter's next step is divided by.
func (f *filters) power(i int) *float32 { return &f.lane(i).Power[uint(i)%kernel.Lanes] }

// learn notes how far a filter's output was from its target and the next input. advance must follow.
func (f *filters) learn(i int, err, input float32) {
	n := f.lane(i)
	n.Error[uint(i)%kernel.Lanes], n.Input[uint(i)%kernel.Lanes] = err, input
}

// predict sets the outputs.
func (f *filters) predict() {
	if f.blocks != nil {
		f.predictBlock()
		return
	}
	for i := range f.singles {
		f.singles[i].Step = f.steps[i]
	}
	f.allSingle.Update(f.at)
	for i := range f.singles {
		f.outputs[i] = f.singles[i].Output
	}
}

// predictBlock is predict for blocks: their steps are carried out in twos.
func (f *filters) predictBlock() {
	if f.second {
		for i := range f.blocks {
			b := &f.blocks[i]
			b.Steps[0] = f.steps[i]
			b.Second(f.steps[i], f.lane(i).Input[uint(i)%kernel.Lanes])
			f.outputs[i] = b.Output
		}
	} else {
		for i := range f.blocks {
			f.blocks[i].Steps[1] = f.steps[i]
		}
		f.allBlocks.First(f.at)
		for i := range f.blocks {
			f.outputs[i] = f.blocks[i].Output
		}
	}
	f.second = !f.second
}

// advance sets the steps and takes in the inputs that learn was told.
func (f *filters) advance() {
	f.takeIn()
	steps := f.steps
	for i := range f.normalisers {
		steps = steps[copy(steps, f.normalisers[i].Step[:]):]
	}
}

// takeIn is advance without the steps.
func (f *filters) takeIn() {
	kernel.Normalise(f.normalisers)
	if f.at == room {
		for _, h := range f.histories {
			copy(h.buffer, h.buffer[f.at:][:h.length])
		}
		f.at = 0
	}
	f.at++
	for i := range f.histories {
		h := &f.histories[i]
		newest := h.length - 1 + f.at
		if f.blocks != nil {
			newest--
			h.buffer[newest+1] = 0
		}
		h.buffer[newest] = f.lane(h.filter).Input[uint(h.filter)%kernel.Lanes]
	}
}

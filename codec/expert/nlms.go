package expert

import (
	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

// filters are normalised least-mean-squares filters that take in their inputs at the same time. The update of one
// sample is done together with the prediction of the next, so that the weights pass through the processor once.
//
// A decaying filter has steps that fall with the lag as lag^-0.8, as does the weight of a sample in the power
// that normalises them: it learns recent lags fast. A flat one learns all lags alike.
type filters struct {
	list      []kernel.Filter
	update    kernel.Filters
	steps     []kernel.Normaliser // the filters' lanes, in their order
	histories []history
	at        int // where the windows of all histories begin
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
func newFilters(stages []Stage, inputs []int) *filters {
	f := &filters{list: make([]kernel.Filter, len(stages)), steps: make([]kernel.Normaliser, (len(stages)+kernel.Lanes-1)/kernel.Lanes)}
	numbered := map[int]int{} // histories by the numbers of inputs
	for i, s := range stages {
		h, known := numbered[inputs[i]]
		if !known {
			h = len(f.histories)
			numbered[inputs[i]] = h
			f.histories = append(f.histories, history{filter: i})
		}
		f.histories[h].length = max(f.histories[h].length, s.Taps+1)
	}
	for i := range f.histories {
		h := &f.histories[i]
		h.buffer = make([]float32, h.length+room)
	}
	for i, s := range stages {
		h := &f.histories[numbered[inputs[i]]]
		f.list[i] = kernel.Filter{Weights: make([]float32, s.Taps), Inputs: h.buffer[h.length-s.Taps-1:]}
		if s.Decaying {
			f.list[i].Taper = decay[maxTaps-s.Taps:]
		}
		f.lane(i).Set(i%kernel.Lanes, s.Taps, s.Step)
	}
	f.update = kernel.NewFilters(f.list)
	return f
}

// lane returns the normaliser of a filter, whose lane there is i%kernel.Lanes.
func (f *filters) lane(i int) *kernel.Normaliser { return &f.steps[uint(i)/kernel.Lanes] }

// power is what a filter's next step is divided by.
func (f *filters) power(i int) *float32 { return &f.lane(i).Power[uint(i)%kernel.Lanes] }

// learn notes how far a filter's output was from its target and the next input. advance must follow.
func (f *filters) learn(i int, err, input float32) {
	n := f.lane(i)
	n.Error[uint(i)%kernel.Lanes], n.Input[uint(i)%kernel.Lanes] = err, input
}

// predict sets the outputs: the predictions of the targets that go with the next inputs.
func (f *filters) predict() { f.update.Update(f.at) }

// advance sets the steps and takes in the inputs that learn was told.
func (f *filters) advance() {
	f.takeIn()
	list := f.list
	for i := range f.steps {
		some := list[:min(kernel.Lanes, len(list))]
		list = list[len(some):]
		for lane, step := range f.steps[i].Step[:len(some)] {
			some[lane].Step = step
		}
	}
}

// takeIn is advance without the steps.
func (f *filters) takeIn() {
	kernel.Normalise(f.steps)
	if f.at == room {
		for _, h := range f.histories {
			copy(h.buffer, h.buffer[room:])
		}
		f.at = 0
	}
	f.at++
	for i := range f.histories {
		h := &f.histories[i]
		h.buffer[h.length-1+f.at] = f.lane(h.filter).Input[uint(h.filter)%kernel.Lanes]
	}
}

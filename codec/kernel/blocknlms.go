package kernel

import "unsafe"

// BlockFilter is an NLMS filter that looks at its weights at every second sample only: then it takes both steps since, and
// works out the output for one sample and what that for the next will be made of. Vector kernels know its layout.
// (Benesty and Duhamel, A fast exact least mean square adaptive algorithm, IEEE Transactions on Signal Processing 40,
// 1992, for blocks of two.)
type BlockFilter struct {
	Weights []float32  // a multiple of 16, at least 16
	Taper   []float32  // the relative step of each weight; nil stands for ones
	Inputs  []float32  // at least three more than there are weights
	Steps   [2]float32 // of the two samples before
	Output  float32    // for the first of the two samples to come, or, after Second, for the second

	// Of the second sample's window, whose newest input is not known yet: the inner product of the rest with the weights
	// and, tapered, with the first sample's window; and what the newest input is to be multiplied with for them.
	rest, overlap     float32
	newest, neighbour float32
}

// BlockFilters are some block filters that look at their weights at the same time.
type BlockFilters struct {
	list []BlockFilter
	most int // how many inputs may stand before the windows
}

// NewBlockFilters checks the filters. Their slices must stay where they are.
func NewBlockFilters(list []BlockFilter) BlockFilters {
	filters := BlockFilters{list: list}
	for i := range list {
		f := &list[i]
		taps := len(f.Weights)
		if taps == 0 || taps%16 != 0 || len(f.Inputs) < taps+3 || f.Taper != nil && len(f.Taper) != taps {
			panic("kernel: the lengths of a filter and its inputs do not fit")
		}
		if room := len(f.Inputs) - taps - 3; i == 0 || room < filters.most {
			filters.most = room
		}
	}
	return filters
}

// First takes two steps of the filters. The windows of a filter, each as long as its weights, are those of its inputs
// from at, at+1, at+2 and at+3 on, the last input of which is unknown and has to be 0. To each weight First adds
// Taper[i]*(Steps[0]*x[at+i] + Steps[1]*x[at+1+i]), and sets Output to the inner product of the new weights with the
// third window. Sums run in 16 lanes.
func (filters *BlockFilters) First(at int) {
	if at < 0 || at > filters.most {
		panic("kernel: a filter's inputs end before its window")
	}
	if active.updateBlocks != nil && len(filters.list) > 0 {
		active.updateBlocks((*byte)(unsafe.Pointer(&filters.list[0])), len(filters.list), at)
		return
	}
	for i := range filters.list {
		f := &filters.list[i]
		n := len(f.Weights)
		x := f.Inputs[at:][:n+3]
		f.neighbour = x[n+1]
		if f.Taper == nil {
			f.update(x)
		} else {
			f.updateTapered(x)
			f.neighbour *= f.Taper[n-1]
		}
		f.newest = f.Weights[n-1]
	}
}

// Second makes Output what the filter's weights, with one step more, have as inner product with the fourth window of First,
// now that its newest input is known.
func (f *BlockFilter) Second(step, newest float32) {
	f.Output = f.rest + float32(f.newest*newest) + float32(step*(f.overlap+float32(f.neighbour*newest)))
}

// updateTapered is First for one filter with a taper; x is its windows.
func (f *BlockFilter) updateTapered(x []float32) {
	var output, rest, overlap [16]float32
	s, t := f.Steps[0], f.Steps[1]
	for w, taper := f.Weights, f.Taper; len(w) >= 16 && len(x) >= 19 && len(taper) >= 16; w, taper, x = w[16:], taper[16:], x[16:] {
		u, g, y := (*[16]float32)(w), (*[16]float32)(taper), (*[19]float32)(x)
		for i := range u {
			v := u[i] + float32(g[i]*(float32(s*y[i])+float32(t*y[i+1])))
			u[i] = v
			output[i] += float32(v * y[i+2])
			rest[i] += float32(v * y[i+3])
			overlap[i] += float32(float32(g[i]*y[i+2]) * y[i+3])
		}
	}
	f.Output, f.rest, f.overlap = fold16(&output), fold16(&rest), fold16(&overlap)
}

// update is updateTapered for a taper of ones.
func (f *BlockFilter) update(x []float32) {
	var output, rest, overlap [16]float32
	s, t := f.Steps[0], f.Steps[1]
	for w := f.Weights; len(w) >= 16 && len(x) >= 19; w, x = w[16:], x[16:] {
		u, y := (*[16]float32)(w), (*[19]float32)(x)
		for i := range u {
			v := u[i] + (float32(s*y[i]) + float32(t*y[i+1]))
			u[i] = v
			output[i] += float32(v * y[i+2])
			rest[i] += float32(v * y[i+3])
			overlap[i] += float32(y[i+2] * y[i+3])
		}
	}
	f.Output, f.rest, f.overlap = fold16(&output), fold16(&rest), fold16(&overlap)
}

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
		if room := windowRoom(f.Weights, f.Taper, f.Inputs, 3); i == 0 || room < filters.most {
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

// blockSums are the sums of a lane.
type blockSums struct{ output, rest, overlap float32 }

// update is First for one filter without a taper; x is its windows.
func (f *BlockFilter) update(x []float32) {
	var sums [16]blockSums
	s, t := f.Steps[0], f.Steps[1]
	for w := f.Weights; len(w) >= 16 && len(x) >= 19; w, x = w[16:], x[16:] {
		u, y := (*[16]float32)(w), (*[19]float32)(x)
		sums[0].tap(&u[0], s, t, y[0], y[1], y[2], y[3])
		sums[1].tap(&u[1], s, t, y[1], y[2], y[3], y[4])
		sums[2].tap(&u[2], s, t, y[2], y[3], y[4], y[5])
		sums[3].tap(&u[3], s, t, y[3], y[4], y[5], y[6])
		sums[4].tap(&u[4], s, t, y[4], y[5], y[6], y[7])
		sums[5].tap(&u[5], s, t, y[5], y[6], y[7], y[8])
		sums[6].tap(&u[6], s, t, y[6], y[7], y[8], y[9])
		sums[7].tap(&u[7], s, t, y[7], y[8], y[9], y[10])
		sums[8].tap(&u[8], s, t, y[8], y[9], y[10], y[11])
		sums[9].tap(&u[9], s, t, y[9], y[10], y[11], y[12])
		sums[10].tap(&u[10], s, t, y[10], y[11], y[12], y[13])
		sums[11].tap(&u[11], s, t, y[11], y[12], y[13], y[14])
		sums[12].tap(&u[12], s, t, y[12], y[13], y[14], y[15])
		sums[13].tap(&u[13], s, t, y[13], y[14], y[15], y[16])
		sums[14].tap(&u[14], s, t, y[14], y[15], y[16], y[17])
		sums[15].tap(&u[15], s, t, y[15], y[16], y[17], y[18])
	}
	f.fold(&sums)
}

func (b *blockSums) tap(w *float32, s, t, y0, y1, y2, y3 float32) {
	v := *w + (float32(s*y0) + float32(t*y1))
	*w = v
	b.output += float32(v * y2)
	b.rest += float32(v * y3)
	b.overlap += float32(y2 * y3)
}

// updateTapered is First for one filter with a taper.
func (f *BlockFilter) updateTapered(x []float32) {
	var sums [16]blockSums
	s, t := f.Steps[0], f.Steps[1]
	for w, taper := f.Weights, f.Taper; len(w) >= 16 && len(x) >= 19 && len(taper) >= 16; w, taper, x = w[16:], taper[16:], x[16:] {
		u, g, y := (*[16]float32)(w), (*[16]float32)(taper), (*[19]float32)(x)
		sums[0].tapered(&u[0], s, t, y[0], y[1], y[2], y[3], g[0])
		sums[1].tapered(&u[1], s, t, y[1], y[2], y[3], y[4], g[1])
		sums[2].tapered(&u[2], s, t, y[2], y[3], y[4], y[5], g[2])
		sums[3].tapered(&u[3], s, t, y[3], y[4], y[5], y[6], g[3])
		sums[4].tapered(&u[4], s, t, y[4], y[5], y[6], y[7], g[4])
		sums[5].tapered(&u[5], s, t, y[5], y[6], y[7], y[8], g[5])
		sums[6].tapered(&u[6], s, t, y[6], y[7], y[8], y[9], g[6])
		sums[7].tapered(&u[7], s, t, y[7], y[8], y[9], y[10], g[7])
		sums[8].tapered(&u[8], s, t, y[8], y[9], y[10], y[11], g[8])
		sums[9].tapered(&u[9], s, t, y[9], y[10], y[11], y[12], g[9])
		sums[10].tapered(&u[10], s, t, y[10], y[11], y[12], y[13], g[10])
		sums[11].tapered(&u[11], s, t, y[11], y[12], y[13], y[14], g[11])
		sums[12].tapered(&u[12], s, t, y[12], y[13], y[14], y[15], g[12])
		sums[13].tapered(&u[13], s, t, y[13], y[14], y[15], y[16], g[13])
		sums[14].tapered(&u[14], s, t, y[14], y[15], y[16], y[17], g[14])
		sums[15].tapered(&u[15], s, t, y[15], y[16], y[17], y[18], g[15])
	}
	f.fold(&sums)
}

func (b *blockSums) tapered(w *float32, s, t, y0, y1, y2, y3, g float32) {
	v := *w + float32(g*(float32(s*y0)+float32(t*y1)))
	*w = v
	b.output += float32(v * y2)
	b.rest += float32(v * y3)
	b.overlap += float32(float32(g*y2) * y3)
}

// fold adds up the sums of all lanes.
func (f *BlockFilter) fold(sums *[16]blockSums) {
	var output, rest, overlap [16]float32
	for i, s := range sums {
		output[i], rest[i], overlap[i] = s.output, s.rest, s.overlap
	}
	f.Output, f.rest, f.overlap = fold16(&output), fold16(&rest), fold16(&overlap)
}

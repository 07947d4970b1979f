package kernel

import "unsafe"

// BlockFilter is an NLMS filter that looks at its weights at every second sample only: see BlockFilters. Vector kernels know
// its layout.
type BlockFilter struct {
	Weights []float32 // a multiple of 16, at least 16
	Taper   []float32 // the relative step of each weight; nil stands for ones
	Inputs  []float32 // at least three more than there are weights
}

// BlockFilters are some block filters, at most Lanes, that look at their weights at the same time: then they take both steps
// since, and work out the output for one sample and what that for the next will be made of. What each filter takes and gives
// has a lane of its own. (Benesty and Duhamel, A fast exact least mean square adaptive algorithm, IEEE Transactions on Signal
// Processing 40, 1992, for blocks of two.)
type BlockFilters struct {
	list  []BlockFilter
	lanes *blockLanes
	most  int // how many inputs may stand before the windows
}

// blockLanes are the numbers of block filters between two looks at their weights. Vector kernels know their layout.
type blockLanes struct {
	output [Lanes]float32
	// Of the second sample's window, whose newest input is not known yet: the inner product of the rest with the weights
	// and, tapered, with the first sample's window; and what the newest input is to be multiplied with for them.
	rest, overlap, newest, neighbour [Lanes]float32
	step                             [Lanes]float32 // that after the first sample
}

// NewBlockFilters checks the filters. Their slices must stay where they are.
func NewBlockFilters(list []BlockFilter) BlockFilters {
	filters := BlockFilters{list: list, lanes: new(blockLanes)}
	if len(list) > Lanes {
		panic("kernel: too many block filters")
	}
	for i := range list {
		f := &list[i]
		if room := windowRoom(f.Weights, f.Taper, f.Inputs, 3); i == 0 || room < filters.most {
			filters.most = room
		}
	}
	return filters
}

// Outputs returns where First and Second put the outputs.
func (filters *BlockFilters) Outputs() []float32 { return filters.lanes.output[:len(filters.list)] }

// First takes two steps of the filters, that which the Second before was told and that given here. The windows of a filter, each
// as long as its weights, are those of its inputs from at, at+1, at+2 and at+3 on, the last input of which is unknown and has
// to be 0. To each weight First adds Taper[i]*(before*x[at+i] + steps*x[at+1+i]), and makes the output the inner product
// of the new weights with the third window. Sums run in 16 lanes.
func (filters *BlockFilters) First(at int, steps *[Lanes]float32) {
	if at < 0 || at > filters.most {
		panic("kernel: a filter's inputs end before its window")
	}
	lanes := filters.lanes
	if active.updateBlocks != nil && len(filters.list) > 0 {
		active.updateBlocks((*byte)(unsafe.Pointer(&filters.list[0])), &lanes.output[0], &steps[0], len(filters.list), at)
		return
	}
	for i := range filters.list {
		f := &filters.list[i]
		n := len(f.Weights)
		x := f.Inputs[at:][:n+3]
		var sums blockSums
		lanes.neighbour[i] = x[n+1]
		if f.Taper == nil {
			sums = f.update(x, lanes.step[i], steps[i])
		} else {
			sums = f.updateTapered(x, lanes.step[i], steps[i])
			lanes.neighbour[i] *= f.Taper[n-1]
		}
		lanes.output[i], lanes.rest[i], lanes.overlap[i] = sums.output, sums.rest, sums.overlap
		lanes.newest[i] = f.Weights[n-1]
	}
}

// Second makes each output what the filter's weights, with one step more, have as inner product with the fourth window of First,
// now that its newest input is known.
func (filters *BlockFilters) Second(steps, newest *[Lanes]float32) {
	l := filters.lanes
	if active.finishBlocks != nil {
		active.finishBlocks(&l.output[0], &steps[0], &newest[0])
		return
	}
	for i := range filters.list {
		step, x := steps[i], newest[i]
		l.output[i] = l.rest[i] + float32(l.newest[i]*x) + float32(step*(l.overlap[i]+float32(l.neighbour[i]*x)))
		l.step[i] = step
	}
}

// blockSums are the sums of a lane.
type blockSums struct{ output, rest, overlap float32 }

// update is First for one filter without a taper; x is its windows, s and t are the steps.
func (f *BlockFilter) update(x []float32, s, t float32) blockSums {
	var sums [16]blockSums
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
	return foldBlocks(&sums)
}

func (b *blockSums) tap(w *float32, s, t, y0, y1, y2, y3 float32) {
	v := *w + (float32(s*y0) + float32(t*y1))
	*w = v
	b.output += float32(v * y2)
	b.rest += float32(v * y3)
	b.overlap += float32(y2 * y3)
}

// updateTapered is First for one filter with a taper.
func (f *BlockFilter) updateTapered(x []float32, s, t float32) blockSums {
	var sums [16]blockSums
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
	return foldBlocks(&sums)
}

func (b *blockSums) tapered(w *float32, s, t, y0, y1, y2, y3, g float32) {
	v := *w + float32(g*(float32(s*y0)+float32(t*y1)))
	*w = v
	b.output += float32(v * y2)
	b.rest += float32(v * y3)
	b.overlap += float32(float32(g*y2) * y3)
}

// foldBlocks adds up the sums of all lanes.
func foldBlocks(sums *[16]blockSums) blockSums {
	var output, rest, overlap [16]float32
	for i, s := range sums {
		output[i], rest[i], overlap[i] = s.output, s.rest, s.overlap
	}
	return blockSums{fold16(&output), fold16(&rest), fold16(&overlap)}
}

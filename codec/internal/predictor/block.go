package predictor

import "unsafe"

// blockFilter is an NLMS filter that looks at its weights at every second sample only: see blockFilters. Vector kernels know
// its layout.
type blockFilter struct {
	Weights []float32 // a multiple of 16, at least 16
	Taper   []float32 // the relative step of each weight; nil stands for ones
	Inputs  []float32 // at least three more than there are weights
}

// blockFilters are some block filters that look at their weights at the same time: then they take both steps since, and work out
// the output for one sample and what that for the next will be made of. What each filter takes and gives has a lane of its own.
// (Benesty and Duhamel, A fast exact least mean square adaptive algorithm, IEEE Transactions on Signal Processing 40, 1992, for
// blocks of two.)
type blockFilters struct {
	list    []blockFilter
	lanes   []blockLanes // of each filterLanes filters
	outputs []float32
	most    int // how many inputs may stand before the windows
}

// blockLanes are the numbers of block filters between two looks at their weights. Vector kernels know their layout.
type blockLanes struct {
	output [filterLanes]float32
	// Of the second sample's window, whose newest input is not known yet: the inner product of the rest with the weights
	// and, tapered, with the first sample's window; and what the newest input is to be multiplied with for them.
	rest, overlap, newest, neighbour [filterLanes]float32
	step                             [filterLanes]float32 // that after the first sample
}

// newBlockFilters checks the filters. Their slices must stay where they are.
func newBlockFilters(list []blockFilter) blockFilters {
	filters := blockFilters{list: list, lanes: make([]blockLanes, (len(list)+filterLanes-1)/filterLanes)}
	if len(filters.lanes) == 1 {
		filters.outputs = filters.lanes[0].output[:] // nothing has to be gathered
	} else {
		filters.outputs = make([]float32, filterLanes*len(filters.lanes))
	}
	for i := range list {
		f := &list[i]
		if room := windowRoom(f); i == 0 || room < filters.most {
			filters.most = room
		}
	}
	return filters
}

// windowRoom returns how many inputs of a filter may stand before its windows. It panics if the lengths do not fit.
func windowRoom(f *blockFilter) int {
	taps := len(f.Weights)
	if taps == 0 || taps%16 != 0 || len(f.Inputs) < taps+3 || f.Taper != nil && len(f.Taper) != taps {
		panic("predictor: the lengths of a filter and its inputs do not fit")
	}
	return len(f.Inputs) - taps - 3
}

// group returns the numbers of the filters of some lanes.
func (filters *blockFilters) group(lanes int) []blockFilter {
	return filters.list[lanes*filterLanes : min((lanes+1)*filterLanes, len(filters.list))]
}

// gather puts the outputs of some lanes where they are read.
func (filters *blockFilters) gather(lanes int) {
	if len(filters.lanes) > 1 {
		copy(filters.outputs[lanes*filterLanes:], filters.lanes[lanes].output[:])
	}
}

// first takes two steps of the filters, that which second before was told and that given here, one for each filter. The windows of
// a filter, each as long as its weights, are those of its inputs from at, at+1, at+2 and at+3 on, the last input of which is
// unknown and has to be 0. To each weight first adds Taper[i]*(before*x[at+i] + steps*x[at+1+i]), and makes the output the inner
// product of the new weights with the third window. Sums run in 16 lanes.
func (filters *blockFilters) first(at int, steps []float32) {
	if at < 0 || at > filters.most {
		panic("predictor: a filter's inputs end before its window")
	}
	for k := range filters.lanes {
		group, lanes, steps := filters.group(k), &filters.lanes[k], (*[filterLanes]float32)(steps[k*filterLanes:])
		if active.updateBlocks != nil {
			active.updateBlocks((*byte)(unsafe.Pointer(&group[0])), &lanes.output[0], &steps[0], len(group), at)
		} else {
			lanes.first(group, at, steps)
		}
		filters.gather(k)
	}
}

func (lanes *blockLanes) first(group []blockFilter, at int, steps *[filterLanes]float32) {
	for i := range group {
		f := &group[i]
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

// second makes each output what the filter's weights, with one step more, have as inner product with the fourth window of first,
// now that its newest input is known.
func (filters *blockFilters) second(steps, newest []float32) {
	for k := range filters.lanes {
		l := &filters.lanes[k]
		steps, newest := (*[filterLanes]float32)(steps[k*filterLanes:]), (*[filterLanes]float32)(newest[k*filterLanes:])
		if active.finishBlocks != nil {
			active.finishBlocks(&l.output[0], &steps[0], &newest[0])
		} else {
			l.second(steps, newest)
		}
		filters.gather(k)
	}
}

func (lanes *blockLanes) second(steps, newest *[filterLanes]float32) {
	for i, step := range steps {
		x := newest[i]
		lanes.output[i] = lanes.rest[i] + float32(lanes.newest[i]*x) + float32(step*(lanes.overlap[i]+float32(lanes.neighbour[i]*x)))
		lanes.step[i] = step
	}
}

// blockSums are the sums of a lane.
type blockSums struct{ output, rest, overlap float32 }

// update is First for one filter without a taper; x is its windows, s and t are the steps.
func (f *blockFilter) update(x []float32, s, t float32) blockSums {
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
func (f *blockFilter) updateTapered(x []float32, s, t float32) blockSums {
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

// fold16 adds 16 lanes up in a fixed order.
func fold16(s *[16]float32) float32 {
	var t [8]float32
	for i := range 8 {
		t[i] = s[i] + s[i+8]
	}
	return ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7]))
}

package kernel

import "unsafe"

// Filter is an NLMS filter. Vector kernels know its layout.
type Filter struct {
	Weights []float32 // a multiple of 16, at least 16
	Taper   []float32 // the relative step of each weight; nil stands for ones
	Inputs  []float32 // at least one more than there are weights
	Step    float32
	Output  float32
}

// Filters are some filters that take a step at the same time.
type Filters struct {
	list []Filter
	most int // how many inputs may stand before the windows
}

// NewFilters checks the filters. Their slices must stay where they are.
func NewFilters(list []Filter) Filters {
	filters := Filters{list: list}
	for i := range list {
		f := &list[i]
		if room := windowRoom(f.Weights, f.Taper, f.Inputs, 1); i == 0 || room < filters.most {
			filters.most = room
		}
	}
	return filters
}

// windowRoom returns how many inputs of a filter may stand before a window of more than its taps, by so many. It panics if the
// lengths do not fit.
func windowRoom(weights, taper, inputs []float32, more int) int {
	taps := len(weights)
	if taps == 0 || taps%16 != 0 || len(inputs) < taps+more || taper != nil && len(taper) != taps {
		panic("kernel: the lengths of a filter and its inputs do not fit")
	}
	return len(inputs) - taps - more
}

// Update is one step of the filters. The window of a filter is those of its inputs from at on, one more than there are
// weights: Update adds (Step*Taper[i])*window[i] to each weight and sets Output to the inner product of the new weights
// with the window one sample later, window[1:]. The sum runs in 16 lanes.
func (filters *Filters) Update(at int) {
	if at < 0 || at > filters.most {
		panic("kernel: a filter's inputs end before its window")
	}
	if active.updateFilters != nil && len(filters.list) > 0 {
		active.updateFilters((*byte)(unsafe.Pointer(&filters.list[0])), len(filters.list), at)
		return
	}
	for i := range filters.list {
		f := &filters.list[i]
		if x := f.Inputs[at:]; f.Taper == nil {
			f.Output = updateDot32Flat(f.Weights, x, f.Step)
		} else {
			f.Output = updateDot32(f.Weights, f.Taper, x, f.Step)
		}
	}
}

func updateDot32(w, taper, x []float32, step float32) float32 {
	var s [16]float32
	for len(w) >= 16 && len(x) >= 17 && len(taper) >= 16 {
		u := (*[16]float32)(w)
		y := (*[17]float32)(x)
		g := (*[16]float32)(taper)
		u[0] += float32(float32(step*g[0]) * y[0])
		s[0] += float32(u[0] * y[1])
		u[1] += float32(float32(step*g[1]) * y[1])
		s[1] += float32(u[1] * y[2])
		u[2] += float32(float32(step*g[2]) * y[2])
		s[2] += float32(u[2] * y[3])
		u[3] += float32(float32(step*g[3]) * y[3])
		s[3] += float32(u[3] * y[4])
		u[4] += float32(float32(step*g[4]) * y[4])
		s[4] += float32(u[4] * y[5])
		u[5] += float32(float32(step*g[5]) * y[5])
		s[5] += float32(u[5] * y[6])
		u[6] += float32(float32(step*g[6]) * y[6])
		s[6] += float32(u[6] * y[7])
		u[7] += float32(float32(step*g[7]) * y[7])
		s[7] += float32(u[7] * y[8])
		u[8] += float32(float32(step*g[8]) * y[8])
		s[8] += float32(u[8] * y[9])
		u[9] += float32(float32(step*g[9]) * y[9])
		s[9] += float32(u[9] * y[10])
		u[10] += float32(float32(step*g[10]) * y[10])
		s[10] += float32(u[10] * y[11])
		u[11] += float32(float32(step*g[11]) * y[11])
		s[11] += float32(u[11] * y[12])
		u[12] += float32(float32(step*g[12]) * y[12])
		s[12] += float32(u[12] * y[13])
		u[13] += float32(float32(step*g[13]) * y[13])
		s[13] += float32(u[13] * y[14])
		u[14] += float32(float32(step*g[14]) * y[14])
		s[14] += float32(u[14] * y[15])
		u[15] += float32(float32(step*g[15]) * y[15])
		s[15] += float32(u[15] * y[16])
		w, x, taper = w[16:], x[16:], taper[16:]
	}
	return fold16(&s)
}

func updateDot32Flat(w, x []float32, step float32) float32 {
	var s [16]float32
	for len(w) >= 16 && len(x) >= 17 {
		u := (*[16]float32)(w)
		y := (*[17]float32)(x)
		u[0] += float32(step * y[0])
		s[0] += float32(u[0] * y[1])
		u[1] += float32(step * y[1])
		s[1] += float32(u[1] * y[2])
		u[2] += float32(step * y[2])
		s[2] += float32(u[2] * y[3])
		u[3] += float32(step * y[3])
		s[3] += float32(u[3] * y[4])
		u[4] += float32(step * y[4])
		s[4] += float32(u[4] * y[5])
		u[5] += float32(step * y[5])
		s[5] += float32(u[5] * y[6])
		u[6] += float32(step * y[6])
		s[6] += float32(u[6] * y[7])
		u[7] += float32(step * y[7])
		s[7] += float32(u[7] * y[8])
		u[8] += float32(step * y[8])
		s[8] += float32(u[8] * y[9])
		u[9] += float32(step * y[9])
		s[9] += float32(u[9] * y[10])
		u[10] += float32(step * y[10])
		s[10] += float32(u[10] * y[11])
		u[11] += float32(step * y[11])
		s[11] += float32(u[11] * y[12])
		u[12] += float32(step * y[12])
		s[12] += float32(u[12] * y[13])
		u[13] += float32(step * y[13])
		s[13] += float32(u[13] * y[14])
		u[14] += float32(step * y[14])
		s[14] += float32(u[14] * y[15])
		u[15] += float32(step * y[15])
		s[15] += float32(u[15] * y[16])
		w, x = w[16:], x[16:]
	}
	return fold16(&s)
}

func fold16(s *[16]float32) float32 {
	var t [8]float32
	for i := range 8 {
		t[i] = s[i] + s[i+8]
	}
	return ((t[0] + t[4]) + (t[2] + t[6])) + ((t[1] + t[5]) + (t[3] + t[7]))
}

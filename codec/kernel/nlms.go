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

// Lanes is how many filters a Normaliser serves.
const Lanes = 16

// Normaliser finds the steps of NLMS filters, each in a lane of its own, from their errors and inputs (Haykin, Adaptive
// Filter Theory, chapter 7). Vector kernels know its layout.
type Normaliser struct {
	Error, Input [Lanes]float32 // of the newest sample
	Step         [Lanes]float32
	// Power is what the next step is divided by. It stands for the power of the filter's inputs.
	Power [Lanes]float32

	rate, keep, flat [Lanes]float32              // flat is the power of all inputs, exponentially averaged with keep
	used             [decayLevels][Lanes]uint32  // all ones for the levels that a filter has
	decayed          [decayLevels][Lanes]float32 // powers of the inputs, in windows each four times as long as the one before
}

// decayLevels is enough for filters of 4095 taps.
const decayLevels = 6

// decay is how a level fades from sample to sample, and its weight.
var decay = func() (d [decayLevels]struct{ keep, gain float32 }) {
	const quarterToThe08 = 0.32987698
	gain, length := float32(1), 1
	for i := range d {
		d[i].keep, d[i].gain = 1-1/float32(length+1), gain
		gain *= quarterToThe08
		length *= 4
	}
	return d
}()

// Set gives a lane to a filter of so many taps, at most 4095, that learns at a rate.
func (n *Normaliser) Set(lane, taps int, rate float32) {
	n.rate[lane], n.keep[lane], n.Power[lane] = rate, 1-1/float32(taps), 1
	for i, length := 0, 1; i < decayLevels && length <= taps; i, length = i+1, 4*length {
		n.used[i][lane] = ^uint32(0)
	}
}

// Normalise sets each Step to rate*Error/Power, then takes Input into Power, which becomes a sum of three terms. The
// first approximates the sum of x²/lag^0.8 over the inputs x of all lags by a sum of exponential windows. The second,
// rate times the power of the whole window, keeps the step times that power below 1, and so the filter stable, when the
// newest inputs are silent and the window is not. The third is 1.
func Normalise(all []Normaliser) {
	if active.normalise != nil && len(all) > 0 {
		active.normalise((*byte)(unsafe.Pointer(&all[0])), &decay[0].keep, len(all))
		return
	}
	for i := range all {
		n := &all[i]
		for lane, used := range n.used[0] {
			if used != 0 {
				n.normalise(lane)
			}
		}
	}
}

func (n *Normaliser) normalise(lane int) {
	n.Step[lane] = n.rate[lane] * n.Error[lane] / n.Power[lane]
	const notDenormal = 1e-20 // denormal numbers are slow to compute with
	x := n.Input[lane]
	x2 := float32(x*x) + notDenormal
	var sum float32
	for i := range decay {
		if n.used[i][lane] == 0 {
			break
		}
		power := float32(n.decayed[i][lane]*decay[i].keep) + x2
		n.decayed[i][lane] = power
		sum += float32(power * decay[i].gain)
	}
	n.flat[lane] = float32(n.flat[lane]*n.keep[lane]) + float32(x*x)
	n.Power[lane] = sum + float32(n.rate[lane]*n.flat[lane]) + 1
}

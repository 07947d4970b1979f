// Package kernel holds the inner loops of the experts and of the language model. Every kernel is defined by the plain
// Go code here: the order of every addition is fixed (sums run in 16 lanes of float32 or 8 lanes of float64 and are then
// folded in halves), products are rounded before they are added, and nothing but + - * / and sqrt is used, so that vector
// code gives the same bits. (Only the sign and payload of a not-a-number may differ; nothing depends on them.)
//
// A Path is a set of processor instructions that the kernels are also written for, in assembly. The fastest that the
// machine has, and whose kernels pass a test with known answers, is put into use when the program starts; the environment
// variable TRILOBYTE_CPU forces another one. The assembly is generated: see the directory asm.
package kernel

import "unsafe"

// Dot64 returns the inner product of a and b (of equal length), summed in 8 lanes.
func Dot64(a, b []float64) float64 {
	b = b[:len(a)]
	var s [8]float64
	n := len(a) &^ 7
	for i := 0; i < n; i += 8 {
		x, y := a[i:i+8:i+8], b[i:i+8:i+8]
		s[0] += float64(x[0] * y[0])
		s[1] += float64(x[1] * y[1])
		s[2] += float64(x[2] * y[2])
		s[3] += float64(x[3] * y[3])
		s[4] += float64(x[4] * y[4])
		s[5] += float64(x[5] * y[5])
		s[6] += float64(x[6] * y[6])
		s[7] += float64(x[7] * y[7])
	}
	for i := n; i < len(a); i++ {
		s[i-n] += float64(a[i] * b[i])
	}
	return fold8(&s)
}

// Dots64 sets to[i] to the inner product of weights[i] and x, all as long as x, as Dot64 computes it.
func Dots64(weights [][]float64, x, to []float64) {
	to = to[:len(weights)]
	for _, w := range weights {
		if len(w) != len(x) {
			panic("kernel: weights and their inputs are of different lengths")
		}
	}
	if active.dots64 != nil && len(x) > 0 && len(weights) > 0 {
		active.dots64(&weights[0], &x[0], &to[0], len(x), len(weights))
		return
	}
	for i, w := range weights {
		to[i] = Dot64(w, x)
	}
}

// Filter is an NLMS filter. Vector kernels know its layout.
type Filter struct {
	Weights []float32 // a multiple of 16, at least 16
	Taper   []float32 // the relative step of each weight; nil stands for ones
	Window  []float32 // the inputs, one more than there are weights
	Step    float32
	Output  float32
}

// UpdateFilters is one step of some filters: it adds (Step*Taper[i])*Window[i] to each weight and sets Output to the
// inner product of the new weights with the window one sample later, Window[1:]. The sum runs in 16 lanes.
func UpdateFilters(filters []Filter) {
	for i := range filters {
		f := &filters[i]
		if taps := len(f.Weights); taps == 0 || taps%16 != 0 || len(f.Window) != taps+1 || f.Taper != nil && len(f.Taper) != taps {
			panic("kernel: the lengths of a filter and its window do not fit")
		}
	}
	if active.updateFilters != nil && len(filters) > 0 {
		active.updateFilters((*byte)(unsafe.Pointer(&filters[0])), len(filters))
		return
	}
	for i := range filters {
		f := &filters[i]
		if f.Taper == nil {
			f.Output = updateDot32Flat(f.Weights, f.Window, f.Step)
		} else {
			f.Output = updateDot32(f.Weights, f.Taper, f.Window, f.Step)
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

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

// Product is an inner product that is to be taken: of A and the elements of B from At on. Vector kernels know its layout.
type Product struct {
	A, B []float64
	At   int
	To   *float64
}

// Dots64 puts the inner product of each A and the part of B, as Dot64 computes it, where it is to go.
func Dots64(list []Product) {
	for i := range list {
		if p := &list[i]; p.At < 0 || p.At > len(p.B)-len(p.A) {
			panic("kernel: an inner product with too few elements")
		}
	}
	if active.dots64 != nil && len(list) > 0 {
		active.dots64((*byte)(unsafe.Pointer(&list[0])), len(list))
		return
	}
	for _, p := range list {
		*p.To = Dot64(p.A, p.B[p.At:][:len(p.A)])
	}
}

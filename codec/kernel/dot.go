// Package kernel holds the inner loops of the experts and of the language model. Every kernel is defined by the plain
// Go code here: the order of every addition is fixed (sums run in 16 lanes of float32 or 8 lanes of float64 and are then
// folded in halves), products are rounded before they are added, and nothing but + - * / and sqrt is used, so that vector
// code gives the same bits. (Only the sign and payload of a not-a-number may differ; nothing depends on them.)
//
// A Path is a set of processor instructions that the kernels are also written for, in assembly. The fastest that the
// machine has, and whose kernels pass a test with known answers, is put into use when the program starts; the environment
// variable TRILOBYTE_CPU forces another one. The assembly is generated: see the directory asm.
package kernel

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

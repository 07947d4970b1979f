package predictor

import "math"

// stacking is a least squares as those of a group, over two inputs, solved at every sample: what mixers differ by. It is so
// small that doing without vectors is quicker.
type stacking struct {
	Memory
	input   [2]float64
	weights [2]float64
	output  float64
	// The moments of the inputs, upper triangle, and those with the value.
	a00, a01, a11, b0, b1 float64
}

// predict sets the output for the input.
func (l *stacking) predict() {
	l.output = float64(l.weights[0]*l.input[0]) + float64(l.weights[1]*l.input[1])
}

// learn takes in the true value of what predict predicted, with the weight of the update. It is to be solved before predict is called
// again.
func (l *stacking) learn(value, weight float64) {
	x0, x1 := l.input[0], l.input[1]
	t0, t1 := weight*x0, weight*x1
	l.a00 = float64(l.Forget*l.a00) + float64(t0*x0)
	l.a01 = float64(l.Forget*l.a01) + float64(t0*x1)
	l.a11 = float64(l.Forget*l.a11) + float64(t1*x1)
	l.b0 = float64(l.Forget*l.b0) + float64(t0*value)
	l.b1 = float64(l.Forget*l.b1) + float64(t1*value)
}

// solve is system.Solve for two unknowns: hardly any work, but each step waits for the one before.
func (l *stacking) solve() {
	const least = 1e-30
	pivot := l.a00 + l.Ridge
	if !(pivot > least) {
		return
	}
	d0 := 1 / math.Sqrt(pivot)
	f := l.a01 * d0
	pivot = l.a11 - float64(f*f) + l.Ridge
	if !(pivot > least) {
		return
	}
	d1 := 1 / math.Sqrt(pivot)
	y0 := float64(l.b0 * d0) // not fused with the subtraction below
	y1 := (l.b1 - float64(y0*f)) * d1
	l.weights[1] = y1 * d1
	l.weights[0] = (y0 - float64(f*l.weights[1])) * d0
}

package predictor

import "trilobyte/codec/internal/fixed"

// Fit is a least squares over a block of samples: it tells how well some regressors predict them. Encoders make choices by it. It uses
// the kernels of the predictors, so it gives the same bits on every machine.
type Fit struct {
	order  int
	rows   []float64
	row    int
	energy float64
	update []update
	system *system
}

// fitRidge keeps the problem solvable where regressors are zeros or equal.
const fitRidge = 1e-3

// NewFit makes a fit of so many regressors, 1 to 64.
func NewFit(order int) *Fit {
	f := &Fit{order: order, rows: newRows(order), update: make([]update, 1)}
	moments := newSymmetric(order)
	f.update[0] = update{Moments: moments, Forget: 1, Weights: [rowsAtOnce]float64{1, 1, 1, 1}}
	f.system = newSystem(moments, fitRidge, make([]float64, order))
	return f
}

// Reset forgets all samples.
func (f *Fit) Reset() {
	clear(f.update[0].Moments.at)
	clear(f.update[0].Moments.rhs)
	f.row, f.energy = 0, 0
}

// Row is where the regressors of the next sample go, before Add.
func (f *Fit) Row() []float64 { return f.rows[f.row*rowLength(f.order):][:f.order] }

// Add takes in a sample, whose regressors are in Row.
func (f *Fit) Add(sample float64) {
	f.rows[f.row*rowLength(f.order)+f.order] = sample
	f.energy += float64(sample * sample)
	if f.row++; f.row == rowsAtOnce {
		f.gather()
	}
}

func (f *Fit) gather() {
	updateAll(f.update, f.rows, f.order, f.row)
	f.row = 0
}

// Left returns the energy of what the best weights leave of the samples.
func (f *Fit) Left() float64 {
	if f.row > 0 {
		f.gather()
	}
	f.system.Solve()
	w, rhs := f.system.weights, f.update[0].Moments.rhs[:f.order]
	return max(0, f.energy-dot64(rhs, w)-float64(fitRidge*dot64(w, w)))
}

// Bits returns about how many bits so many samples take if their errors are Gaussian variables with that mean square, and rounded.
func Bits(square float64, samples int) float64 {
	return float64(float64(samples) * (fixed.PreciseLog2(square+1./12) + 4.1) / 2)
}

// Joint holds the products of some variables, sample by sample: it tells how well each of them is predicted from any others. Encoders
// make choices by it.
type Joint struct {
	n      int
	rows   []float64
	row    int
	update []update
	starts []int // where the rows of the matrix begin, less the column of their first element
}

// NewJoint makes a Joint of so many variables, 2 to 64.
func NewJoint(n int) *Joint {
	moments := newSymmetric(n)
	j := &Joint{n: n, rows: newRows(n), update: make([]update, 1)}
	j.update[0] = update{Moments: moments, Forget: 1, Weights: [rowsAtOnce]float64{1, 1, 1, 1}}
	start := 0
	for i := range n {
		j.starts = append(j.starts, start-vectorOf(i))
		start += len(moments.rhs) - vectorOf(i)
	}
	return j
}

// Reset forgets all samples.
func (j *Joint) Reset() {
	clear(j.update[0].Moments.at)
	j.row = 0
}

// Row is where the variables go, before Add.
func (j *Joint) Row() []float64 { return j.rows[j.row*rowLength(j.n):][:j.n] }

// Add takes in the variables in Row.
func (j *Joint) Add() {
	if j.row++; j.row == rowsAtOnce {
		j.gather()
	}
}

func (j *Joint) gather() {
	updateAll(j.update, j.rows, j.n, j.row)
	j.row = 0
}

func (j *Joint) at(a, b int) float64 {
	a, b = min(a, b), max(a, b)
	return j.update[0].Moments.at[j.starts[a]+b]
}

// Left returns the energy of what the best weights of some variables leave of another one.
func (j *Joint) Left(variable int, of []int) float64 {
	if j.row > 0 {
		j.gather()
	}
	moments, weights := newSymmetric(len(of)), make([]float64, len(of))
	moments.rows(func(i int, row []float64) {
		for k := range row {
			row[k] = j.at(of[i], of[i+k])
		}
		moments.rhs[i] = j.at(variable, of[i])
	})
	newSystem(moments, fitRidge, weights).Solve()
	return max(0, j.at(variable, variable)-dot64(moments.rhs[:len(of)], weights)-float64(fitRidge*dot64(weights, weights)))
}

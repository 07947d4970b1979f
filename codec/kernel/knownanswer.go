package kernel

import (
	"errors"
	"hash/fnv"
	"math"
	"slices"
)

// knownAnswerSum is the digest of what the kernels compute in knownAnswer. It belongs to the format: if it changes
// although the same is asked, so do archives.
const knownAnswerSum = 0x486ccbda78fc0eb

var errKnownAnswer = errors.New("its kernels give wrong results on this machine")

// knownAnswer runs all kernels of the active path on fixed inputs and compares the digest of the results.
func knownAnswer() error {
	var d digest
	d.filters()
	d.normalisers()
	d.leastSquares()
	d.logistics()
	d.logarithms()
	d.comparisons()
	d.layers()
	d.averages()
	d.mixtures()
	d.blockFilters()
	d.rows()
	d.weights()
	d.corrections()
	d.mixings()
	if d.sum() != knownAnswerSum {
		return errKnownAnswer
	}
	return nil
}

// digest makes inputs and collects results.
type digest struct {
	state   uint32
	results []byte
}

func (d *digest) sum() uint64 {
	h := fnv.New64a()
	h.Write(d.results)
	return h.Sum64()
}

// next returns a number in -1..1.
func (d *digest) next() float64 {
	d.state = d.state*1664525 + 1013904223
	return float64(float64(int32(d.state)) / (1 << 31))
}

func (d *digest) vector(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = d.next()
	}
	return v
}

func (d *digest) vector32(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(d.next())
	}
	return v
}

func (d *digest) add(values ...float64) {
	for _, v := range values {
		bits := math.Float64bits(v)
		for range 8 {
			d.results = append(d.results, byte(bits))
			bits >>= 8
		}
	}
}

func (d *digest) filters() {
	var filters []Filter
	for _, taps := range []int{16, 32, 96, 192} {
		w, x := d.vector32(taps), d.vector32(taps+1)
		filters = append(filters,
			Filter{Weights: w, Taper: d.vector32(taps), Inputs: x, Step: float32(d.next())},
			Filter{Weights: d.vector32(taps), Inputs: x, Step: float32(d.next())})
	}
	list := NewFilters(filters)
	list.Update(0)
	for _, f := range filters {
		d.add(float64(f.Output))
		for _, v := range f.Weights {
			d.add(float64(v))
		}
	}
}

func (d *digest) normalisers() {
	const filters = 2 * Lanes
	n := NewNormalisers(filters)
	for i := range filters {
		n.Set(i, 1<<(i%Lanes*3/4), float32(0.1+d.next()/20))
	}
	for range 5 {
		for i := 0; i < filters; i += Lanes {
			copy(n.Error[i:], d.vector32(Lanes))
			copy(n.Input[i:], d.vector32(Lanes))
		}
		n.Normalise()
		for i, step := range n.Step {
			d.add(float64(step), float64(n.Power[i]))
		}
	}
}

func (d *digest) leastSquares() {
	for _, n := range []int{1, 7, 13, eightUnknowns, 33} {
		dots := make([]float64, 3)
		a, b, c, x := d.vector(n), d.vector(n), d.vector(n), d.vector(n)
		rows := make([]float64, 3*n)
		Regress([]Regression{{a, n, 0, rows, 0, &dots[0]}, {b, n, 0, rows, n, &dots[1]}, {c, n, 0, rows, 2 * n, &dots[2]}}, x, nil)
		d.add(dots...)
		var systems []*System
		for range 7 { // all at once, or 6 and 1, or 4, 2 and 1
			moments := NewSymmetric(n)
			for range n + 3 {
				u, x := Update{moments, 0.998, [RowsAtOnce]float64{1 + d.next()/2}}, NewRows(n)
				copy(x, d.vector(n+1))
				UpdateAll([]Update{u}, x, n, 1)
			}
			systems = append(systems, NewSystem(moments, 0.01, make([]float64, n)))
		}
		SolveAll(slices.Clone(systems))
		for _, s := range systems {
			d.add(s.weights...)
			s.ridge = -1 // not positive definite: the weights stay
			s.Solve()
			d.add(s.weights...)
		}
	}
}

func (d *digest) logistics() {
	var l Logistics
	for range 4 {
		for k := range Components {
			l.Weight[k], l.Centre[k], l.InverseScale[k] = 2+d.next(), float64(50*d.next()), 0.5+float64(d.next()/4)
		}
		x := d.vector(16)
		for i := range x {
			x[i] = float64(x[i] * 100)
		}
		mass := make([]float64, len(x))
		l.Below(x, mass)
		d.add(mass...)
	}
}

func (d *digest) logarithms() {
	x := d.vector(37)
	for i := range x {
		x[i] = float64(x[i] * math.Ldexp(1, i-16))
	}
	signed := make([]uint8, len(x))
	SignedLogs(x, 0.7, signed)
	for _, v := range signed {
		d.add(float64(v))
	}
}

func (d *digest) comparisons() {
	c := NewComparison(13, 0.25, &[BaseShares]float64{1, 0.5, 0.125, 0.01, 0.001, 0.75, 0.3, 0.2})
	n := len(c.Seen)
	differences, levels, logs := make([]float32, n), make([]uint8, 2*n), new([BaseShares]int32)
	for range 6 {
		for i, v := range d.vector(n) {
			c.Seen[i] = float64(v * math.Ldexp(1, i-n))
		}
		c.Describe(d.next(), 30, 20, differences, levels, logs)
		c.Learn(d.next(), -0.7, 0.8)
		d.add(c.miss...)
		for i, v := range differences {
			d.add(float64(v), float64(levels[2*i]), float64(levels[2*i+1]))
		}
		for _, v := range logs {
			d.add(float64(v))
		}
	}
}

func (d *digest) layers() {
	for _, size := range [][3]int{{5, 3, 1}, {64, 48, 5}, {37, 129, 6}} {
		inputs, outputs, rows := size[0], size[1], size[2]
		weights, bias, shift := make([]int8, inputs*outputs), make([]int32, outputs), make([]uint8, outputs)
		for i := range weights {
			weights[i] = int8(d.next() * 128)
		}
		for o := range bias {
			bias[o], shift[o] = int32(d.next()*1e5), uint8(8+float64(4*d.next()))
		}
		l := NewLayer(inputs, outputs, weights, bias, shift)
		x := make([]uint8, rows*l.PaddedInputs())
		for i := range x {
			x[i] = uint8(max(0, 256*d.next()))
		}
		bytes, ints := make([]uint8, rows*l.PaddedOutputs()), make([]int32, rows*l.PaddedOutputs())
		l.Activate(rows, x, l.PaddedInputs(), bytes, l.PaddedOutputs())
		l.Finish(rows, x, l.PaddedInputs(), ints, l.PaddedOutputs())
		for r := range rows {
			for o := range outputs {
				at := r*l.PaddedOutputs() + o
				d.add(float64(bytes[at]), float64(ints[at]))
			}
		}
		for r := range 2 { // a row alone; the second time it is all zeros
			l.Activate(1, x, l.PaddedInputs(), bytes, l.PaddedOutputs())
			l.Finish(1, x, l.PaddedInputs(), ints, l.PaddedOutputs())
			for o := range outputs {
				d.add(float64(r), float64(bytes[o]), float64(ints[o]))
			}
			clear(x)
		}
	}
}

func (d *digest) averages() {
	rates := make([]uint8, 50)
	for i := range rates {
		rates[i] = uint8(i) % 20
	}
	a := NewAverages(rates)
	units, to := make([]uint8, PaddedUnits(len(rates))), make([]uint8, PaddedUnits(len(rates)))
	for range 40 {
		for i := range units {
			units[i] = uint8(max(0, min(255, 400*d.next())))
		}
		a.Update(units, to)
		for i := range rates {
			d.add(float64(to[i]))
		}
	}
}

func (d *digest) mixtures() {
	for range 8 {
		var outputs [MixtureOutputs]int32
		for i, v := range d.vector(MixtureOutputs) {
			outputs[i] = int32(v * 3000)
			if i < Components || i >= 2*Components && i < 3*Components {
				outputs[i] >>= 4
			}
		}
		var l Logistics
		disagreement := [Disagreements]float32(d.vector32(Disagreements))
		l.Set(&outputs, &disagreement, float64(1000*d.next()), 2+d.next())
		d.add(l.Weight[:]...)
		d.add(l.Centre[:]...)
		d.add(l.InverseScale[:]...)
	}
}

func (d *digest) blockFilters() {
	var filters []BlockFilter
	var before, steps, half, two [Lanes]float32
	for k, taps := range []int{16, 32, 96, 192} {
		x := d.vector32(taps + 3)
		for i := range 2 {
			half[2*k+i], two[2*k+i] = 0.5, 2
		}
		before[2*k], steps[2*k] = float32(d.next()), float32(d.next())
		before[2*k+1], steps[2*k+1] = before[2*k], steps[2*k]
		filters = append(filters,
			BlockFilter{Weights: d.vector32(taps), Taper: d.vector32(taps), Inputs: x},
			BlockFilter{Weights: d.vector32(taps), Inputs: x})
	}
	list := NewBlockFilters(filters)
	list.lanes.step = before
	list.First(0, &steps)
	first := slices.Clone(list.Outputs())
	list.Second(&half, &two)
	for i, output := range list.Outputs() {
		d.add(float64(first[i]))
		d.add(float64(output))
		for _, v := range filters[i].Weights {
			d.add(float64(v))
		}
	}
}

func (d *digest) rows() {
	for _, n := range []int{1, 7, 16, 33} {
		moments := NewSymmetric(n)
		for rows := 1; rows <= RowsAtOnce; rows++ {
			x := NewRows(n)
			copy(x, d.vector(RowsAtOnce*RowLength(n)))
			UpdateAll([]Update{{moments, 0.99, [RowsAtOnce]float64(d.vector(RowsAtOnce))}}, x, n, rows)
		}
		moments.rows(func(i int, row []float64) { d.add(row...); d.add(moments.rhs[i]) })
	}
}

func (d *digest) weights() {
	errs, means, weights := make([]float64, 16), make([]float64, 16), make([]float64, 16)
	for k := range 12 {
		for i, v := range d.vector(len(errs)) {
			errs[i] = math.Abs(float64(v * math.Ldexp(1, 3*k-6)))
		}
		Weigh(errs, means, weights, float64(0.3*float64(k%2)))
		d.add(means...)
		d.add(weights...)
	}
}

func (d *digest) corrections() {
	const filters, first = 8, 3
	list := []Correction{
		{0, None, None, false}, {0, 0, None, false}, {0, 1, None, false}, {0, 2, None, false},
		{2, None, None, true}, {None, None, 7, false}, {None, None, None, false},
	}
	c, n, others := NewCorrections(list, filters, first), NewNormalisers(filters), NewNormalisers(filters)
	for i := range list {
		n.Set(i, 16<<i, 0.01)
		others.Set(i, 32, 0.02)
	}
	predictions := make([]float64, first+Lanes)
	for range 5 {
		copy(predictions, d.vector(first))
		outputs := d.vector32(Lanes)
		c.Predict(outputs, predictions)
		c.Learn(d.next(), outputs, predictions, &n, &others)
		others.Take(float32(d.next()))
		d.add(predictions[first:][:len(list)]...)
		for i := range list {
			d.add(float64(n.Step[i]), float64(n.Input[i]), float64(n.Power[i]))
		}
		d.add(float64(n.Step[filters-1]))
	}
}

func (d *digest) mixings() {
	const first, regressors = 3, 16
	mixing := NewMixing([]int{0, 1, 2, 3, 4, 6, 7, 9, 10, 12, 13, 15, 18}, 3, first)
	rows, to := make([]float64, regressors), make([]float64, 2)
	mixers := []Regression{{d.vector(regressors), regressors, 0, rows, 0, &to[0]}, {d.vector(regressors), regressors, 0, rows, 0, &to[1]}}
	mixing.Mix(mixers, d.vector(first+Lanes), d.vector(lanes64))
	d.add(rows...)
	d.add(to...)
}

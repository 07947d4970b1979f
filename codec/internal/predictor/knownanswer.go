package predictor

import (
	"math"
	"slices"

	"trilobyte/codec/internal/simd"
)

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0x6187e623b8271fc2

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of the results.
func knownAnswer() error {
	d := digest{new(simd.Digest)}
	d.normalisers()
	d.leastSquares()
	d.blockFilters()
	d.rows()
	d.weights()
	d.corrections()
	d.mixings()
	d.tones()
	return d.Check(knownAnswerSum)
}

type digest struct{ *simd.Digest }

func (d digest) normalisers() {
	const filters = 2 * filterLanes
	n := newNormalisers(filters)
	for i := range filters {
		n.Set(i, 1<<(i%filterLanes*3/4), float32(0.1+d.Next()/20))
	}
	for range 5 {
		for i := 0; i < filters; i += filterLanes {
			copy(n.Error[i:], d.Vector32(filterLanes))
			copy(n.Input[i:], d.Vector32(filterLanes))
		}
		n.Normalise()
		for i, step := range n.Step {
			d.Add(float64(step), float64(n.Power[i]))
		}
	}
}

func (d digest) leastSquares() {
	for _, n := range []int{1, 7, 13, eightUnknowns, 33} {
		dots := make([]float64, 3)
		a, b, c, x := d.Vector(n), d.Vector(n), d.Vector(n), d.Vector(n)
		rows := make([]float64, 3*n)
		regress([]regression{{a, n, 0, rows, 0, &dots[0]}, {b, n, 0, rows, n, &dots[1]}, {c, n, 0, rows, 2 * n, &dots[2]}}, x, nil)
		d.Add(dots...)
		var systems []*system
		for range 7 { // all at once, or 6 and 1, or 4, 2 and 1
			moments := newSymmetric(n)
			for range n + 3 {
				u, x := update{moments, 0.998, [rowsAtOnce]float64{1 + float64(d.Next()/2)}}, newRows(n)
				copy(x, d.Vector(n+1))
				updateAll([]update{u}, x, n, 1)
			}
			systems = append(systems, newSystem(moments, 0.01, make([]float64, n)))
		}
		solveAll(slices.Clone(systems))
		for _, s := range systems {
			d.Add(s.weights...)
			s.ridge = -1 // not positive definite: the weights stay
			s.Solve()
			d.Add(s.weights...)
		}
	}
}

func (d digest) blockFilters() {
	var filters []blockFilter
	var before, steps, half, two [filterLanes]float32
	for k, taps := range []int{16, 32, 96, 192} {
		x := d.Vector32(taps + 3)
		for i := range 2 {
			half[2*k+i], two[2*k+i] = 0.5, 2
		}
		before[2*k], steps[2*k] = float32(d.Next()), float32(d.Next())
		before[2*k+1], steps[2*k+1] = before[2*k], steps[2*k]
		filters = append(filters,
			blockFilter{Weights: d.Vector32(taps), Taper: d.Vector32(taps), Inputs: x},
			blockFilter{Weights: d.Vector32(taps), Inputs: x})
	}
	list := newBlockFilters(filters)
	list.lanes[0].step = before
	list.first(0, steps[:])
	first := slices.Clone(list.outputs)
	list.second(half[:], two[:])
	for i := range filters {
		d.Add(float64(first[i]))
		d.Add(float64(list.outputs[i]))
		for _, v := range filters[i].Weights {
			d.Add(float64(v))
		}
	}
}

func (d digest) rows() {
	for _, n := range []int{1, 7, 16, 33} {
		moments := newSymmetric(n)
		for rows := 1; rows <= rowsAtOnce; rows++ {
			x := newRows(n)
			copy(x, d.Vector(rowsAtOnce*rowLength(n)))
			updateAll([]update{{moments, 0.99, [rowsAtOnce]float64(d.Vector(rowsAtOnce))}}, x, n, rows)
		}
		moments.rows(func(i int, row []float64) { d.Add(row...); d.Add(moments.rhs[i]) })
	}
}

func (d digest) weights() {
	errs, means, weights := make([]float64, 16), make([]float64, 16), make([]float64, 16)
	for k := range 12 {
		for i, v := range d.Vector(len(errs)) {
			errs[i] = math.Abs(float64(v * math.Ldexp(1, 3*k-6)))
		}
		weighErrors(errs, means, weights, float64(0.3*float64(k%2)))
		d.Add(means...)
		d.Add(weights...)
	}
}

func (d digest) corrections() {
	const filters, first = 8, 3
	list := []correction{
		{0, none, none, false}, {0, 0, none, false}, {0, 1, none, false}, {0, 2, none, false},
		{2, none, none, true}, {none, none, 7, false}, {none, none, none, false},
	}
	c, n, others := newCorrections(list, filters, first), newNormalisers(filters), newNormalisers(filters)
	for i := range list {
		n.Set(i, 16<<i, 0.01)
		others.Set(i, 32, 0.02)
	}
	predictions := make([]float64, first+filterLanes)
	for range 5 {
		copy(predictions, d.Vector(first))
		outputs := d.Vector32(filterLanes)
		c.Predict(outputs, predictions)
		c.Learn(d.Next(), outputs, predictions, &n, &others)
		others.Take(float32(d.Next()))
		d.Add(predictions[first:][:len(list)]...)
		for i := range list {
			d.Add(float64(n.Step[i]), float64(n.Input[i]), float64(n.Power[i]))
		}
		d.Add(float64(n.Step[filters-1]))
	}
}

func (d digest) mixings() {
	const first, regressors = 3, 16
	mixing := newMixing([]int{0, 1, 2, 3, 4, 6, 7, 9, 10, 12, 13, 15, 18}, 3, first)
	rows, to := make([]float64, regressors), make([]float64, 2)
	mixers := []regression{{d.Vector(regressors), regressors, 0, rows, 0, &to[0]}, {d.Vector(regressors), regressors, 0, rows, 0, &to[1]}}
	mixing.Mix(mixers, d.Vector(first+filterLanes), d.Vector(simd.Lanes64))
	d.Add(rows...)
	d.Add(to...)
}

func (d digest) tones() {
	const lags, samples = 2 * toneLanes, 7
	a, b, c := d.Vector(lags), d.Vector(lags), d.Vector(lags)
	d.Add(dotTone(a, b), levinson(a, b, c, 0.5, lags))
	moments := [3][]float64{a, b, c}
	correlate(&moments, d.Vector(3*samples), d.Vector(lags+samples-1))
	for _, m := range moments {
		d.Add(m...)
	}
}

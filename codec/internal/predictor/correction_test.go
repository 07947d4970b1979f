package predictor

import (
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// correctionLists are such as sets have: a cascade alone, three cascades and others with and without another channel, and
// too many or too long ones for vectors.
func correctionLists() map[string][]correction {
	first := func(base int) correction { return correction{Base: base, After: none, Other: none} }
	behind := func(base, after int) correction { return correction{Base: base, After: after, Other: none} }
	alone, robust := first(none), correction{Base: 1, After: none, Other: none, Robust: true}
	many := []correction{
		first(0), behind(0, 0), behind(0, 1),
		first(1), behind(1, 3), behind(1, 4), behind(1, 5),
		first(1), behind(1, 7), behind(1, 8), behind(1, 9),
		robust, alone, alone,
	}
	paired := slices.Clone(many)
	paired[12].Other, paired[13].Other = 14, 15
	long := append(slices.Clone(many[:7]), behind(1, 6))
	return map[string][]correction{
		"one": {first(0)}, "alone": many, "paired": paired, "long": long, "many": append(slices.Clone(many), many...),
	}
}

// testCorrections lets corrections predict and learn some samples.
func testCorrections(t *testing.T, list []correction, number func() float64) {
	const samples, first = 6, 4
	n := len(list)
	for _, c := range list {
		n = max(n, c.Other+1)
	}
	room := max(n, filterLanes)
	type told struct {
		outputs []float32
		bases   []float64
		inputs  []float32 // of the others
		sample  float64
	}
	var stream []told
	for range samples {
		s := told{sample: number()}
		for range n {
			s.outputs, s.inputs = append(s.outputs, float32(number())), append(s.inputs, float32(number()))
		}
		for range first {
			s.bases = append(s.bases, number())
		}
		stream = append(stream, s)
	}
	run := func() (predictions []float64, learned []float32) {
		c, normalisers, others := newCorrections(list, n, first), newNormalisers(n), newNormalisers(n)
		for i, f := range list {
			normalisers.Set(i, 16<<(i%4), 0.01)
			if f.Other != none {
				others.Set(i, 32, 0.02)
			}
		}
		all := make([]float64, first+len(list), first+room)
		for _, s := range stream {
			outputs := append(make([]float32, 0, room), s.outputs...)
			copy(all, s.bases)
			c.Predict(outputs, all[:cap(all)])
			predictions = append(predictions, all...)
			c.Learn(s.sample, outputs, all[:cap(all)], &normalisers, &others)
			copy(normalisers.Input[len(list):], s.inputs[:n-len(list)])
			others.Take(s.inputs[0])
			learned = slices.Concat(learned, normalisers.Step[:n], normalisers.Input[:n], normalisers.Power[:len(list)], c.sizes)
		}
		return predictions, learned
	}
	var predictions []float64
	var learned []float32
	simdtest.OnGo(t, func() { predictions, learned = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		gotPredictions, gotNumbers := run()
		simdtest.Compare(t, "corrections.Predict", gotPredictions, predictions)
		simdtest.Compare32(t, "corrections.Learn", gotNumbers, learned)
	})
}

func TestCorrections(t *testing.T) {
	for name, number := range simdtest.Numbers {
		for kind, list := range correctionLists() {
			t.Run(name+"/"+kind, func(t *testing.T) {
				r := rand.New(rand.NewPCG(12, 12))
				for range 30 {
					testCorrections(t, list, func() float64 { return number(r) })
				}
			})
		}
	}
}

// The kernels are generated for these layouts.
func TestCorrectionLayouts(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("there are no simdtest.Vector kernels here")
	}
	var c correctionLanes
	got := []uintptr{
		unsafe.Offsetof(c.stage), unsafe.Offsetof(c.step), unsafe.Offsetof(c.base), unsafe.Offsetof(c.sizes), unsafe.Offsetof(c.own),
		unsafe.Offsetof(c.based), unsafe.Offsetof(c.paired), unsafe.Offsetof(c.robust), unsafe.Offsetof(c.behind), unsafe.Offsetof(c.with),
		unsafe.Offsetof(c.left),
	}
	if want := []uintptr{0, 256, 320, 448, 512, 514, 516, 518, 520, 528, 536}; !slices.Equal(got, want) {
		t.Errorf("the fields of correctionLanes are at %v, not at %v", got, want)
	}
	var m mixingLanes
	got = []uintptr{
		unsafe.Offsetof(m.filtered), unsafe.Offsetof(m.base), unsafe.Offsetof(m.sample), unsafe.Offsetof(m.bases),
		unsafe.Offsetof(m.sampled), unsafe.Offsetof(m.differences),
		unsafe.Offsetof(m.places), unsafe.Offsetof(m.newest), unsafe.Offsetof(m.less),
	}
	if want := []uintptr{0, 128, 256, 384, 386, 388, 392, 520, 584}; !slices.Equal(got, want) {
		t.Errorf("the fields of mixingLanes are at %v, not at %v", got, want)
	}
}

// TestCorrectionsAddUp follows a cascade of two filters, a robust filter and a pair by hand.
func TestCorrectionsAddUp(t *testing.T) {
	list := []correction{
		{Base: 1, After: none, Other: none}, {Base: 1, After: 0, Other: none}, {Base: 0, After: none, Other: none, Robust: true},
		{Base: none, After: none, Other: 4},
	}
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		c, normalisers, others := newCorrections(list, 5, 2), newNormalisers(5), newNormalisers(5)
		for i := range list {
			normalisers.Set(i, 16, 1)
		}
		others.Set(3, 16, 1)
		predictions := make([]float64, 2+filterLanes)
		copy(predictions, []float64{100, 200})
		outputs := append(make([]float32, 0, filterLanes), 10, 5, -50, 20, 30)
		c.Predict(outputs, predictions)
		if want := []float64{100, 200, 210, 215, 50, 50}; !slices.Equal(predictions[:6], want) {
			t.Errorf("%s: predictions %v, want %v", p, predictions[:6], want)
		}
		c.Learn(225, outputs, predictions, &normalisers, &others)
		if want := []float32{25, 15, 125, 225}; !slices.Equal(normalisers.Input[:4], want) {
			t.Errorf("%s: inputs %v, want %v", p, normalisers.Input[:4], want)
		}
		// The first powers are 1, that of a pair one of each channel; the robust filter's error of 175 is limited to a hundredth.
		if want := []float32{15, 10, 1.75, 87.5, 87.5}; !slices.Equal(normalisers.Step[:5], want) {
			t.Errorf("%s: steps %v, want %v", p, normalisers.Step[:5], want)
		}
	}
}

func FuzzCorrections(f *testing.F) {
	f.Add(make([]byte, 8*400))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := simdtest.Floats(data)
		if len(v) == 0 {
			return
		}
		for _, list := range correctionLists() {
			at := 0
			testCorrections(t, list, func() float64 { at++; return v[at%len(v)] })
		}
	})
}

func BenchmarkCorrections(b *testing.B) {
	list := correctionLists()["paired"]
	n := len(list) + 2
	c, normalisers, others := newCorrections(list, n, 3), newNormalisers(n), newNormalisers(n)
	for i := range list {
		normalisers.Set(i, 32, 0.01)
		if list[i].Other != none {
			others.Set(i, 32, 0.01)
		}
	}
	outputs, predictions := make([]float32, filterLanes), make([]float64, 3+filterLanes)
	b.Run("Predict", func(b *testing.B) { simdtest.Benchmark(b, 1, func() { c.Predict(outputs, predictions) }) })
	b.Run("Learn", func(b *testing.B) {
		simdtest.Benchmark(b, 1, func() { c.Learn(100, outputs, predictions, &normalisers, &others) })
	})
	b.Run("Take", func(b *testing.B) { simdtest.Benchmark(b, 1, func() { others.Take(100) }) })
}

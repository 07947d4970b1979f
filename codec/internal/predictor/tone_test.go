package predictor

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// TestToneKernels compares the kernels of tones with plain Go.
func TestToneKernels(t *testing.T) {
	for name, number := range simdtest.Numbers {
		r := rand.New(rand.NewPCG(1, 7))
		for _, n := range []int{toneLanes, 3 * toneLanes, 1056} {
			a, b, c, k := simdtest.Vector(r, number, n), simdtest.Vector(r, number, n), simdtest.Vector(r, number, n), number(r)
			samples := 1 + r.IntN(40)
			scaled, x := simdtest.Vector(r, number, 3*samples), simdtest.Vector(r, number, n+samples-1)
			run := func() []float64 {
				all := []float64{dotTone(a, b)}
				x1, y1 := slices.Clone(a), slices.Clone(b)
				all = append(all, levinson(x1, y1, c, k, n))
				moments := [3][]float64{slices.Clone(a), slices.Clone(b), slices.Clone(c)}
				correlate(&moments, scaled, x)
				return slices.Concat(all, x1, y1, moments[0], moments[1], moments[2])
			}
			var want []float64
			simdtest.OnGo(t, func() { want = run() })
			simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare(t, fmt.Sprint(name, " of ", n), run(), want) })
		}
	}
}

// struck are decaying tones with many partials and a little noise, struck every so many samples.
func struck(samples, every int) []int32 {
	r := rand.New(rand.NewPCG(1, 8))
	out := make([]int32, samples)
	for i := range out {
		t := float64(i % every)
		v := 0.0
		for partial := 1; partial <= 30; partial++ {
			f := float64(partial)
			v += 3000 / f * math.Exp(-t*f/40000) * math.Sin(t*0.0313*f*math.Sqrt(1+0.0004*f*f))
		}
		out[i] = int32(math.Round(v + 0.2*r.NormFloat64()))
	}
	return out
}

// TestTonesAreFound makes sure that tones are found where they are, and not in noise, silence or what is short.
func TestTonesAreFound(t *testing.T) {
	d := &Description{Tones: []Tone{{Order: 1024, Every: 512, Ridge: 1e-10}}}
	r := rand.New(rand.NewPCG(1, 9))
	noise := make([]int32, 100_000)
	for i := range noise {
		noise[i] = int32(1000 * r.NormFloat64())
	}
	for _, c := range []struct {
		name    string
		samples []int32
		tonal   bool
	}{
		{"struck strings", struck(200_000, 60_000), true},
		{"noise", noise, false},
		{"silence", make([]int32, 100_000), false},
		{"a short one", struck(4000, 4000), false},
		{"none", nil, false},
	} {
		if w := FindWindow(d, c.samples); (w > 0) != c.tonal || w > MaxWindow {
			t.Errorf("%s: window %d", c.name, w)
		}
		if w := FindWindow(&Description{}, c.samples); w != 0 {
			t.Errorf("%s: window %d without predictors of tones", c.name, w)
		}
		few := &Description{Tones: []Tone{{Order: 3, Every: 512, Ridge: 1e-10}}}
		if w := FindWindow(few, c.samples); w != 0 {
			t.Errorf("%s: window %d for a tone of fewer samples than it is compared with", c.name, w)
		}
	}
}

// TestTonePredicts has a tone predict struck strings as well as their rounding lets it, which 32 samples do not, and forget them in silence.
func TestTonePredicts(t *testing.T) {
	samples := struck(60_000, 60_000)
	miss := func(order int) (sum float64) {
		f := newToneFilter(Tone{Order: order, Every: 512, Ridge: 1e-10}, 3)
		for i, v := range samples {
			p, ok := f.Predict()
			if ok != (i >= firstSolution) {
				t.Fatalf("sample %d: predicted is %v", i, ok)
			}
			if i >= len(samples)/2 {
				sum += math.Abs(float64(v) - p)
			}
			f.Learn(float64(v))
		}
		for range 1 << 20 { // until the moments of what was heard are as good as nothing
			f.Learn(0)
		}
		if p, _ := f.Predict(); p != 0 || slices.Max(f.moments[2]) > 1 {
			t.Errorf("after silence %g is predicted, the power is %g", p, slices.Max(f.moments[2]))
		}
		return sum
	}
	if long, short := miss(1024), miss(32); long > 0.7*short {
		t.Errorf("1024 samples leave %g, 32 leave %g", long, short)
	}
}

// TestTonesOfAnySignal feeds signals whose autocorrelation is hard to work with; predictions stay numbers.
func TestTonesOfAnySignal(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 10))
	for name, sample := range map[string]func(i int) float64{
		"one sine":         func(i int) float64 { return math.Round(math.MaxInt32 * math.Sin(float64(i)*0.1)) },
		"a constant":       func(int) float64 { return math.MinInt32 },
		"an impulse":       func(i int) float64 { return float64(math.MaxInt32 * (i % 5000 / 4999)) },
		"two values":       func(int) float64 { return float64(r.IntN(2)*2-1) * math.MaxInt32 },
		"growing 2^i":      func(i int) float64 { return math.Ldexp(1, i%32) },
		"noise, silence":   func(i int) float64 { return float64(i/3000%2) * math.Round(1000*r.NormFloat64()) },
		"alternating ones": func(i int) float64 { return float64(i%2*2 - 1) },
	} {
		f := newToneFilter(Tone{Order: 100, Every: 64, Ridge: minToneRidge, Longer: maxLonger}, MaxWindow)
		for i := range 20_000 {
			if p, _ := f.Predict(); math.IsNaN(p) || math.IsInf(p, 0) {
				t.Fatalf("%s: sample %d is predicted as %g", name, i, p)
			}
			f.Learn(sample(i))
		}
	}
}

// BenchmarkFindWindow looks for tones where there are some, in ten seconds.
func BenchmarkFindWindow(b *testing.B) {
	d := &Description{Tones: []Tone{{Order: 1024, Every: 512, Ridge: 1e-10}}}
	samples := struck(441_000, 60_000)
	for b.Loop() {
		FindWindow(d, samples)
	}
	b.ReportMetric(float64(len(samples))*float64(b.N)/44100/b.Elapsed().Seconds(), "x_realtime")
}

// BenchmarkTone predicts and learns a sample.
func BenchmarkTone(b *testing.B) {
	samples := struck(8192, 8192)
	for _, every := range []int{256, 512, 1024} {
		f := newToneFilter(Tone{Order: 1024, Every: every, Ridge: 1e-10}, 3)
		b.Run(fmt.Sprint("every ", every), func(b *testing.B) {
			simdtest.Benchmark(b, 1./float64(len(samples)), func() {
				for _, v := range samples {
					f.Predict()
					f.Learn(float64(v))
				}
			})
		})
	}
}

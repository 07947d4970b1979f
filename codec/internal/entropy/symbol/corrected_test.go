package symbol

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// sample is a distribution in the units of a set.
type sample struct {
	distribution mixture.Distribution
	scale        float64
}

// randomSamples makes distributions that lie in the set or beside it, narrow and wide ones.
func randomSamples(r *rand.Rand, set alphabet.Set, n int) []sample {
	samples := make([]sample, n)
	width := float64(set.High - set.Low)
	for i := range samples {
		var outputs [mixture.Outputs]int32
		for k := range outputs {
			outputs[k] = int32(r.IntN(512) - 256)
		}
		base, scale := float64(set.Low)+width*(1.5*r.Float64()-0.25), max(1./64, width*math.Exp2(-20*r.Float64()))
		var disagreement [mixture.Disagreements]float32
		for k := range disagreement {
			disagreement[k] = float32(r.NormFloat64())
		}
		samples[i].distribution.Set(&outputs, &disagreement, base, scale)
		samples[i].scale = scale
	}
	return samples
}

// testCorrected encodes and decodes the ranks of samples, then decodes rubbish, on all paths, and compares the code, the
// ranks and the coders.
func testCorrected(t *testing.T, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	run := func() (code []byte, decoded, guessed []int64, coders [3]*Corrected) {
		for i := range coders {
			coders[i] = NewCorrected(set)
		}
		e := rangecoder.NewEncoder(nil)
		for i := range samples {
			coders[0].Encode(e, &samples[i].distribution, samples[i].scale, ranks[i])
		}
		code = e.Finish()
		d, d2 := rangecoder.NewDecoder(code), rangecoder.NewDecoder(rubbish)
		for i := range samples {
			decoded = append(decoded, coders[1].Decode(d, &samples[i].distribution, samples[i].scale))
			guessed = append(guessed, coders[2].Decode(d2, &samples[i].distribution, samples[i].scale))
		}
		return code, decoded, guessed, coders
	}
	var code []byte
	var decoded, guessed []int64
	var coders [3]*Corrected
	simdtest.OnGo(t, func() { code, decoded, guessed, coders = run() })
	if !slices.Equal(decoded, ranks) {
		t.Fatal("plain Go does not decode what it encoded")
	}
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		c, d, g, cs := run()
		if !slices.Equal(c, code) || !slices.Equal(d, ranks) || !slices.Equal(g, guessed) {
			t.Fatalf("%s codes otherwise than plain Go", simd.InUse())
		}
		for i := range cs {
			if !slices.Equal(cs[i].sse.nodes, coders[i].sse.nodes) || !slices.Equal(cs[i].sse.widths, coders[i].sse.widths) ||
				cs[i].sse.mixers != coders[i].sse.mixers {
				t.Fatalf("the estimation of coder %d learns otherwise on %s", i, simd.InUse())
			}
		}
	})
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// randomListed makes a set of so many steps with random gaps.
func randomListed(r *rand.Rand, n int) alphabet.Set {
	steps := make([]int64, n)
	step := int64(-10 * n)
	for i := range steps {
		step += 1 + int64(math.Exp2(8*r.Float64()*r.Float64()))
		steps[i] = step
	}
	return alphabet.Listed(steps)
}

// testSets are dense and listed sets of one to five bytes.
func testSets(r *rand.Rand) []alphabet.Set {
	sets := []alphabet.Set{
		alphabet.Dense(0, 1), alphabet.Dense(-1, 1), alphabet.Dense(-128, 127), alphabet.Dense(-128, 128),
		alphabet.Dense(-1000, 20), alphabet.Dense(-32768, 32767), alphabet.Dense(-40000, 40000),
		alphabet.Dense(-1<<23, 1<<23-1), alphabet.Dense(-1<<31, 1<<31-1),
	}
	for _, n := range []int{2, 3, 17, 255, 256, 257, 3000} {
		sets = append(sets, randomListed(r, n))
	}
	return sets
}

func TestCorrected(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, set := range testSets(r) {
		t.Run(fmt.Sprintf("%d ranks dense %t", set.Len(), set.IsDense()), func(t *testing.T) {
			const n = 2000
			samples := randomSamples(r, set, n)
			uniform, near := make([]int64, n), make([]int64, n)
			for i := range uniform {
				uniform[i] = r.Int64N(set.Len())
				near[i] = int64(float64(set.Len()-1) * (0.5 + 0.01*max(-50, min(50, r.NormFloat64()))))
			}
			testCorrected(t, set, samples, uniform, randomBytes(r, 10000))
			testCorrected(t, set, samples[:n/4], near[:n/4], nil)
		})
	}
}

func FuzzCorrected(f *testing.F) {
	f.Add(uint64(1), int64(-5), uint32(100), false, []byte("some bytes"))
	f.Add(uint64(2), int64(0), uint32(70000), true, []byte{})
	f.Fuzz(func(t *testing.T, seed uint64, low int64, span uint32, listed bool, rubbish []byte) {
		r := rand.New(rand.NewPCG(seed, 0))
		low %= 1 << 33
		set := alphabet.Dense(low, low+1+int64(span))
		if span == math.MaxUint32 {
			return
		}
		if listed {
			set = randomListed(r, 2+int(span%5000))
		}
		samples := randomSamples(r, set, 50)
		ranks := make([]int64, len(samples))
		for i := range ranks {
			ranks[i] = r.Int64N(set.Len())
		}
		testCorrected(t, set, samples, ranks, rubbish)
	})
}

// benchmarkSamples are samples of one channel, each near one of its distribution's centres.
func benchmarkSamples() (alphabet.Set, []sample, []int64) {
	r := rand.New(rand.NewPCG(1, 1))
	set := alphabet.Dense(-20000, 20000)
	samples := randomSamples(r, set, 1000)
	ranks := make([]int64, len(samples))
	for i := range samples {
		centre := samples[i].distribution.Centre[i%8] - float64(set.Low)
		ranks[i] = max(0, min(set.Len()-1, int64(centre+samples[i].scale*r.NormFloat64())))
	}
	return set, samples, ranks
}

func BenchmarkCorrected(b *testing.B) {
	set, samples, ranks := benchmarkSamples()
	e, encoder := rangecoder.NewEncoder(nil), NewCorrected(set)
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, samples[i].scale, ranks[i])
	}
	code := e.Finish()
	b.Run("Encode", func(b *testing.B) {
		simdtest.Benchmark(b, 1/float64(len(samples)), func() {
			e, c := rangecoder.NewEncoder(nil), NewCorrected(set)
			for i := range samples {
				c.Encode(e, &samples[i].distribution, samples[i].scale, ranks[i])
			}
		})
	})
	b.Run("Decode", func(b *testing.B) {
		simdtest.Benchmark(b, 1/float64(len(samples)), func() {
			d, c := rangecoder.NewDecoder(code), NewCorrected(set)
			for i := range samples {
				c.Decode(d, &samples[i].distribution, samples[i].scale)
			}
		})
	})
}

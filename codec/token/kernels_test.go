package token

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/feature"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
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
		row := feature.Row{
			Base:  float64(set.Low) + width*(1.5*r.Float64()-0.25),
			Scale: max(feature.MinScale, width*math.Exp2(-20*r.Float64())),
		}
		for k := range row.Disagreement {
			row.Disagreement[k] = float32(r.NormFloat64())
		}
		samples[i].distribution.Set(&outputs, &row)
		samples[i].scale = row.Scale
	}
	return samples
}

// testKernels encodes and decodes the ranks of samples, then decodes rubbish, on all paths, and compares the code, the
// ranks and the coders.
func testKernels(t *testing.T, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	for _, corrected := range []bool{true, false} {
		testKernelsWith(t, corrected, set, samples, ranks, rubbish)
	}
}

func testKernelsWith(t *testing.T, corrected bool, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	run := func(k kernels) (code []byte, decoded, guessed []int64, coders [3]*Coder) {
		for i := range coders {
			coders[i] = newCoder(set, corrected, k)
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
	code, decoded, guessed, coders := run(kernels{})
	if !slices.Equal(decoded, ranks) {
		t.Fatal("plain Go does not decode what it encoded")
	}
	for _, p := range kernel.Paths() {
		c, d, g, cs := run(kernelsOf(p, corrected))
		if !slices.Equal(c, code) || !slices.Equal(d, ranks) || !slices.Equal(g, guessed) {
			t.Fatalf("%s codes otherwise than plain Go", p)
		}
		for i := range cs {
			if !corrected {
				continue
			}
			if !slices.Equal(cs[i].last.nodes, coders[i].last.nodes) || !slices.Equal(cs[i].last.widths, coders[i].last.widths) ||
				cs[i].last.mixers != coders[i].last.mixers {
				t.Fatalf("the last stage of coder %d learns otherwise on %s", i, p)
			}
		}
	}
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

func TestKernels(t *testing.T) {
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
			testKernels(t, set, samples, uniform, randomBytes(r, 10000))
			testKernels(t, set, samples[:n/4], near[:n/4], nil)
		})
	}
}

func FuzzKernels(f *testing.F) {
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
		testKernels(t, set, samples, ranks, rubbish)
	})
}

// benchmarkSamples are samples of one channel, each near one of its distribution's centres.
func benchmarkSamples() (alphabet.Set, []sample, []int64) {
	r := rand.New(rand.NewPCG(1, 1))
	set := alphabet.Dense(-20000, 20000)
	samples := randomSamples(r, set, 1000)
	ranks := make([]int64, len(samples))
	for i := range samples {
		centre := samples[i].distribution.Logistics().Centre[i%8] - float64(set.Low)
		ranks[i] = max(0, min(set.Len()-1, int64(centre+samples[i].scale*r.NormFloat64())))
	}
	return set, samples, ranks
}

func reportSamples(b *testing.B, n int) {
	b.ReportMetric(float64(b.N*n)/(b.Elapsed().Seconds()*2*44100), "x_realtime")
}

func BenchmarkCoder(b *testing.B) {
	set, samples, ranks := benchmarkSamples()
	for _, corrected := range []bool{true, false} {
		name := "Corrected"
		if !corrected {
			name = "Uncorrected"
		}
		b.Run(name, func(b *testing.B) { benchmarkCoder(b, corrected, set, samples, ranks) })
	}
}

func benchmarkCoder(b *testing.B, corrected bool, set alphabet.Set, samples []sample, ranks []int64) {
	e := rangecoder.NewEncoder(nil)
	encoder := newCoder(set, corrected, kernels{})
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, samples[i].scale, ranks[i])
	}
	code := e.Finish()
	for _, p := range kernel.Paths() {
		b.Run("Encode/"+string(p), func(b *testing.B) {
			for b.Loop() {
				e, c := rangecoder.NewEncoder(nil), newCoder(set, corrected, kernelsOf(p, corrected))
				for i := range samples {
					c.Encode(e, &samples[i].distribution, samples[i].scale, ranks[i])
				}
			}
			reportSamples(b, len(samples))
		})
		b.Run("Decode/"+string(p), func(b *testing.B) {
			for b.Loop() {
				d, c := rangecoder.NewDecoder(code), newCoder(set, corrected, kernelsOf(p, corrected))
				for i := range samples {
					c.Decode(d, &samples[i].distribution, samples[i].scale)
				}
			}
			reportSamples(b, len(samples))
		})
	}
}

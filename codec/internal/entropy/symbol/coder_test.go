package symbol

import (
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

// testSymbols encodes the ranks of samples and decodes them, then rubbish, on all paths, and compares.
func testSymbols(t *testing.T, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	encoder, e := New(set), rangecoder.NewSymbolEncoder(nil)
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, ranks[i])
	}
	code := e.Finish()
	run := func() (decoded, rubbishDecoded []int64, ends [2]rangecoder.SymbolDecoder) {
		coder := New(set)
		d, d2 := rangecoder.NewSymbolDecoder(code), rangecoder.NewSymbolDecoder(rubbish)
		for i := range samples {
			coder.tree.scale = scales[i%len(scales)]
			decoded = append(decoded, coder.Decode(d, &samples[i].distribution))
			rubbishDecoded = append(rubbishDecoded, coder.Decode(d2, &samples[i].distribution))
		}
		return decoded, rubbishDecoded, [2]rangecoder.SymbolDecoder{*d, *d2}
	}
	var decoded, wanted []int64
	var ends [2]rangecoder.SymbolDecoder
	simdtest.OnGo(t, func() { decoded, wanted, ends = run() })
	if !slices.Equal(decoded, ranks) {
		t.Fatal("plain Go does not decode what it encoded")
	}
	for _, rank := range wanted {
		if rank < 0 || rank >= set.Len() {
			t.Fatalf("rank %d of %d", rank, set.Len())
		}
	}
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		d, g, e := run()
		if !slices.Equal(d, ranks) || !slices.Equal(g, wanted) {
			t.Fatalf("%s decodes otherwise than plain Go", simd.InUse())
		}
		for i := range e {
			if a, b := e[i].Next(), ends[i].Next(); a != b {
				t.Fatalf("%s leaves the range decoder otherwise than plain Go", simd.InUse())
			}
		}
	})
}

// scales are good and bad ones: they have no influence on what is decoded.
var scales = []float64{0, 0.4, 1, 2.5, 6, 10, 100, 1e5, 1e300, math.Inf(1), math.NaN(), -3}

func TestSymbols(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, set := range testSets(r) {
		const n = 2000
		samples := randomSamples(r, set, n)
		uniform, near := make([]int64, n), make([]int64, n)
		for i := range uniform {
			uniform[i] = r.Int64N(set.Len())
			near[i] = int64(float64(set.Len()-1) * (0.5 + 0.01*max(-50, min(50, r.NormFloat64()))))
		}
		testSymbols(t, set, samples, uniform, randomBytes(r, 10000))
		testSymbols(t, set, samples[:n/4], near[:n/4], nil)
	}
}

func FuzzSymbols(f *testing.F) {
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
		testSymbols(t, set, samples, ranks, rubbish)
	})
}

// TestFrequencies checks that every value of every symbol has an interval, and that they follow each other.
func TestFrequencies(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, set := range testSets(r) {
		c := New(set)
		for _, s := range randomSamples(r, set, 25) {
			testFrequencies(t, r, c, &s.distribution)
		}
	}
}

func testFrequencies(t *testing.T, r *rand.Rand, c *Coder, d *mixture.Distribution) {
	t.Helper()
	base, below, above := int64(0), 0.0, d.Total
	var n node
	for place := c.digits - width; place >= 0; place -= width {
		n.find(c, d, base, place, below, above)
		chosen, last := r.Int64N(n.values), uint64(0)
		for value := int64(1); value < n.values; value++ {
			c.points[0] = c.set.Boundary(base + value<<place)
			d.Below(c.points[:1], c.masses[:1])
			f := n.frequency(value, c.masses[0])
			if f <= last || f >= rangecoder.One {
				t.Fatalf("%d ranks, value %d: frequency %d after %d", c.count, value, f, last)
			}
			last = f
			switch value {
			case chosen:
				below = c.masses[0]
			case chosen + 1:
				above = c.masses[0]
			}
		}
		base += chosen << place
	}
}

func BenchmarkCoder(b *testing.B) {
	set, samples, ranks := benchmarkSamples()
	e, encoder := rangecoder.NewSymbolEncoder(nil), New(set)
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, ranks[i])
	}
	code := e.Finish()
	b.Run("Encode", func(b *testing.B) {
		simdtest.Benchmark(b, 1/float64(len(samples)), func() {
			e := rangecoder.NewSymbolEncoder(nil)
			for i := range samples {
				encoder.Encode(e, &samples[i].distribution, ranks[i])
			}
		})
	})
	b.Run("Decode", func(b *testing.B) {
		simdtest.Benchmark(b, 1/float64(len(samples)), func() {
			d, c := rangecoder.NewSymbolDecoder(code), New(set)
			for i := range samples {
				c.Decode(d, &samples[i].distribution)
			}
		})
	})
}

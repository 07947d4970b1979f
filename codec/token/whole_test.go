package token

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
)

// kinds are those of symbols.
var kinds = []rangecoder.Symbols{rangecoder.Bytes, rangecoder.Pairs}

// testWhole encodes the ranks of samples and decodes them, then rubbish, on all paths and with both kinds of symbols, and compares.
func testWhole(t *testing.T, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	for _, symbols := range kinds {
		testWholeWith(t, symbols, set, samples, ranks, rubbish)
	}
}

func testWholeWith(t *testing.T, symbols rangecoder.Symbols, set alphabet.Set, samples []sample, ranks []int64, rubbish []byte) {
	t.Helper()
	encoder, e := newWhole(set, symbols, nil), rangecoder.NewSymbolEncoder(symbols, nil)
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, ranks[i])
	}
	code := e.Finish()
	run := func(k wholeKernel) (decoded, rubbishDecoded []int64, ends [2]rangecoder.SymbolDecoder) {
		coder := newWhole(set, symbols, k)
		d, d2 := rangecoder.NewSymbolDecoder(symbols, code), rangecoder.NewSymbolDecoder(symbols, rubbish)
		for i := range samples {
			decoded = append(decoded, coder.Decode(d, &samples[i].distribution, scales[i%len(scales)]))
			rubbishDecoded = append(rubbishDecoded, coder.Decode(d2, &samples[i].distribution, scales[i%len(scales)]))
		}
		return decoded, rubbishDecoded, [2]rangecoder.SymbolDecoder{*d, *d2}
	}
	decoded, wanted, ends := run(nil)
	if !slices.Equal(decoded, ranks) {
		t.Fatal("plain Go does not decode what it encoded")
	}
	for _, rank := range wanted {
		if rank < 0 || rank >= set.Len() {
			t.Fatalf("rank %d of %d", rank, set.Len())
		}
	}
	for _, p := range kernel.Paths() {
		d, g, e := run(wholeKernelOf(p, symbols))
		if !slices.Equal(d, ranks) || !slices.Equal(g, wanted) {
			t.Fatalf("%s decodes otherwise than plain Go", p)
		}
		for i := range e {
			if a, b := e[i].Next(), ends[i].Next(); a != b {
				t.Fatalf("%s leaves the range decoder otherwise than plain Go", p)
			}
		}
	}
}

// scales are good and bad ones: they have no influence on what is decoded.
var scales = []float64{0, 0.4, 1, 2.5, 6, 10, 100, 1e5, 1e300, math.Inf(1), math.NaN(), -3}

func TestWhole(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, set := range testSets(r) {
		const n = 2000
		samples := randomSamples(r, set, n)
		uniform, near := make([]int64, n), make([]int64, n)
		for i := range uniform {
			uniform[i] = r.Int64N(set.Len())
			near[i] = int64(float64(set.Len()-1) * (0.5 + 0.01*max(-50, min(50, r.NormFloat64()))))
		}
		testWhole(t, set, samples, uniform, randomBytes(r, 10000))
		testWhole(t, set, samples[:n/4], near[:n/4], nil)
	}
}

func FuzzWhole(f *testing.F) {
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
		testWhole(t, set, samples, ranks, rubbish)
	})
}

// TestWholeFrequencies checks that every value of every symbol has an interval, and that they follow each other.
func TestWholeFrequencies(t *testing.T) {
	for _, symbols := range kinds {
		r := rand.New(rand.NewPCG(2, 1))
		for _, set := range testSets(r) {
			w := newWhole(set, symbols, nil)
			for _, s := range randomSamples(r, set, 50*8/w.width) {
				testFrequencies(t, r, w, &s.distribution)
			}
		}
	}
}

func testFrequencies(t *testing.T, r *rand.Rand, w *Whole, d *mixture.Distribution) {
	t.Helper()
	base, below, above := int64(0), 0.0, d.Total
	for place := w.digits - w.width; place >= 0; place -= w.width {
		n := w.node(d, base, place, below, above)
		chosen, last := r.Int64N(n.values), uint64(0)
		for value := int64(1); value < n.values; value++ {
			w.points[0] = w.set.Boundary(base + value<<place)
			d.Below(w.points[:1], w.masses[:1])
			f := n.frequency(value, w.masses[0])
			if f <= last || f >= w.symbols.One() {
				t.Fatalf("%d ranks, value %d: frequency %d after %d", w.count, value, f, last)
			}
			last = f
			switch value {
			case chosen:
				below = w.masses[0]
			case chosen + 1:
				above = w.masses[0]
			}
		}
		base += chosen << place
	}
}

func BenchmarkWhole(b *testing.B) {
	for _, symbols := range kinds {
		b.Run(fmt.Sprintf("Frequencies%d", symbols.FrequencyBits), func(b *testing.B) { benchmarkWhole(b, symbols) })
	}
}

func benchmarkWhole(b *testing.B, symbols rangecoder.Symbols) {
	set, samples, ranks := benchmarkSamples()
	e, encoder := rangecoder.NewSymbolEncoder(symbols, nil), newWhole(set, symbols, nil)
	for i := range samples {
		encoder.Encode(e, &samples[i].distribution, ranks[i])
	}
	code := e.Finish()
	b.Run("Encode", func(b *testing.B) {
		for b.Loop() {
			e := rangecoder.NewSymbolEncoder(symbols, nil)
			for i := range samples {
				encoder.Encode(e, &samples[i].distribution, ranks[i])
			}
		}
		reportSamples(b, len(samples))
	})
	for _, p := range kernel.Paths() {
		b.Run("Decode/"+string(p), func(b *testing.B) {
			for b.Loop() {
				d, c := rangecoder.NewSymbolDecoder(symbols, code), newWhole(set, symbols, wholeKernelOf(p, symbols))
				for i := range samples {
					c.Decode(d, &samples[i].distribution, samples[i].scale)
				}
			}
			reportSamples(b, len(samples))
		})
	}
}

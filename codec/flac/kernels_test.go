package flac

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// kernelResults is what all kernels make of a signal and a predictor.
type kernelResults struct {
	samples      []int64
	bits, wasted int
	fixed, sums  []partitionSums
	constant     bool
	residual     []int32
	used         []uint64
	high         [][3]uint64
	estimates    [][2]int64 // orders of partitions and bits
	correlations []autocorrelation
}

// runKernels lets the path in use work on a full block.
func runKernels(samples []int64, bits int, p *predictor) kernelResults {
	a := &analyzer{}
	s := &a.signals[0]
	s.begin(len(samples), bits, false)
	copy(s.samples, samples)
	a.prepare(s)
	a.fixed.sum(s)
	r := kernelResults{samples: s.samples, bits: s.bits, wasted: s.wasted, fixed: a.fixed.sums[:], constant: a.fixed.constant}
	others := slices.Clone(fixedPredictors[2:4])
	for _, group := range [][]predictor{{*p}, {others[0], *p}, {others[0], others[1], *p}} {
		sums := &a.candidates.sums
		if !s.inWords || !s.sumPacked(group, sums) {
			for i := range group {
				group[i].sumResidual(s.samples, &sums[i], maxPartitions)
			}
		}
		r.sums = append(r.sums, sums[:len(group)]...)
	}
	for _, sums := range append(r.fixed, r.sums...) {
		for _, largest := range []int{14, 30} {
			order, bits := s.estimateRice(sums[:], p.order, largest, math.MaxInt64)
			r.estimates = append(r.estimates, [2]int64{int64(order), bits})
		}
	}
	s.storeResidual(p)
	r.residual = s.residual
	for order := range maxPartitionOrder + 1 {
		part := s.residual[:BlockSize>>order]
		sum := uint64(0)
		for _, v := range part {
			sum += absolute(int64(v))
		}
		for _, shift := range []int{0, 1, 5, 13, 29} {
			var c rice
			r.used = append(r.used, c.sum(part, sum, shift))
			r.high = append(r.high, c.high)
		}
	}
	for _, c := range a.autocorrelations(s.samples) {
		clear(c[maxOrder+1:]) // what only fills vectors
		r.correlations = append(r.correlations, c)
	}
	return r
}

// compareKernels runs all paths on the same signal and predictor.
func compareKernels(t *testing.T, samples []int64, bits int, p *predictor) {
	t.Helper()
	var want kernelResults
	simdtest.OnGo(t, func() { want = runKernels(samples, bits, p) })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		t.Helper()
		got := runKernels(samples, bits, p)
		compare(t, "pack", got.samples, want.samples)
		compare(t, "sumFixed", got.fixed, want.fixed)
		compare(t, "sumHalves or sumWords", got.sums, want.sums)
		compare(t, "estimateFine", got.estimates, want.estimates)
		compare(t, "storeResidual", got.residual, want.residual)
		compare(t, "sumRice's bits", got.used, want.used)
		compare(t, "sumRice", got.high, want.high)
		compare(t, "addLags", got.correlations, want.correlations)
		if got.constant != want.constant || got.bits != want.bits || got.wasted != want.wasted {
			t.Fatalf("on %s: constant %t, %d bits of which %d are wasted; plain Go gives %t, %d, %d", simd.InUse(),
				got.constant, got.bits, got.wasted, want.constant, want.bits, want.wasted)
		}
	})
}

func compare[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s on %s: %d results, plain Go gives %d", what, simd.InUse(), len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s on %s: result %d is %v, plain Go gives %v", what, simd.InUse(), i, got[i], want[i])
		}
	}
}

// fullBlock repeats a pattern of samples of the given width.
func fullBlock(pattern []int64, bits int) []int64 {
	samples := make([]int64, BlockSize)
	for i := range samples {
		samples[i] = pattern[i%len(pattern)] << (64 - bits) >> (64 - bits)
	}
	return samples
}

// newPredictor has coefficients of the given precision.
func newPredictor(coefficients []int64, precision, shift int) *predictor {
	p := &predictor{order: len(coefficients), shift: shift}
	for i, c := range coefficients {
		p.coefficients[i] = c << (64 - precision) >> (64 - precision)
	}
	return p
}

// Noise of all widths, and the extremes of each.
func TestKernelsOfAllWidths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for bits := 2; bits <= 33; bits++ {
		if testing.Short() && bits%8 > 1 { // whole bytes and the sides of them are left
			continue
		}
		noise, coefficients := make([]int64, BlockSize), make([]int64, r.IntN(maxOrder+1))
		for i := range noise {
			noise[i] = int64(r.Uint64())
		}
		for i := range coefficients {
			coefficients[i] = int64(r.Uint64())
		}
		compareKernels(t, fullBlock(noise, bits), bits, newPredictor(coefficients, 2+r.IntN(14), r.IntN(maxShift+1)))
		lowest, all := int64(-1)<<(bits-1), make([]int64, maxOrder)
		for i := range all {
			all[i] = -1 << 14 // alternating, the differences are the largest that there are
		}
		for _, pattern := range [][]int64{{lowest}, {lowest, -1 - lowest}, {0}} {
			compareKernels(t, fullBlock(pattern, bits), bits, newPredictor(all, 15, r.IntN(maxShift+1)))
		}
	}
}

func TestKernelsOfAnything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		number := rapid.Int64()
		bits := rapid.IntRange(2, 33).Draw(rt, "bits")
		samples := fullBlock(rapid.SliceOfN(number, 1, 100).Draw(rt, "pattern"), bits)
		for range rapid.IntRange(0, 5).Draw(rt, "deviations") {
			samples[rapid.IntRange(0, BlockSize-1).Draw(rt, "at")] = number.Draw(rt, "value") << (64 - bits) >> (64 - bits)
		}
		coefficients := rapid.SliceOfN(number, 0, maxOrder).Draw(rt, "coefficients")
		precision, shift := rapid.IntRange(1, 15).Draw(rt, "precision"), rapid.IntRange(0, maxShift).Draw(rt, "shift")
		compareKernels(t, samples, bits, newPredictor(coefficients, precision, shift))
	})
}

// Mid and side of the extremes, too, and samples that do not fit.
func TestLoadOnAllPaths(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	for bits := 4; bits <= 32; bits++ {
		channels := [2][]int32{make([]int32, BlockSize), make([]int32, BlockSize)}
		for c, channel := range channels {
			for i := range channel {
				channel[i] = int32(r.Uint32()) >> (32 - bits)
			}
			channel[0], channel[1], channel[2+c] = 1<<(bits-1)-1, -1<<(bits-1), -1<<(bits-1)
		}
		load := func() (all []int64) {
			a := &analyzer{}
			for c, channel := range channels {
				if at := a.signals[c].load(channel, bits); at >= 0 {
					t.Fatalf("%d bits on %s: sample %d does not fit", bits, simd.InUse(), at)
				}
				if at := a.signals[c].load(channel, bits-1); at != 0 {
					t.Fatalf("%d bits on %s: sample 0 does not fit in a bit less, not %d", bits, simd.InUse(), at)
				}
				a.signals[c].load(channel, bits)
			}
			a.loadMidSide(bits)
			for i := range 4 {
				a.prepare(&a.signals[i])
				all = append(all, a.signals[i].samples...)
			}
			return all
		}
		var want []int64
		simdtest.OnGo(t, func() { want = load() })
		simdtest.OnVectorPaths(t, func(t *testing.T) { compare(t, "midSide", load(), want) })
	}
}

func FuzzKernels(f *testing.F) {
	f.Add(byte(16), byte(12), byte(9), make([]byte, 8*maxOrder))
	f.Fuzz(func(t *testing.T, bits, precision, shift byte, data []byte) {
		var numbers []int64
		for ; len(data) >= 8; data = data[8:] {
			numbers = append(numbers, int64(binary.LittleEndian.Uint64(data)))
		}
		order := min(maxOrder, len(numbers)/2)
		if order == 0 {
			t.Skip()
		}
		p := newPredictor(numbers[:order], 1+int(precision)%15, int(shift)%(maxShift+1))
		width := 2 + int(bits)%32
		compareKernels(t, fullBlock(numbers[order:], width), width, p)
	})
}

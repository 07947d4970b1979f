package flac

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The parameter is the smallest that reaches the mean, found without a loop.
func TestRiceParameter(t *testing.T) {
	for count := uint64(1); count < 70; count++ {
		for sum := uint64(0); sum < 10_000; sum = sum*5/4 + 1 {
			want := 0
			for count<<want < sum {
				want++
			}
			if got := riceParameter(sum, count, 30); got != want {
				t.Fatalf("riceParameter(%d, %d) = %d, want %d", sum, count, got, want)
			}
		}
	}
	if got := riceParameter(1<<40, 16, 14); got != 14 {
		t.Errorf("the parameter is %d, above its limit of 14", got)
	}
}

// An estimate that may stop at a limit is the same below the limit, and never
// below it by mistake.
func TestEstimateRiceWithLimit(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		length := rapid.SampledFrom([]int{BlockSize, 4608, 3000, 1152, 375, 64, 17}).Draw(rt, "length")
		most := uint64(1) << rapid.IntRange(0, 40).Draw(rt, "bits")
		count := 1 << finestPartitions(length)
		sums := rapid.SliceOfN(rapid.Uint64Range(0, most), count, count).Draw(rt, "sums")
		predictorOrder := rapid.IntRange(0, maxOrder).Draw(rt, "order")
		largest := rapid.SampledFrom([]int{14, 30}).Draw(rt, "largest")
		wantOrder, want := estimateRice(slices.Clone(sums), length, predictorOrder, largest, math.MaxInt64)
		limit := want + rapid.Int64Range(-500, 500).Draw(rt, "beyond")
		order, total := estimateRice(slices.Clone(sums), length, predictorOrder, largest, limit)
		if want < limit && (total != want || order != wantOrder) || want >= limit && total < limit {
			rt.Errorf("order %d and %d bits with the limit %d, order %d and %d bits without", order, total, limit, wantOrder, want)
		}
	})
}

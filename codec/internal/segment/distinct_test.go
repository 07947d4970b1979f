package segment

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestDistinct compares with sorting, for values close together and far apart.
func TestDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spread := rapid.SampledFrom([]int32{1, 63, 64, 65, 1 << 16, 1<<24 - 1, 1<<31 - 1}).Draw(t, "spread")
		samples := rapid.SliceOfN(rapid.Int32Range(-spread-1, spread), 1, 200).Draw(t, "samples")
		want := slices.Clone(samples)
		slices.Sort(want)
		if got := distinct(samples); !slices.Equal(got, slices.Compact(want)) {
			t.Errorf("%d values", len(got))
		}
	})
}

package alphabet_test

import (
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/entropy/alphabet"
)

// TestIndex makes sure that the rank of a step is found, and about where it is for any number.
func TestIndex(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step, steps := rapid.Int64Range(-1<<31, 1<<20).Draw(t, "lowest"), []int64(nil)
		for _, gap := range rapid.SliceOfN(rapid.Int64Range(1, 1<<rapid.IntRange(0, 12).Draw(t, "gap bits")), 2, 3000).Draw(t, "gaps") {
			steps = append(steps, step)
			step += gap
		}
		set := alphabet.Listed(steps)
		n := set.Index()
		for rank, step := range steps {
			if got := set.Rank(step); got != int64(rank) {
				t.Fatalf("step %d has rank %d, not %d", step, got, rank)
			}
			if off := n.Near(step-set.Low) - int64(rank); off < -1<<n.Shift || off > 1<<n.Shift {
				t.Fatalf("the rank of step %d is off by %d, %d steps at a time", step, off, 1<<n.Shift)
			}
		}
		for _, step := range []int64{-1 << 63, -1, 1 << 40, 1<<63 - 1} {
			if rank := n.Near(step); rank < 0 || rank > set.Len() {
				t.Fatalf("a rank of %d out of %d", rank, set.Len())
			}
		}
	})
}

package token

import (
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/alphabet"
)

// TestNear makes sure that the rank of a step is found to within the steps that a table entry stands for, and that any number may
// be asked for.
func TestNear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		step, steps := rapid.Int64Range(-1<<31, 1<<20).Draw(t, "lowest"), []int64(nil)
		for _, gap := range rapid.SliceOfN(rapid.Int64Range(1, 1<<rapid.IntRange(0, 12).Draw(t, "gap bits")), 2, 3000).Draw(t, "gaps") {
			steps = append(steps, step)
			step += gap
		}
		set := alphabet.Listed(steps)
		n := newNear(&set)
		for rank, step := range steps {
			if off := n.rank(step-set.Low) - int64(rank); off < -1<<n.shift || off > 1<<n.shift {
				t.Fatalf("the rank of step %d is off by %d, %d steps at a time", step, off, 1<<n.shift)
			}
		}
		for _, step := range []int64{-1 << 63, -1, 1 << 40, 1<<63 - 1} {
			if rank := n.rank(step); rank < 0 || rank > set.Len() {
				t.Fatalf("a rank of %d out of %d", rank, set.Len())
			}
		}
	})
}

package alphabet

import (
	"math/bits"
	"slices"
)

// Index says where the steps of a listed set are, so that few of them have to be looked at.
type Index struct {
	Ranks []int32 // for every 2^Shift steps from the lowest on: the rank of the first step there or later; then the number of ranks
	Shift int
	Span  int64 // the highest step, from the lowest on
	// For every 2^Shift steps, if these are 64 at most: a bit for each that is in the set.
	present []uint64
}

// indexBits is the logarithm of how many ranks an index notes at most.
const indexBits = 10

// newIndex makes the index of a list, which is not empty.
func newIndex(used []int64) *Index {
	low := used[0]
	x := &Index{Span: used[len(used)-1] - low}
	x.Shift = max(0, bits.Len64(uint64(x.Span))-indexBits)
	for rank, step := range used {
		for int64(len(x.Ranks))<<x.Shift <= step-low {
			x.Ranks = append(x.Ranks, int32(rank))
		}
	}
	x.Ranks = append(x.Ranks, int32(len(used)))
	if x.Shift <= 6 {
		x.present = make([]uint64, len(x.Ranks)-1)
		for _, step := range used {
			at := (step - low) >> x.Shift
			x.present[at] |= 1 << (step - low - at<<x.Shift)
		}
	}
	return x
}

// rank returns the rank of a step of the list, which is given from the lowest on.
func (x *Index) rank(step int64, used []int64) int64 {
	at := step >> x.Shift
	first := int(x.Ranks[at])
	if x.present != nil {
		before := uint64(1)<<(step-at<<x.Shift) - 1
		return int64(first + bits.OnesCount64(x.present[at]&before))
	}
	rank, _ := slices.BinarySearch(used[first:x.Ranks[at+1]], used[0]+step)
	return int64(first + rank)
}

// Near returns about the rank of a step, any number, which is given from the lowest on.
func (x *Index) Near(step int64) int64 {
	step = max(0, min(x.Span, step))
	at := step >> x.Shift
	first, next := int64(x.Ranks[at]), int64(x.Ranks[at+1])
	return first + (step-at<<x.Shift)*(next-first)>>x.Shift
}

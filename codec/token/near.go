package token

import (
	"math/bits"

	"trilobyte/codec/alphabet"
)

// near says about which rank a step has, in little time.
type near struct {
	ranks []int32 // for every 2^shift steps from the lowest on: the rank of the first step there; nil for a dense set
	shift int
	span  int64 // the highest step, from the lowest on
}

// nearBits is the logarithm of how many ranks are noted at most.
const nearBits = 10

func newNear(set *alphabet.Set) near {
	if set.IsDense() {
		return near{}
	}
	n := near{span: set.High - set.Low}
	n.shift = max(0, bits.Len64(uint64(n.span))-nearBits)
	for rank, step := range set.Steps() {
		for int64(len(n.ranks))<<n.shift <= step-set.Low {
			n.ranks = append(n.ranks, int32(rank))
		}
	}
	n.ranks = append(n.ranks, int32(set.Len()))
	return n
}

// rank returns about the rank of a step, which is given from the lowest on; of any number if the step is not in the set's range.
func (n *near) rank(step int64) int64 {
	if n.ranks == nil {
		return step
	}
	step = max(0, min(n.span, step))
	at := step >> n.shift
	first, next := int64(n.ranks[at]), int64(n.ranks[at+1])
	return first + (step-at<<n.shift)*(next-first)>>n.shift
}

package kernel

import (
	"cmp"
	"fmt"
	"slices"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
)

// filterSet is the filters of a channel, with tones or without, as source/filters.cuh wants them.
type filterSet struct {
	lanes     []lane      // the other channel's parts of the cross filters last
	rows      [4][]uint32 // of each half of two warps
	halves    [4]int      // where the weights of each of these begin
	weights   int         // floats
	inputs    int         // floats
	long      int         // lane of the filter that has a warp of its own; -1 if there is none
	histories []history
}

// lane is a filter.
type lane struct {
	predictor.Stage
	stage, head    int // how many filters come before it in its cascade; the lane of the first one
	base           int // number of a prediction; -1 for none
	history        int // number
	half           int // that has it
	writes         bool
	newest         int // where its newest weight is
	partner        int // see source/layout.cuh
	robust, others bool
}

// history is the inputs of some filters.
type history struct{ start, longest int }

const (
	room      = 16  // inputs, see ROOM
	leastLong = 512 // taps of a filter that has a warp of its own
	mostMoved = 16  // histories
)

// newFilterSet lists the filters as predictor.Set does.
func newFilterSet(d *predictor.Description, tonal bool) (filterSet, error) {
	s := filterSet{long: -1}
	numbers := map[int]int{} // histories by what they hold
	add := func(l lane, input int) {
		h, known := numbers[input]
		if !known {
			h = len(s.histories)
			numbers[input] = h
			s.histories = append(s.histories, history{})
		}
		l.writes, l.history = !known, h
		s.histories[h].longest = max(s.histories[h].longest, l.Taps)
		s.lanes = append(s.lanes, l)
	}
	alone := d.Count()
	for _, c := range d.Cascades {
		chain := c.Chain
		if tonal && c.Tonal != nil {
			chain = *c.Tonal
		}
		head := len(s.lanes)
		for i, stage := range chain.Stages {
			input := chain.Base
			if i > 0 {
				input = alone + len(s.lanes)
			}
			add(lane{Stage: stage, stage: i, head: head, base: chain.Base, partner: -1}, input)
		}
		if len(chain.Stages) > 4 {
			return s, fmt.Errorf("kernel: a cascade of %d filters", len(chain.Stages))
		}
	}
	for _, r := range d.Robust {
		add(lane{Stage: r.Stage, head: len(s.lanes), base: r.Base, partner: -1, robust: true}, r.Base)
	}
	first := len(s.lanes)
	for i, c := range d.Cross {
		add(lane{Stage: c, head: first + i, base: -1, partner: first + len(d.Cross) + i}, alone)
	}
	for i, c := range d.Cross {
		l := lane{Stage: c, head: first + len(d.Cross) + i, base: -1, partner: first + i, others: true}
		l.history = numbers[alone]
		s.lanes = append(s.lanes, l)
	}
	if len(s.histories) > mostMoved {
		return s, fmt.Errorf("kernel: %d histories of filters", len(s.histories))
	}
	place := func(h *history) {
		h.start = s.inputs
		s.inputs += simd.RoundUp(h.longest+room+4, 2)
	}
	common, crossed := numbers[alone] // the other channel reads it, too, whether it has tones or not: it comes first
	if crossed {
		place(&s.histories[common])
	}
	for i := range s.histories {
		if !crossed || i != common {
			place(&s.histories[i])
		}
	}
	s.layOut()
	return s, nil
}

// layOut says where weights are, and shares the filters among the halves of a warp.
func (s *filterSet) layOut() {
	for i, l := range s.lanes {
		flat := !l.Decaying && !l.others && l.base >= 0 && l.Taps >= leastLong && l.Taps == s.histories[l.history].longest
		if flat && (s.long < 0 || l.Taps > s.lanes[s.long].Taps) {
			s.long = i
		}
	}
	if s.long >= 0 {
		s.weights = s.lanes[s.long].Taps
		s.lanes[s.long].newest = s.weights - 1
	}
	var order []int
	for i := range s.lanes {
		if i != s.long {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(s.lanes[b].Taps, s.lanes[a].Taps) })
	var members [4][]int
	var sizes [4]int
	all := 0
	for _, i := range order {
		all += s.lanes[i].Taps
	}
	most := max((all+3)/4, s.lanes[order[0]].Taps) // of the halves of the first warp, which go as far as the longest filter
	for _, i := range order {
		half := 2
		switch taps := s.lanes[i].Taps; {
		case sizes[0]+taps <= most:
			half = 0
		case sizes[1]+taps <= most:
			half = 1
		case sizes[3] < sizes[2]:
			half = 3
		}
		members[half] = append(members[half], i)
		sizes[half] += s.lanes[i].Taps
	}
	for half, list := range members {
		s.halves[half] = s.weights
		for _, i := range list {
			l := &s.lanes[i]
			s.addRows(half, i)
			s.weights += l.Taps
			l.newest, l.half = s.weights-1, half
		}
	}
}

// rowBatch is how many rows the kernel goes through at once.
const rowBatch = 4

// pad makes the halves of a warp equally long, in whole batches: with rows of no filter, and weights for them.
func (s *filterSet) pad() {
	shift := 0
	for half, list := range s.rows {
		s.halves[half] += shift
		for i := range s.lanes {
			if l := &s.lanes[i]; i != s.long && l.half == half {
				l.newest += shift
			}
		}
		other := s.rows[half^1]
		for range simd.RoundUp(max(len(list), len(other)), rowBatch) - len(list) {
			s.rows[half] = append(s.rows[half], (mostLanes-1)<<13)
			shift += halfLanes
		}
	}
	s.weights += shift
}

// addRows appends the rows of a filter, as source/layout.cuh has them, but for the rows of the taper, which tapered adds.
func (s *filterSet) addRows(half, i int) {
	l := &s.lanes[i]
	h := s.histories[l.history]
	for r := range l.Taps / halfLanes {
		info := uint32(h.start+h.longest-l.Taps+halfLanes*r) | uint32(i)<<13
		if r == l.Taps/halfLanes-1 {
			info |= 1 << 18
		}
		if l.others {
			info |= 1 << 25
		}
		s.rows[half] = append(s.rows[half], info)
	}
}

// tapered adds the rows of the taper, of which there are so many before that of ones.
func (s *filterSet) tapered(half, row, tapers int) uint32 {
	info := s.rows[half][row]
	i, taper := int(info>>13&31), tapers
	if i < len(s.lanes) && s.lanes[i].Decaying {
		last := row
		for s.rows[half][last]>>18&1 == 0 {
			last++
		}
		taper = tapers - 1 - (last - row)
	}
	return info | uint32(taper)<<19
}

package float

import (
	"context"

	"trilobyte/codec/internal/entropy/adaptive"
	"trilobyte/codec/internal/entropy/rangecoder"
)

type encoder struct {
	coder   Coder
	width   width
	escaped int // samples, of what was encoded last
}

// encode compresses samples with a scale for each channel.
func (e *encoder) encode(ctx context.Context, samples [][]uint64, scales []scale, progress func(samples int)) ([]byte, error) {
	e.escaped = 0
	numbers := make([][]int32, len(samples))
	h := header{plans: make([]plan, len(samples))}
	remainders := rangecoder.NewEncoder(nil)
	for i, channel := range samples {
		p := &h.plans[i]
		p.scale = scales[i]
		numbers[i], p.remains = e.split(p.scale, channel)
		if p.remains {
			encodeRemainders(adaptive.NewEncoder(remainders, remainderMemory), p.scale, channel)
		}
	}
	h.size = sizeOf(numbers)
	coded, err := e.coder.Encode(ctx, numbers, h.size*8, progress)
	if err != nil {
		return nil, err
	}
	h.coded = len(coded)
	out := append(h.append(nil), coded...)
	if h.remains() {
		out = append(out, remainders.Finish()...)
	}
	return out, nil
}

// split returns the whole numbers of a channel's samples, and whether anything remains beside them.
func (e *encoder) split(s scale, samples []uint64) (numbers []int32, remains bool) {
	numbers = make([]int32, len(samples))
	hold := int32(0)
	for i, bits := range samples {
		n, _, r := s.split(bits, hold)
		numbers[i], hold = n, n
		if r.escaped {
			e.escaped++
		}
		remains = remains || r != remainder{}
	}
	return numbers, remains
}

// encodeRemainders codes what remains beside the whole numbers.
func encodeRemainders(c *adaptive.Coder, s scale, samples []uint64) {
	m := newRemainderModel(s)
	hold := int32(0)
	for _, bits := range samples {
		n, near, r := s.split(bits, hold)
		hold = n
		m.code(c, n, near, r)
	}
}

// sizeOf returns the least number of bytes that hold all numbers.
func sizeOf(numbers [][]int32) int {
	all := int32(0)
	for _, channel := range numbers {
		for _, n := range channel {
			all |= n ^ n>>31
		}
	}
	size := 1
	for all>>(size*8-1) != 0 {
		size++
	}
	return size
}

// isOdd reports whether samples, which were encoded to so many bytes, are so unlike a recording that general compression may fare better.
func (e *encoder) isOdd(size int, samples [][]uint64) bool {
	count := len(samples) * len(samples[0])
	return e.escaped > count/16 || size > count*int(e.width)/8/8*7
}

package float

import (
	"context"
	"fmt"

	"trilobyte/codec/internal/entropy/adaptive"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/segment"
)

type decoder struct {
	coder            Coder
	width            width
	channels, frames int
}

// decode is the inverse of encoder.encode. finish makes a sample of its bits.
func decode[T uint32 | uint64](ctx context.Context, d *decoder, data []byte, progress func(samples int), finish func(uint64) T) ([][]T, error) {
	h, data, err := d.readHeader(data)
	if err != nil {
		return nil, err
	}
	numbers, err := d.coder.Decode(ctx, data[:h.coded], d.channels, d.frames, h.size*8, progress)
	if err != nil {
		return nil, err
	}
	if rest := len(data) - h.coded; rest > 0 && !h.remains() {
		return nil, fmt.Errorf("%w: %d bytes too many", segment.ErrDamaged, rest)
	}
	remainders := adaptive.NewDecoder(rangecoder.NewDecoder(data[h.coded:]), remainderMemory)
	samples := make([][]T, d.channels)
	for i, p := range h.plans {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		bits, err := p.join(remainders, numbers[i])
		if err != nil {
			return nil, fmt.Errorf("%w (channel %d)", err, i+1)
		}
		samples[i] = make([]T, d.frames)
		for j, b := range bits {
			samples[i][j] = finish(b)
		}
	}
	return samples, nil
}

// join returns the samples of a channel, given its whole numbers.
func (p *plan) join(c *adaptive.Coder, numbers []int32) ([]uint64, error) {
	samples := make([]uint64, len(numbers))
	if !p.remains {
		for i, n := range numbers {
			samples[i] = p.scale.width.bits(p.scale.at(n))
		}
		return samples, nil
	}
	m := newRemainderModel(p.scale)
	for i, n := range numbers {
		near := p.scale.at(n)
		var ok bool
		if samples[i], ok = p.scale.join(near, m.code(c, n, near, remainder{})); !ok {
			return nil, fmt.Errorf("%w: frame %d has no float", segment.ErrDamaged, i)
		}
	}
	return samples, nil
}

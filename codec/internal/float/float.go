// Package float codes the samples of one segment that are floats of IEEE 754, binary32 or binary64, every bit of them.
//
// Floats in recordings mostly were whole numbers once, or are nearly noise in their lower bits. Both are coded in the same way: a scale,
// which is chosen for each channel, makes a float of a whole number near the sample; the whole numbers are coded as those of any other
// recording are; what remains is by how many floats the sample is above the one that the scale makes, and this is coded with
// probabilities that are learnt. Where a recorder has stored integers as floats, or an editor has multiplied them by a gain, nothing
// remains. Elsewhere the scale is a power of two, such that whole numbers take about 24 bits, and what remains costs its entropy.
// Negative zero, denormal numbers, infinities and what is not a number need no care of their own: they have remainders like others, or
// take the place of a sample as they are. FORMAT.md specifies the bytes.
package float

import (
	"context"
	"fmt"
	"math"

	"trilobyte/codec/internal/segment"
)

// Coder compresses whole numbers, as segment.Coder does.
type Coder interface {
	Encode(ctx context.Context, samples [][]int32, bits int, progress func(samples int)) ([]byte, error)
	Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int)) ([][]int32, error)
}

// The ways in which samples are coded. Archives hold these numbers.
const (
	scaled   = iota
	narrowed // floats of 64 bits, each of which is a float of 32 bits, too: coded as these
	deflated
)

// Encode compresses samples[channel][frame], the bits of floats. All channels have the same number of frames, at least one. c compresses
// the whole numbers that are found in them. Encode does not change samples, and fails only if c does: if the context ends. progress,
// which may be nil, is told how many more samples are coded.
func Encode[T uint32 | uint64](ctx context.Context, c Coder, samples [][]T, progress func(samples int)) ([]byte, error) {
	e := encoder{coder: c, width: widthOf[T]()}
	way := byte(scaled)
	wide := widen(samples)
	if e.width == double && narrowAll(wide) {
		e.width, way = single, narrowed
	}
	scales, err := e.chooseScales(ctx, wide)
	if err != nil {
		return nil, err
	}
	data, err := e.encode(ctx, wide, scales, progress)
	if err != nil {
		return nil, err
	}
	if e.isOdd(len(data), wide) {
		if packed := deflate(samples); len(packed) < len(data) {
			data, way = packed, deflated
		}
	}
	return append([]byte{way}, data...), nil
}

// Decode returns the samples[channel][frame] of so many channels and frames, at least one of each, that Encode made data of. Its errors
// wrap segment.ErrDamaged, or are the context's. It needs memory for the samples and little more. It calls progress as Encode does.
func Decode[T uint32 | uint64](ctx context.Context, c Coder, data []byte, channels, frames int, progress func(samples int)) ([][]T, error) {
	if len(data) == 0 || channels < 1 || frames < 1 {
		return nil, fmt.Errorf("%w: %d bytes for %d channels of %d frames", segment.ErrDamaged, len(data), channels, frames)
	}
	d := decoder{coder: c, width: widthOf[T](), channels: channels, frames: frames}
	way, data := data[0], data[1:]
	switch {
	case way == scaled:
		return decode(ctx, &d, data, progress, func(b uint64) T { return T(b) })
	case way == narrowed && d.width == double:
		d.width = single
		return decode(ctx, &d, data, progress, func(b uint64) T { return T(broaden(uint32(b))) })
	case way == deflated:
		samples, err := inflate[T](data, channels, frames)
		if err == nil && progress != nil {
			progress(channels * frames)
		}
		return samples, err
	}
	return nil, fmt.Errorf("%w: its floats are coded in an unknown way", segment.ErrDamaged)
}

func widthOf[T uint32 | uint64]() width {
	if uint64(^T(0)) == math.MaxUint32 {
		return single
	}
	return double
}

// widen returns samples as 64 bits each.
func widen[T uint32 | uint64](samples [][]T) [][]uint64 {
	wide := make([][]uint64, len(samples))
	for i, channel := range samples {
		wide[i] = make([]uint64, len(channel))
		for j, b := range channel {
			wide[i][j] = uint64(b)
		}
	}
	return wide
}

// narrowAll makes floats of 32 bits of all samples, if each of them is one.
func narrowAll(samples [][]uint64) bool {
	for _, channel := range samples {
		for _, b := range channel {
			if _, ok := narrow(b); !ok {
				return false
			}
		}
	}
	for _, channel := range samples {
		for i, b := range channel {
			n, _ := narrow(b)
			channel[i] = uint64(n)
		}
	}
	return true
}

// Package selftest tries out whether this computer codes sound without loss,
// and how fast.
package selftest

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"trilobyte/codec/stream"
)

const (
	sampleRate = 44100 // Hz
	frames     = 2 * sampleRate
	channels   = 2
	bits       = 16
)

// ErrDiffers says that sound did not come back as it was.
var ErrDiffers = errors.New("the self-test failed: sound that was coded did not come back the same. Do not archive with this computer before its memory and processor have been checked")

// Run codes two seconds of stereo sound and decodes them again, on one core. It
// returns the speeds in x real time. The error is ErrDiffers, one of the coder,
// or the context's.
func Run(ctx context.Context, coder stream.SegmentCoder) (encoding, decoding float64, err error) {
	samples := sound()
	begun := time.Now()
	data, err := coder.Encode(ctx, samples, bits, nil)
	if err != nil {
		return 0, 0, err
	}
	encoded := time.Now()
	back, err := coder.Decode(ctx, data, channels, frames, bits, nil)
	if err != nil {
		return 0, 0, err
	}
	decoded := time.Now()
	for c := range samples {
		if len(back) != channels || !slices.Equal(samples[c], back[c]) {
			return 0, 0, ErrDiffers
		}
	}
	const seconds = float64(frames) / sampleRate
	return seconds / encoded.Sub(begun).Seconds(), seconds / decoded.Sub(encoded).Seconds(), nil
}

// sound is noise through two resonators, which sounds a little like a bell.
func sound() [][]int32 {
	random := rand.New(rand.NewPCG(1, 2))
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
		y1, y2 := 0.0, 0.0
		for i := range samples[c] {
			y := 1.95*y1 - 0.98*y2 + 40*random.NormFloat64()
			y2, y1 = y1, y
			samples[c][i] = int32(min(max(y, -1<<15), 1<<15-1))
		}
	}
	return samples
}

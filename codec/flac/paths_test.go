package flac_test

import (
	"bytes"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// All paths make the same frames of the same samples, byte for byte, with full
// blocks and others.
func TestFramesOnAllPaths(t *testing.T) {
	widths := []int{4, 8, 12, 16, 20, 24, 25, 32}
	if testing.Short() {
		widths = []int{16, 24}
	}
	for _, bits := range widths {
		for i, g := range generators {
			channels := 1 + (i+bits/4)%2
			samples := signalOf(i, flac.BlockSize+77, bits, channels)
			frames := func() []byte {
				b, err := flac.Frames(flac.Format{Channels: channels, Bits: bits, SampleRate: 44100}, samples, 0, flac.BlockSize)
				if err != nil {
					t.Fatal(err)
				}
				size, err := flac.Measure(samples, bits, 44100, 0)
				if err != nil || size != int64(len(b)) {
					t.Errorf("%s on %s: Measure says %d bytes, the frames have %d (%v)", g.name, simd.InUse(), size, len(b), err)
				}
				return b
			}
			var want []byte
			simdtest.OnGo(t, func() { want = frames() })
			simdtest.OnVectorPaths(t, func(t *testing.T) {
				if got := frames(); !bytes.Equal(got, want) {
					t.Errorf("%s of %d bits in %d channels: %d bytes on %s are not the %d of plain Go", g.name, bits, channels, len(got), simd.InUse(), len(want))
				}
			})
		}
	}
}

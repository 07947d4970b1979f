package flac_test

import (
	"encoding/binary"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
)

// Any samples come back from the stream, which has the measured size.
func TestAnySamplesRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		format := flac.Format{
			Channels:   rapid.IntRange(1, 8).Draw(rt, "channels"),
			Bits:       rapid.IntRange(4, 32).Draw(rt, "bits"),
			SampleRate: rapid.Uint32Range(1, 1<<20-1).Draw(rt, "rate"),
		}
		length := rapid.IntRange(0, 300).Draw(rt, "length")
		if rapid.IntRange(0, 9).Draw(rt, "long") == 0 {
			length += flac.BlockSize
		}
		samples := make([][]int32, format.Channels)
		for c := range samples {
			samples[c] = drawChannel(rt, length, format.Bits)
		}
		checkStream(t, encode(t, format, samples, nil), format, samples)
	})
}

// drawChannel draws a repeated pattern with some deviations, which reaches the
// predictors and the extremes more often than noise does.
func drawChannel(rt *rapid.T, length, bits int) []int32 {
	value := rapid.Int32Range(int32(-highest(bits)-1), int32(highest(bits)))
	pattern := rapid.SliceOfN(value, 1, 20).Draw(rt, "pattern")
	samples := make([]int32, length)
	for i := range samples {
		samples[i] = pattern[i%len(pattern)]
	}
	if length == 0 {
		return samples
	}
	for range rapid.IntRange(0, 10).Draw(rt, "deviations") {
		samples[rapid.IntRange(0, length-1).Draw(rt, "at")] = value.Draw(rt, "value")
	}
	return samples
}

func FuzzEncoder(f *testing.F) {
	f.Add(uint8(1), uint8(16), uint32(44100), []byte{1, 2, 3, 4, 5, 6, 7, 8, 9})
	f.Add(uint8(2), uint8(32), uint32(1), []byte{0, 0, 0, 128, 255, 255, 255, 127, 255, 255, 255, 127, 0, 0, 0, 128})
	f.Add(uint8(8), uint8(4), uint32(655350), make([]byte, 400))
	f.Fuzz(func(t *testing.T, channels, bits uint8, rate uint32, data []byte) {
		format := flac.Format{Channels: int(channels), Bits: int(bits), SampleRate: rate}
		if format.Check() != nil {
			t.Skip()
		}
		samples := make([][]int32, channels)
		width := (format.Bits + 7) / 8
		frames := min(len(data)/width/format.Channels, 2*flac.BlockSize)
		for i := range frames * format.Channels {
			word := make([]byte, 4)
			copy(word[4-width:], data[i*width:])
			x := int32(binary.LittleEndian.Uint32(word)) >> (32 - format.Bits)
			samples[i%format.Channels] = append(samples[i%format.Channels], x)
		}
		checkStream(t, encode(t, format, samples, nil), format, samples)
	})
}

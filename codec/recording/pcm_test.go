package recording_test

import (
	"slices"
	"testing"

	"trilobyte/codec/recording"

	"pgregory.net/rapid"
)

// TestPCMHasTheSameSamples turns integers and floats of any format into PCM.
func TestPCMHasTheSameSamples(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := recording.Format{Channels: rapid.IntRange(1, 3).Draw(t, "channels"), SampleRate: 8000}
		if rapid.Bool().Draw(t, "float") {
			f.Kind, f.Width = recording.Float, rapid.SampledFrom([]int{4, 8}).Draw(t, "width")
		} else {
			f.Width = rapid.IntRange(1, 4).Draw(t, "width")
			f.Unsigned = f.Width == 1 && rapid.Bool().Draw(t, "unsigned")
		}
		f.ValidBits = f.ContainerBits()
		f.BigEndian = f.Width > 1 && rapid.Bool().Draw(t, "big-endian")
		size := f.FrameBytes() * rapid.IntRange(1, 9).Draw(t, "frames")
		raw := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "raw")
		before := slices.Clone(raw)
		p, pcm := f.PCM(), f.ToPCM(raw)
		if p.BigEndian || p.Unsigned || p.Width != f.Width || !slices.Equal(raw, before) {
			t.Fatalf("%+v becomes %+v, or the audio was changed", f, p)
		}
		same := slices.EqualFunc(f.Samples(raw), p.Samples(pcm), slices.Equal[[]int32])
		if f.Width == 8 {
			same = slices.EqualFunc(f.Bits64(raw), p.Bits64(pcm), slices.Equal[[]uint64])
		}
		if !same {
			t.Fatalf("%+v: % x becomes % x", f, raw, pcm)
		}
	})
}

// TestPCMOfCompanded compares all codes with their values.
func TestPCMOfCompanded(t *testing.T) {
	for kind, scale := range map[recording.Kind]int32{recording.MuLaw: 4, recording.ALaw: 8} {
		f := recording.Format{Kind: kind, Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8}
		codes := make([]byte, 256)
		for i := range codes {
			codes[i] = byte(i)
		}
		got := f.PCM().Samples(f.ToPCM(codes))[0]
		for i, s := range f.Samples(codes)[0] {
			want := scale * kind.Values()[s+128]
			if kind == recording.MuLaw && s == -1 {
				want = 0 // the negative zero
			}
			if got[i] != want {
				t.Errorf("%v: the code %#x is %d, want %d", kind, i, got[i], want)
			}
		}
	}
}

package wav_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"trilobyte/codec/wav"

	"pgregory.net/rapid"
)

func TestSamples(t *testing.T) {
	tests := []struct {
		format wav.Format
		raw    []byte
		want   [][]int32
	}{
		{wav.Format{Channels: 1, ContainerBits: 8}, []byte{0, 1, 127, 128, 255}, [][]int32{{-128, -127, -1, 0, 127}}},
		{wav.Format{Channels: 2, ContainerBits: 8}, []byte{0, 255, 128, 129}, [][]int32{{-128, 0}, {127, 1}}},
		{wav.Format{Channels: 2, ContainerBits: 16}, []byte{0, 0x80, 0xff, 0x7f, 0xff, 0xff, 0x34, 0x12}, [][]int32{{-32768, -1}, {32767, 0x1234}}},
		{wav.Format{Channels: 1, ContainerBits: 24}, []byte{0, 0, 0x80, 0xff, 0xff, 0x7f, 0x56, 0x34, 0x12, 0xff, 0xff, 0xff}, [][]int32{{-8388608, 8388607, 0x123456, -1}}},
		{wav.Format{Channels: 2, ContainerBits: 32}, []byte{0, 0, 0, 0x80, 0x78, 0x56, 0x34, 0x12}, [][]int32{{-2147483648}, {0x12345678}}},
		{wav.Format{Channels: 2, ContainerBits: 16}, nil, [][]int32{{}, {}}},
	}
	for _, test := range tests {
		got := test.format.Samples(test.raw)
		if !slices.EqualFunc(got, test.want, slices.Equal[[]int32]) {
			t.Errorf("%+v: Samples(% x) = %d, want %d", test.format, test.raw, got, test.want)
		}
		if back := test.format.Bytes(got); !bytes.Equal(back, test.raw) {
			t.Errorf("%+v: Bytes(%d) = % x, want % x", test.format, got, back, test.raw)
		}
	}
}

func TestSamplesLeaveOutPartialFrame(t *testing.T) {
	f := wav.Format{Channels: 2, ContainerBits: 16}
	got := f.Samples([]byte{1, 0, 2, 0, 3, 0, 4})
	if want := [][]int32{{1}, {2}}; !slices.EqualFunc(got, want, slices.Equal[[]int32]) {
		t.Errorf("got %d, want %d", got, want)
	}
}

func TestSamplesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := wav.Format{
			Channels:      rapid.IntRange(1, 12).Draw(t, "channels"),
			ContainerBits: 8 * rapid.IntRange(1, 4).Draw(t, "bytes a sample"),
		}
		frames := rapid.IntRange(0, 40).Draw(t, "frames")
		size := frames * f.FrameBytes()
		raw := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "raw")
		samples := f.Samples(raw)
		if back := f.Bytes(samples); !bytes.Equal(back, raw) {
			t.Fatalf("got % x, want % x", back, raw)
		}
		limit := int64(1) << (f.ContainerBits - 1)
		for _, channel := range samples {
			for _, v := range channel {
				if int64(v) < -limit || int64(v) >= limit {
					t.Fatalf("sample %d does not fit %d bits", v, f.ContainerBits)
				}
			}
		}
	})
}

// Both benchmarks report MB/s of raw audio.
func benchmarkFormats(b *testing.B, run func(b *testing.B, f wav.Format, raw []byte)) {
	for _, channels := range []int{1, 2, 8} {
		for _, bits := range []int{8, 16, 24, 32} {
			b.Run(fmt.Sprintf("%dx%d", channels, bits), func(b *testing.B) {
				f := wav.Format{Channels: channels, ContainerBits: bits}
				raw := bytes.Repeat([]byte("0123456789abcdefghijklmn"), 1<<17)
				b.SetBytes(int64(len(raw)))
				run(b, f, raw)
			})
		}
	}
}

func BenchmarkSamples(b *testing.B) {
	benchmarkFormats(b, func(b *testing.B, f wav.Format, raw []byte) {
		for b.Loop() {
			f.Samples(raw)
		}
	})
}

func BenchmarkBytes(b *testing.B) {
	benchmarkFormats(b, func(b *testing.B, f wav.Format, raw []byte) {
		samples := f.Samples(raw)
		for b.Loop() {
			f.Bytes(samples)
		}
	})
}

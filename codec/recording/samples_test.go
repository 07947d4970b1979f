package recording_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"trilobyte/codec/recording"

	"pgregory.net/rapid"
)

func TestSamples(t *testing.T) {
	type format = recording.Format
	muLaw := format{Kind: recording.MuLaw, Channels: 1, Width: 1}
	aLaw := format{Kind: recording.ALaw, Channels: 1, Width: 1}
	tests := []struct {
		format format
		raw    string
		want   [][]int32
	}{
		{format{Channels: 1, Width: 1, Unsigned: true}, "\x00\x01\x7f\x80\xff", [][]int32{{-128, -127, -1, 0, 127}}},
		{format{Channels: 1, Width: 1}, "\x00\x01\x7f\x80\xff", [][]int32{{0, 1, 127, -128, -1}}},
		{format{Channels: 2, Width: 1, Unsigned: true}, "\x00\xff\x80\x81", [][]int32{{-128, 0}, {127, 1}}},
		{format{Channels: 2, Width: 2}, "\x00\x80\xff\x7f\xff\xff\x34\x12", [][]int32{{-32768, -1}, {32767, 0x1234}}},
		{format{Channels: 2, Width: 2, BigEndian: true}, "\x80\x00\x7f\xff\xff\xff\x12\x34", [][]int32{{-32768, -1}, {32767, 0x1234}}},
		{format{Channels: 1, Width: 3}, "\x00\x00\x80\xff\xff\x7f\x56\x34\x12", [][]int32{{-8388608, 8388607, 0x123456}}},
		{format{Channels: 1, Width: 3, BigEndian: true}, "\x80\x00\x00\x7f\xff\xff\x12\x34\x56", [][]int32{{-8388608, 8388607, 0x123456}}},
		{format{Channels: 2, Width: 4}, "\x00\x00\x00\x80\x78\x56\x34\x12", [][]int32{{-2147483648}, {0x12345678}}},
		{format{Channels: 2, Width: 4, BigEndian: true}, "\x80\x00\x00\x00\x12\x34\x56\x78", [][]int32{{-2147483648}, {0x12345678}}},
		{muLaw, "\x00\x7e\x7f\xff\xfe\x80", [][]int32{{-128, -2, -1, 0, 1, 127}}},
		{aLaw, "\x2a\x55\xd5\xaa", [][]int32{{-128, -1, 0, 127}}},
		{format{Channels: 2, Width: 2}, "", [][]int32{{}, {}}},
	}
	for _, test := range tests {
		got := test.format.Samples([]byte(test.raw))
		if !slices.EqualFunc(got, test.want, slices.Equal[[]int32]) {
			t.Errorf("%+v: Samples(% x) = %d, want %d", test.format, test.raw, got, test.want)
		}
		if back := test.format.Bytes(got); string(back) != test.raw {
			t.Errorf("%+v: Bytes(%d) = % x, want % x", test.format, got, back, test.raw)
		}
	}
}

func TestBits(t *testing.T) {
	raw := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	f := recording.Format{Kind: recording.Float, Channels: 2, Width: 4}
	if got := f.Bits32(raw); !slices.Equal(got[1], []uint32{0x08070605, 0x100f0e0d}) {
		t.Errorf("got %x", got)
	}
	f.BigEndian = true
	if got := f.Bits32(raw); !slices.Equal(got[1], []uint32{0x05060708, 0x0d0e0f10}) {
		t.Errorf("got %x", got)
	}
	f.Width = 8
	if got := f.Bits64(raw); !slices.Equal(got[1], []uint64{0x090a0b0c0d0e0f10}) {
		t.Errorf("got %x", got)
	}
	f.BigEndian = false
	if got := f.Bits64(raw); !slices.Equal(got[1], []uint64{0x100f0e0d0c0b0a09}) {
		t.Errorf("got %x", got)
	}
}

// formats draws a format.
func formats(t *rapid.T) recording.Format {
	f := recording.Format{
		Kind:       recording.Kind(rapid.IntRange(0, 3).Draw(t, "kind")),
		Channels:   rapid.IntRange(1, 12).Draw(t, "channels"),
		SampleRate: 44100,
		Width:      1,
	}
	switch f.Kind {
	case recording.Integer:
		f.Width = rapid.IntRange(1, 4).Draw(t, "bytes a sample")
		f.Unsigned = f.Width == 1 && rapid.Bool().Draw(t, "unsigned")
	case recording.Float:
		f.Width = rapid.SampledFrom([]int{4, 8}).Draw(t, "bytes a sample")
	}
	f.BigEndian = f.Width > 1 && rapid.Bool().Draw(t, "big-endian")
	f.ValidBits = f.ContainerBits()
	return f
}

func TestSamplesThereAndBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := formats(t)
		if err := f.Check(); err != nil {
			t.Fatal(err)
		}
		size := rapid.IntRange(0, 40).Draw(t, "frames") * f.FrameBytes()
		partial := rapid.IntRange(0, f.FrameBytes()-1).Draw(t, "partial frame")
		raw := rapid.SliceOfN(rapid.Byte(), size+partial, size+partial).Draw(t, "raw")
		if back := thereAndBack(f, raw); !bytes.Equal(back, raw[:size]) {
			t.Fatalf("got % x, want % x", back, raw[:size])
		}
		if f.Width > 4 {
			return
		}
		limit := int64(1) << (f.ContainerBits() - 1)
		for _, channel := range f.Samples(raw) {
			for _, v := range channel {
				if int64(v) < -limit || int64(v) >= limit {
					t.Fatalf("sample %d does not fit %d bits", v, f.ContainerBits())
				}
			}
		}
	})
}

func TestFormatCheck(t *testing.T) {
	good := recording.Format{Channels: 2, SampleRate: 44100, Width: 2, ValidBits: 12, BigEndian: true}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(f *recording.Format){
		"channels":          func(f *recording.Format) { f.Channels = 0 },
		"many channels":     func(f *recording.Format) { f.Channels = recording.MaxChannels + 1 },
		"rate":              func(f *recording.Format) { f.SampleRate = 0 },
		"width":             func(f *recording.Format) { f.Width = 5 },
		"valid bits":        func(f *recording.Format) { f.ValidBits = 17 },
		"no valid bits":     func(f *recording.Format) { f.ValidBits = 0 },
		"kind":              func(f *recording.Format) { f.Kind = 4 },
		"float":             func(f *recording.Format) { f.Kind = recording.Float },
		"companded":         func(f *recording.Format) { f.Kind = recording.ALaw },
		"order of one byte": func(f *recording.Format) { f.Width, f.ValidBits = 1, 8 },
		"unsigned":          func(f *recording.Format) { f.Unsigned = true },
	} {
		f := good
		spoil(&f)
		if f.Check() == nil {
			t.Errorf("%s: %+v was not refused", name, f)
		}
	}
}

// The decoders of Sun's g711.c, to 16 bits, independent of the ones in use.
func muLawTo16(code byte) int32 {
	u := ^code
	v := (int32(u&0x0f)<<3 + 0x84) << (u & 0x70 >> 4)
	if u&0x80 != 0 {
		return 0x84 - v
	}
	return v - 0x84
}

func aLawTo16(code byte) int32 {
	a := code ^ 0x55
	v := int32(a&0x0f) << 4
	switch segment := a & 0x70 >> 4; segment {
	case 0:
		v += 8
	case 1:
		v += 0x108
	default:
		v = (v + 0x108) << (segment - 1)
	}
	if a&0x80 != 0 {
		return v
	}
	return -v
}

func TestCompandedValues(t *testing.T) {
	for _, test := range []struct {
		kind   recording.Kind
		scale  int32
		decode func(byte) int32
	}{{recording.MuLaw, 4, muLawTo16}, {recording.ALaw, 8, aLawTo16}} {
		f := recording.Format{Kind: test.kind, Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8}
		values := test.kind.Values()
		for i := 1; i < len(values); i++ {
			if values[i] <= values[i-1] {
				t.Errorf("%v: values %d and %d do not ascend", test.kind, values[i-1], values[i])
			}
		}
		for code := range 256 {
			sample := f.Samples([]byte{byte(code)})[0][0]
			want := test.decode(byte(code))
			if test.kind == recording.MuLaw && code == 0x7f {
				want = -test.scale // the negative zero
			}
			if got := values[sample+128] * test.scale; got != want {
				t.Errorf("%v: code %#x is sample %d, %d in 16 bits, want %d", test.kind, code, sample, got, want)
			}
		}
	}
	if recording.Integer.Values() != nil || recording.Float.Values() != nil {
		t.Error("others have values, too")
	}
}

// benchmarkFormats reports MB/s of raw audio.
func benchmarkFormats(b *testing.B, run func(b *testing.B, f recording.Format, raw []byte)) {
	for _, channels := range []int{1, 2, 8} {
		for _, f := range []recording.Format{
			{Width: 1, Unsigned: true}, {Width: 2}, {Width: 2, BigEndian: true}, {Width: 3}, {Width: 3, BigEndian: true},
			{Width: 4}, {Kind: recording.MuLaw, Width: 1},
		} {
			f.Channels = channels
			order := map[bool]string{true: "be"}[f.BigEndian]
			b.Run(fmt.Sprintf("%dx%v%d%s", channels, f.Kind, f.ContainerBits(), order), func(b *testing.B) {
				raw := bytes.Repeat([]byte("0123456789abcdefghijklmn"), 1<<17)
				b.SetBytes(int64(len(raw)))
				run(b, f, raw)
			})
		}
	}
}

func BenchmarkSamples(b *testing.B) {
	benchmarkFormats(b, func(b *testing.B, f recording.Format, raw []byte) {
		for b.Loop() {
			f.Samples(raw)
		}
	})
}

func BenchmarkBytes(b *testing.B) {
	benchmarkFormats(b, func(b *testing.B, f recording.Format, raw []byte) {
		samples := f.Samples(raw)
		for b.Loop() {
			f.Bytes(samples)
		}
	})
}

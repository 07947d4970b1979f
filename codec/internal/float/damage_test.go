package float_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/float"
	"trilobyte/codec/internal/segment"
)

// plainCoder stores whole numbers as they are, so that tests of what is around them are quick.
type plainCoder struct{}

func (plainCoder) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	var out []byte
	for _, channel := range samples {
		for _, n := range channel {
			if int64(n) < -1<<(bits-1) || int64(n) >= 1<<(bits-1) {
				return nil, fmt.Errorf("%d has more than %d bits", n, bits)
			}
			out = binary.LittleEndian.AppendUint32(out, uint32(n))[:len(out)+bits/8]
		}
	}
	return out, nil
}

func (plainCoder) Decode(_ context.Context, data []byte, channels, frames, bits int, _ func(int)) ([][]int32, error) {
	if len(data) != channels*frames*bits/8 {
		return nil, segment.ErrDamaged
	}
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
		for i := range samples[c] {
			var word [4]byte
			copy(word[4-bits/8:], data)
			samples[c][i] = int32(binary.LittleEndian.Uint32(word[:])) >> (32 - bits)
			data = data[bits/8:]
		}
	}
	return samples, nil
}

func TestAnyBitsComeBack(t *testing.T) {
	t.Run("32 bits", rapid.MakeCheck(func(t *rapid.T) {
		anyBitsComeBack(t, rapid.OneOf(
			rapid.Uint32(),
			rapid.Map(rapid.Float32(), math.Float32bits),
			rapid.Map(rapid.Int32Range(-40, 40), func(n int32) uint32 { return math.Float32bits(float32(n) * 0.3) }),
			rapid.Map(rapid.Int32Range(-1<<15, 1<<15), func(n int32) uint32 { return math.Float32bits(float32(n) / 32767) }),
			rapid.SampledFrom([]uint32{0, 1 << 31, 1, 0x807FFFFF, 0x00800000, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7F800001, 0xFFFFFFFF}),
		))
	}))
	t.Run("64 bits", rapid.MakeCheck(func(t *rapid.T) {
		anyBitsComeBack(t, rapid.OneOf(
			rapid.Uint64(),
			rapid.Map(rapid.Float64(), math.Float64bits),
			rapid.Map(rapid.Float32(), func(v float32) uint64 { return math.Float64bits(float64(v)) }),
			rapid.Map(rapid.Int32Range(-40, 40), func(n int32) uint64 { return math.Float64bits(float64(n) * 0.3) }),
			rapid.SampledFrom([]uint64{0, 1 << 63, 1, 1 << 52, 0x7FEFFFFFFFFFFFFF, 0x7FF << 52, 0xFFF << 52, 0x7FF<<52 | 1, math.MaxUint64,
				0x36A0000000000000, 0x3690000000000000, 0x380FFFFFC0000000, 0x47EFFFFFE0000000, 0x7FF0000020000000}), // about the limits of 32 bits
		))
	}))
}

func anyBitsComeBack[T uint32 | uint64](t *rapid.T, any *rapid.Generator[T]) {
	frames := rapid.IntRange(1, 200).Draw(t, "frames")
	channel := rapid.Custom(func(t *rapid.T) []T {
		values := rapid.SliceOfN(any, 1, 20).Draw(t, "values")
		if rapid.Bool().Draw(t, "repeated") {
			return slices.Repeat(values, frames/len(values)+1)[:frames]
		}
		return rapid.SliceOfN(any, frames, frames).Draw(t, "samples")
	})
	samples := rapid.SliceOfN(channel, 1, 3).Draw(t, "channels")
	before := make([][]T, len(samples))
	for i := range samples {
		before[i] = slices.Clone(samples[i])
	}
	ctx := context.Background()
	data, err := float.Encode(ctx, plainCoder{}, samples, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := float.Decode[T](ctx, plainCoder{}, data, len(samples), frames, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		if !slices.Equal(samples[i], before[i]) {
			t.Fatal("the samples were changed")
		}
		if !slices.Equal(got[i], samples[i]) {
			t.Fatalf("channel %d came back as %x", i, got[i])
		}
	}
}

func TestDecodeRefuses(t *testing.T) {
	ctx := context.Background()
	// 2, 1, something that is no number, 3
	samples := [][]uint32{{0x40000000, 0x3F800000, 0x7FC00000, 0x40400000}}
	good, err := float.Encode(ctx, plainCoder{}, samples, nil)
	if err != nil {
		t.Fatal(err)
	}
	changed := func(at int, to byte) []byte {
		data := slices.Clone(good)
		data[at] = to
		return data
	}
	for name, tt := range map[string]struct {
		data             []byte
		channels, frames int
	}{
		"nothing":                      {nil, 1, 4},
		"no channels":                  {good, 0, 4},
		"no frames":                    {good, 1, 0},
		"more frames":                  {good, 1, 5},
		"more channels":                {good, 2, 4},
		"an unknown way":               {changed(0, 3), 1, 4},
		"floats of 64 bits":            {changed(0, 1), 1, 4},
		"no DEFLATE":                   {changed(0, 2), 1, 4},
		"integers of 0 bytes":          {changed(1, 0), 1, 4},
		"integers of 5 bytes":          {changed(1, 5), 1, 4},
		"an unknown formula":           {changed(2, 3<<2), 1, 4},
		"cut in the header":            {good[:3], 1, 4},
		"cut in the integers":          {good[:8], 1, 4},
		"a gain of 0":                  {integersWith(0, make([]byte, 8)...), 1, 4},
		"a gain that is no number":     {integersWith(0, 0, 0, 0, 0, 0, 0, 0xF8, 0x7F), 1, 4},
		"a divisor of 0":               {integersWith(1<<2|2, 0, 0), 1, 4},
		"a power of two beyond limits": {integersWith(2, 0xFF, 0x7F), 1, 4},
		"more than the integers need":  {append(integersWith(2, 0), 0), 1, 4},
	} {
		if tt.data != nil && bytes.Equal(tt.data, good) && tt.channels == 1 && tt.frames == 4 {
			t.Errorf("%s: nothing is wrong with it", name)
		}
		if _, err := float.Decode[uint32](ctx, plainCoder{}, tt.data, tt.channels, tt.frames, nil); !errors.Is(err, segment.ErrDamaged) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

// integersWith returns four integers of one byte, coded with these flags and fields of the only channel.
func integersWith(flags byte, fields ...byte) []byte {
	return append(append([]byte{0, 1, flags}, fields...), 4, 1, 2, 3, 4)
}

func TestIntegersWithScales(t *testing.T) {
	for _, tt := range []struct {
		data []byte
		want []float32
	}{
		{integersWith(2, 1), []float32{0.5, 1, 1.5, 2}},
		{integersWith(0, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F), []float32{1.5, 3, 4.5, 6}},
		{integersWith(1<<2|2, 10, 0), []float32{1. / 10, 2. / 10, 3. / 10, 4. / 10}},
		{integersWith(2<<2|2, 10, 2), []float32{2 * 0.1, 2 * (float32(2) * 0.1), 2 * (float32(3) * 0.1), 2 * (float32(4) * 0.1)}},
	} {
		got, err := float.Decode[uint32](context.Background(), plainCoder{}, tt.data, 1, 4, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, bits := range got[0] {
			if v := math.Float32frombits(bits); v != tt.want[i] {
				t.Errorf("%x: number %d is %v, want %v", tt.data, i, v, tt.want[i])
			}
		}
	}
}

// Any bytes are samples, or an error that says that they are damaged.
func FuzzDecode(f *testing.F) {
	const channels, frames = 2, 40
	ctx := context.Background()
	for _, gain := range []float64{1, 0.3, 1. / 32767, 1e-40} {
		singles, doubles := make([][]uint32, channels), make([][]uint64, channels)
		for c := range channels {
			for i := range frames {
				v := float64((i*i*7+c)%101-50) * gain
				if i == 20 {
					v = math.Inf(c)
				}
				singles[c] = append(singles[c], math.Float32bits(float32(v)))
				doubles[c] = append(doubles[c], math.Float64bits(v*math.Pi))
			}
		}
		for _, encode := range []func() ([]byte, error){
			func() ([]byte, error) { return float.Encode(ctx, plainCoder{}, singles, nil) },
			func() ([]byte, error) { return float.Encode(ctx, plainCoder{}, doubles, nil) },
		} {
			data, err := encode()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		decodes[uint32](t, data, channels, frames)
		decodes[uint64](t, data, channels, frames)
	})
}

// decodes decodes any data. What comes out can be encoded and decoded again.
func decodes[T uint32 | uint64](t *testing.T, data []byte, channels, frames int) {
	ctx := context.Background()
	samples, err := float.Decode[T](ctx, plainCoder{}, data, channels, frames, nil)
	if err != nil {
		if !errors.Is(err, segment.ErrDamaged) {
			t.Fatal(err)
		}
		return
	}
	if len(samples) != channels || len(samples[0]) != frames {
		t.Fatalf("%d channels of %d frames", len(samples), len(samples[0]))
	}
	size(t, plainCoder{}, samples)
}

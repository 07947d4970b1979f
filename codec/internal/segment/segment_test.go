package segment_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/flac"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
)

func newCoder(t testing.TB) *segment.Coder {
	m, err := network.Load(assets.Default)
	if err != nil {
		t.Fatal(err)
	}
	return segment.New(m)
}

// melody returns frames of a decaying chord with noise, the peak at the given amplitude.
func melody(frames int, amplitude, phase float64) []int32 {
	s := make([]int32, frames)
	state := uint32(7)
	for i := range s {
		state = state*1664525 + 1013904223
		noise := float64(state>>8)/(1<<24) - 0.5
		x := float64(i)
		v := 0.5*math.Sin(0.031*x+phase) + 0.3*math.Sin(0.0787*x) + 0.1*math.Sin(0.41*x) + 0.01*noise
		s[i] = int32(math.Round(amplitude * v * math.Exp(-float64(i%9000)/6000)))
	}
	return s
}

func scaled(s []int32, scale func(int32) int32) []int32 {
	out := make([]int32, len(s))
	for i, v := range s {
		out[i] = scale(v)
	}
	return out
}

// encode encodes, decodes, compares, and returns the size in bytes.
func encode(t *testing.T, c *segment.Coder, bits int, samples ...[]int32) int {
	t.Helper()
	ctx := context.Background()
	data, err := c.Encode(ctx, samples, bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Decode(ctx, data, len(samples), len(samples[0]), bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range samples {
		if !slices.Equal(got[i], s) {
			t.Fatalf("channel %d of %d came back changed", i+1, len(samples))
		}
	}
	return len(data)
}

func TestSamplesComeBack(t *testing.T) {
	c := newCoder(t)
	const frames = 3000
	music, other := melody(frames, 12000, 0), melody(frames, 9000, 1)
	silence := make([]int32, frames)
	square := func(low, high int32) []int32 {
		s := make([]int32, frames)
		for i := range s {
			if s[i] = low; i/40%2 == 0 {
				s[i] = high
			}
		}
		return s
	}
	gap := slices.Clone(music)
	copy(gap[1000:2000], silence)
	cases := []struct {
		name    string
		bits    int
		samples [][]int32
	}{
		{"one frame", 16, [][]int32{{-5}, {1000}}},
		{"two frames", 8, [][]int32{{-128, 127}}},
		{"silence", 24, [][]int32{silence, silence}},
		{"one channel silent", 16, [][]int32{silence, music}},
		{"silence between sounds", 16, [][]int32{gap}},
		{"mono", 16, [][]int32{music}},
		{"stereo", 16, [][]int32{music, other}},
		{"the same twice", 16, [][]int32{music, music}},
		{"eight channels", 16, [][]int32{music, other, silence, music, other, music, square(-1<<15, 1<<15-1), gap}},
		{"8 bits", 8, [][]int32{scaled(music, func(v int32) int32 { return v >> 8 })}},
		{"24 bits", 24, [][]int32{scaled(music, func(v int32) int32 { return v*300 + v%7 })}},
		{"32 bits", 32, [][]int32{scaled(music, func(v int32) int32 { return v*100003 + v%1000 })}},
		{"full-scale square wave", 32, [][]int32{square(math.MinInt32, math.MaxInt32)}},
		{"few values, far apart", 32, [][]int32{scaled(music, func(v int32) int32 { return v / 4000 * v / 4000 * 999_983 })}},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) { encode(t, c, tc.bits, tc.samples...) })
	}
}

func TestWastedBitsCostNothing(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests start the same goroutines")
	}
	c := newCoder(t)
	s := melody(20_000, 12000, 0)
	plain := encode(t, c, 24, s)
	for _, bits := range []int{1, 4, 8} {
		padded := encode(t, c, 24, scaled(s, func(v int32) int32 { return v << bits }))
		if padded > plain+8 {
			t.Errorf("%d wasted bits: %d bytes, without them %d", bits, padded, plain)
		}
	}
}

// TestLatticesCostLittle codes 16-bit audio times a gain, stored in 24 bits.
func TestLatticesCostLittle(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests start the same goroutines")
	}
	c := newCoder(t)
	s := melody(20_000, 12000, 0)
	plain := encode(t, c, 24, s)
	for _, gain := range []float64{0.7, 0.5012, 1.0 / 3} {
		lattice := scaled(s, func(v int32) int32 { return int32(float64(v) * 256 * gain) })
		size := encode(t, c, 24, lattice)
		if size > plain+16 {
			t.Errorf("times %v: %d bytes, the original %d", gain, size, plain)
		}
		reference, err := flac.Measure([][]int32{lattice}, 24, 44100, 0)
		if err != nil {
			t.Fatal(err)
		}
		if float64(size) > 0.75*float64(reference) {
			t.Errorf("times %v: %d bytes, FLAC %d", gain, size, reference)
		}
	}
}

func TestEqualChannelsCostNothing(t *testing.T) {
	c := newCoder(t)
	s := melody(5000, 12000, 0)
	if once, twice := encode(t, c, 16, s), encode(t, c, 16, s, s); twice > once+2 {
		t.Errorf("two equal channels: %d bytes, one %d", twice, once)
	}
}

func TestEncodeStopsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := newCoder(t).Encode(ctx, [][]int32{melody(5000, 1000, 0)}, 16, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// TestProgressCountsTheSamples makes sure that listeners hear of all samples, but for less than a batch when decoding,
// and that they do not change what is coded.
func TestProgressCountsTheSamples(t *testing.T) {
	c, samples := newCoder(t), [][]int32{melody(1000, 9000, 0), melody(1000, 900, 1)}
	ctx := context.Background()
	total := 0
	progress := func(samples int) { total += samples }
	data, err := c.Encode(ctx, samples, 16, progress)
	if err != nil || total != 2000 {
		t.Errorf("encoding: %d samples were reported of 2000, error %v", total, err)
	}
	if silent, err := c.Encode(ctx, samples, 16, nil); err != nil || !slices.Equal(silent, data) {
		t.Errorf("encoding without a listener gives other bytes, or the error %v", err)
	}
	total = 0
	if _, err := c.Decode(ctx, data, 2, 1000, 16, progress); err != nil || total > 2000 || total < 1800 {
		t.Errorf("decoding: %d samples were reported of 2000, error %v", total, err)
	}
}

// FuzzDecode decodes arbitrary data: it must fail or give samples within their bits, and not panic.
func FuzzDecode(f *testing.F) {
	c := newCoder(f)
	s := melody(300, 9000, 0)
	for _, samples := range [][][]int32{{s}, {s, melody(300, 90, 1)}, {scaled(s, func(v int32) int32 { return v / 900 * 7001 })}} {
		data, err := c.Encode(context.Background(), samples, 24, nil)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, uint8(len(samples)), uint8(2))
	}
	f.Fuzz(func(t *testing.T, data []byte, channels, width uint8) {
		bits := []int{8, 16, 24, 32}[width%4]
		samples, err := c.Decode(context.Background(), data, int(channels%4), 300, bits, nil)
		if err != nil {
			return
		}
		for _, s := range samples {
			for _, v := range s {
				if int64(v) < -1<<(bits-1) || int64(v) >= 1<<(bits-1) {
					t.Fatalf("a sample of %d in %d bits", v, bits)
				}
			}
		}
	})
}

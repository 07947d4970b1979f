package float_test

import (
	"context"
	"math"
	"os"
	"slices"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/float"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/recording"
)

func newCoder(tb testing.TB, model []byte) *segment.Coder {
	tb.Helper()
	m, err := network.Load(model)
	if err != nil {
		tb.Fatal(err)
	}
	return segment.New(m)
}

// sound is a recording of the demo, with whole numbers as samples.
type sound struct {
	samples [][]int32
	bits    int
	rate    int
}

// load returns up to so many frames from the middle of a recording of the demo.
func load(tb testing.TB, name string, frames int) sound {
	tb.Helper()
	f, err := os.Open("../../../testdata/demo/" + name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		tb.Fatal(err)
	}
	file, err := recording.Find(f, info.Size())
	if err != nil {
		tb.Fatal(err)
	}
	span := file.Spans[slices.IndexFunc(file.Spans, recording.Span.Audio)]
	raw := make([]byte, span.Size)
	if _, err := f.ReadAt(raw, span.Offset); err != nil {
		tb.Fatal(err)
	}
	s := sound{samples: span.Format.Samples(raw), bits: span.Format.ContainerBits(), rate: int(span.Format.SampleRate)}
	for c, channel := range s.samples {
		start := max(len(channel)-frames, 0) / 2
		s.samples[c] = channel[start:min(start+frames, len(channel))]
	}
	return s
}

// full is what a full-scale sample of the sound is: a power of two.
func (s sound) full() float64 { return math.Ldexp(1, s.bits-1) }

// singles makes floats of 32 bits of the samples.
func (s sound) singles(of func(channel int, n int32) float32) [][]uint32 {
	out := make([][]uint32, len(s.samples))
	for c, channel := range s.samples {
		out[c] = make([]uint32, len(channel))
		for i, n := range channel {
			out[c][i] = math.Float32bits(of(c, n))
		}
	}
	return out
}

// doubles makes floats of 64 bits of the samples.
func (s sound) doubles(of func(channel int, n int32) float64) [][]uint64 {
	out := make([][]uint64, len(s.samples))
	for c, channel := range s.samples {
		out[c] = make([]uint64, len(channel))
		for i, n := range channel {
			out[c][i] = math.Float64bits(of(c, n))
		}
	}
	return out
}

// size encodes whole numbers.
func (s sound) size(tb testing.TB, c *segment.Coder) int {
	tb.Helper()
	data, err := c.Encode(context.Background(), s.samples, s.bits, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return len(data)
}

// size encodes floats, decodes them, compares, and returns the number of bytes.
func size[T uint32 | uint64](tb testing.TB, c float.Coder, samples [][]T) int {
	tb.Helper()
	ctx := context.Background()
	data, err := float.Encode(ctx, c, samples, nil)
	if err != nil {
		tb.Fatal(err)
	}
	got, err := float.Decode[T](ctx, c, data, len(samples), len(samples[0]), nil)
	if err != nil {
		tb.Fatal(err)
	}
	for i, channel := range samples {
		for j, bits := range channel {
			if got[i][j] != bits {
				tb.Fatalf("channel %d, frame %d is %#x, want %#x", i, j, got[i][j], bits)
			}
		}
	}
	return len(data)
}

// Integers that were stored as floats take what they take as integers, and a few bytes more, whatever programs did to them.
func TestSizesOfIntegers(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	const gain, frames = 0.683772, 8000
	c := newCoder(t, assets.Fast)
	kinds := map[string]struct {
		single func(s sound, channel int, n int32) float32
		double func(s sound, channel int, n int32) float64
		most   float64 // of the size of the integers
	}{
		"as they are": {
			single: func(s sound, _ int, n int32) float32 { return float32(n) / float32(s.full()) },
			double: func(s sound, _ int, n int32) float64 { return float64(n) / s.full() }},
		"not scaled to 1": {
			single: func(_ sound, _ int, n int32) float32 { return float32(n) },
			double: func(_ sound, _ int, n int32) float64 { return float64(n) }},
		"above full scale": {
			single: func(s sound, _ int, n int32) float32 { return float32(n) / float32(s.full()) * 16 },
			double: func(s sound, _ int, n int32) float64 { return float64(n) / s.full() * 16 }},
		"gain": {
			single: func(s sound, _ int, n int32) float32 { return float32(n) / float32(s.full()) * gain },
			double: func(s sound, _ int, n int32) float64 { return float64(n) / s.full() * gain }},
		"gain in double precision": {
			single: func(s sound, _ int, n int32) float32 { return float32(float64(n) / s.full() * gain) }},
		"a gain for each channel": {
			single: func(s sound, channel int, n int32) float32 {
				return float32(n) * (gain + float32(channel)/7) / float32(s.full())
			},
			double: func(s sound, channel int, n int32) float64 {
				return float64(n) * ((gain + float64(channel)/7) / s.full())
			}},
		"divided by the highest integer": {
			single: func(s sound, _ int, n int32) float32 { return float32(n) / float32(s.full()-1) },
			double: func(s sound, _ int, n int32) float64 { return float64(n) / (s.full() - 1) }},
		"by the highest integer, and a gain": {
			single: func(s sound, _ int, n int32) float32 { return float32(float32(n)/float32(s.full()-1)) * gain },
			double: func(s sound, _ int, n int32) float64 { return float64(float64(n)/(s.full()-1)) * gain }},
		"by its inverse, and a gain": {
			single: func(s sound, _ int, n int32) float32 {
				return float32(float32(n)*float32(1/float32(s.full()-1))) * gain
			},
			double: func(s sound, _ int, n int32) float64 { return float64(float64(n)*float64(1/(s.full()-1))) * gain }},
		"two gains": {most: 1.15,
			single: func(s sound, _ int, n int32) float32 {
				return float32(float32(n)/float32(s.full())*gain) * 0.7071068
			}},
		"amplified and clipped": {most: 1.02,
			single: func(s sound, _ int, n int32) float32 {
				return max(min(float32(n)/float32(s.full())*11.3, 1), -1)
			},
			double: func(s sound, _ int, n int32) float64 { return max(min(float64(n)/s.full()*11.3, 1), -1) }},
	}
	files := []string{"music/bass-24bit.wav", "music/piano.wav", "speech/reading.wav", "speech/reading-8bit.wav"}
	if testing.Short() {
		files = files[:1]
	}
	for _, file := range files {
		s := load(t, file, frames)
		integers := s.size(t, c)
		for name, kind := range kinds {
			most := int(float64(integers)*max(kind.most, 1)) + 60
			t.Run(file+", "+name, func(t *testing.T) {
				if kind.single != nil {
					got := size(t, c, s.singles(func(channel int, n int32) float32 { return kind.single(s, channel, n) }))
					if got > most {
						t.Errorf("32 bits: %d bytes, %d as integers", got, integers)
					}
				}
				if kind.double != nil {
					got := size(t, c, s.doubles(func(channel int, n int32) float64 { return kind.double(s, channel, n) }))
					if got > most {
						t.Errorf("64 bits: %d bytes, %d as integers", got, integers)
					}
				}
			})
		}
	}
}

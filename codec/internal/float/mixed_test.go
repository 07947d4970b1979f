package float_test

import (
	"math"
	"math/bits"
	"slices"
	"testing"

	"trilobyte/assets"
)

// Segments that are not of one kind take what their parts take, and little more.
func TestSizesOfMixedSegments(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long")
	}
	c := newCoder(t, assets.Fast)
	s := load(t, "music/piano.wav", 8000)
	frames := len(s.samples[0])
	integers := s.size(t, c)
	late := sound{bits: s.bits, rate: s.rate} // after as much silence
	for _, channel := range s.samples {
		late.samples = append(late.samples, append(make([]int32, 2000), channel...))
	}
	perSample := func(bits float64) int { return int(bits * float64(frames*len(s.samples)) / 8) }
	below := 0 // bits of the fractions of the second half, at any other gain, that are below the integers
	for _, channel := range s.samples {
		for _, n := range channel[frames/2:] {
			below += 24 - bits.Len32(uint32(max(n, -n)))
		}
	}
	const gain = 0.683772
	plain := func() [][]uint32 {
		return s.singles(func(_ int, n int32) float32 { return float32(n) / float32(s.full()) * gain })
	}
	change := func(samples [][]uint32, from int, to func(channel, frame int, v float32) float32) [][]uint32 {
		for c, channel := range samples {
			for i := from; i < len(channel); i++ {
				channel[i] = math.Float32bits(to(c, i, math.Float32frombits(channel[i])))
			}
		}
		return samples
	}
	for _, kind := range []struct {
		name    string
		samples [][]uint32
		most    int
	}{
		{"silence first", func() [][]uint32 {
			m := plain()
			for i := range m {
				m[i] = append(make([]uint32, 2000), m[i]...)
			}
			return m
		}(), late.size(t, c) + 100},
		{"only one channel is a multiple of a gain", func() [][]uint32 {
			m := plain()
			for i, n := range s.samples[1] {
				m[1][i] = math.Float32bits(float32(n) / float32(s.full()))
			}
			return m
		}(), integers + 60},
		{"one channel is silent", func() [][]uint32 {
			m := plain()
			m[1] = make([]uint32, frames)
			return m
		}(), integers},
		{"numbers that are none", change(plain(), 0, func(_, i int, v float32) float32 {
			switch i % 1000 {
			case 500:
				return float32(math.NaN())
			case 501:
				return float32(math.Inf(1))
			case 502:
				return math.Float32frombits(1 << 31)
			case 503:
				return 1e30
			case 504:
				return -1e-40
			}
			return v
		}), integers + perSample(0.4)},
		{"the second half fades out", change(plain(), frames/2, func(_, i int, v float32) float32 {
			return float32(float64(v) * float64(frames-i) / float64(frames/2))
		}), integers + below/8 + perSample(0.3+1.45/2)}, // a fade makes floats finer, by 1.44 bits on average
		{"another gain in the second half", change(plain(), frames/2, func(_, _ int, v float32) float32 {
			return v * 0.8912509
		}), integers + below/8 + perSample(0.3)},
		{"too loud for the integers", change(plain(), 0, func(_, i int, v float32) float32 {
			if i == 3000 {
				return 1e30
			}
			return v
		}), integers + 100},
	} {
		t.Run(kind.name, func(t *testing.T) {
			got := size(t, c, kind.samples)
			t.Logf("%d bytes, %d as integers", got, integers)
			if got > kind.most {
				t.Errorf("%d bytes, %d as integers; %d would be right", got, integers, kind.most)
			}
		})
	}
}

// What is noise below its 24th bit takes as many bits as noise has, whatever the width of the floats.
func TestSizesOfProcessedSound(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes long")
	}
	c := newCoder(t, assets.Fast)
	s := load(t, "music/piano.wav", 8000)
	last := make([]float64, len(s.samples))
	filtered := make([][]float64, len(s.samples))
	rounded := make([][]int32, len(s.samples))
	for c, channel := range s.samples {
		for _, n := range channel {
			last[c] = float64(0.7*float64(n)/s.full()) + float64(0.3*last[c])
			filtered[c] = append(filtered[c], last[c])
			rounded[c] = append(rounded[c], int32(math.Round(last[c]*(1<<23))))
		}
	}
	whole := sound{samples: rounded, bits: 24}.size(t, c)
	below, samples := 0, 0 // bits of the fractions, in floats of 32 bits, that 24-bit integers do not have
	for _, channel := range filtered {
		for _, v := range channel {
			_, e := math.Frexp(v)
			below += 1 - e
			samples++
		}
	}
	singles, doubles := make([][]uint32, len(filtered)), make([][]uint64, len(filtered))
	short := make([][]uint64, len(filtered))
	for c, channel := range filtered {
		for _, v := range channel {
			singles[c] = append(singles[c], math.Float32bits(float32(v)))
			short[c] = append(short[c], math.Float64bits(float64(float32(v))))
			doubles[c] = append(doubles[c], math.Float64bits(v))
		}
	}
	got := size(t, c, singles)
	t.Logf("%d bytes; %d for 24 bits and %d for what is below", got, whole, below/8)
	if limit := float64(whole+below/8) * 1.005; float64(got) > limit {
		t.Errorf("32 bits: %d bytes, more than %.0f", got, limit)
	}
	if again := size(t, c, short); again > got+10 {
		t.Errorf("32 bits stored as 64 bits: %d bytes, %d as 32 bits", again, got)
	}
	if long, limit := size(t, c, doubles), float64(whole+(below+29*samples)/8)*1.005; float64(long) > limit {
		t.Errorf("64 bits: %d bytes, more than %.0f", long, limit)
	}
}

// What is no sound at all never takes more than the samples themselves.
func TestSizesOfWhatIsNoSound(t *testing.T) {
	c := newCoder(t, assets.Fast)
	odd := []float32{float32(math.NaN()), float32(math.Inf(1)), math.Float32frombits(1 << 31), 1e-42, -1e-40}
	cycle, noise := make([]uint32, 4000), make([]uint32, 4000)
	state := uint32(1)
	for i := range cycle {
		cycle[i] = math.Float32bits(odd[i%len(odd)])
		state = state*1664525 + 1013904223
		noise[i] = state ^ state>>16
	}
	for _, tt := range []struct {
		name    string
		samples []uint32
		most    int
	}{
		{"five values in turn", cycle, 400},
		{"random bits", noise, 4*4000 + 20},
		{"one value", slices.Repeat([]uint32{0x7FC12345}, 4000), 60},
		{"silence", make([]uint32, 4000), 20},
		{"negative zeros", slices.Repeat([]uint32{1 << 31}, 4000), 60},
	} {
		if got := size(t, c, [][]uint32{tt.samples}); got > tt.most {
			t.Errorf("%s: %d bytes, more than %d", tt.name, got, tt.most)
		}
	}
}

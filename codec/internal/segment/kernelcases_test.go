package segment

import (
	"math/rand/v2"

	"trilobyte/codec/internal/predictor"
)

// almostSound makes channels that look a little like sound.
func almostSound(seed uint64, channels, frames, bits int) [][]int32 {
	r := rand.New(rand.NewPCG(seed, 0))
	samples := make([][]int32, channels)
	size := float64(int64(1) << (bits - 1))
	shared := 0.0
	state := make([][2]float64, channels)
	for range frames {
		shared = 0.7*shared + r.NormFloat64()
		for c := range samples {
			s := &state[c]
			v := 1.8*s[0] - 0.85*s[1] + 0.6*r.NormFloat64() + 0.5*shared
			s[1], s[0] = s[0], v
			samples[c] = append(samples[c], int32(max(-size, min(size-1, v*size/200))))
		}
	}
	return samples
}

// sparse leaves only some values: a list of them is worth it.
func sparse(samples [][]int32) [][]int32 {
	for _, s := range samples {
		for i, v := range s {
			k := v / 40
			s[i] = k*k*k/900 + 37*k
		}
	}
	return samples
}

// kernelCase is a segment for the kernel. edit has its groups coded otherwise than the encoder would.
type kernelCase struct {
	name    string
	samples [][]int32
	edit    func(groups []Group)
}

func kernelCases() []kernelCase {
	silent := almostSound(9, 2, 60, 16)
	clear(silent[1][20:])
	windows := func(w ...predictor.Window) func(groups []Group) {
		return func(groups []Group) { groups[0].Windows = w }
	}
	lag := func(lag int) func(groups []Group) {
		return func(groups []Group) { groups[0].Lags = predictor.Lags{lag} }
	}
	return []kernelCase{
		{"stereo", almostSound(1, 2, 100, 16), nil},
		{"list", sparse(almostSound(8, 2, 300, 16)), nil},
		{"references and repeats", almostSound(16, 3, 90, 16), func(groups []Group) {
			track := tracksOf(groups)[2]
			groups[0].Offset = 3
			groups[1] = Group{Tracks: []Track{track}, Starts: groups[1].Starts[:1], Windows: []predictor.Window{0},
				References: []reference{{1, -3}, {0, 20}}, Lags: predictor.Lags{66}}
		}},
		{"mono", almostSound(2, 1, 100, 16), nil},
		{"24 bits", almostSound(3, 2, 40, 24), nil},
		{"8 bits", almostSound(4, 2, 40, 8), nil},
		{"32 bits", almostSound(5, 2, 30, 32), nil},
		{"3 channels", almostSound(6, 3, 40, 16), nil},
		{"8 channels", almostSound(7, 8, 12, 16), nil},
		{"silence", silent, nil},
		{"two frames", [][]int32{{5, 6}, {-7, 1000}}, nil},
		{"offset", almostSound(10, 2, 40, 16), func(groups []Group) { groups[0].Offset = 5 }},
		{"repeats", almostSound(11, 2, 80, 16), lag(70)},
		{"repeats alone", almostSound(12, 1, 80, 16), lag(64)},
		{"tones", almostSound(13, 2, 260, 16), windows(3, 0)},
		{"repeats and tones", almostSound(17, 2, 262, 16), func(groups []Group) {
			groups[0].Lags, groups[0].Windows = predictor.Lags{70}, []predictor.Window{2, 3}
		}},
		{"tones alone", almostSound(14, 1, 262, 16), windows(2)},
		{"references", almostSound(15, 3, 40, 16), func(groups []Group) {
			track := tracksOf(groups)[2]
			groups[1] = Group{Tracks: []Track{track}, Starts: groups[1].Starts, Windows: []predictor.Window{0}, References: []reference{{0, 2}}}
		}},
	}
}

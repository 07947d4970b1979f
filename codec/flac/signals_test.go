package flac_test

import (
	"math"
	"math/rand/v2"
)

// generators make one channel of n samples of the given width, each its own.
var generators = []struct {
	name     string
	generate func(n, bits, channel int) []int32
}{
	{"silence", func(n, bits, channel int) []int32 { return make([]int32, n) }},
	{"constant", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 { return highest(bits) - int64(channel) })
	}},
	{"lowest value", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 { return -highest(bits) - 1 })
	}},
	{"ramp", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 { return int64(i)%(highest(bits)+1) - int64(channel)%4 })
	}},
	{"full-scale square", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 {
			if (i/(50+channel)+channel)%2 == 0 {
				return highest(bits)
			}
			return -highest(bits) - 1
		})
	}},
	{"alternating extremes", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 {
			if (i+channel)%2 == 0 {
				return highest(bits)
			}
			return -highest(bits) - 1
		})
	}},
	{"white noise", func(n, bits, channel int) []int32 {
		r := rand.New(rand.NewPCG(1, uint64(channel)))
		return fill(n, func(i int) int64 { return int64(r.Uint64()) >> (64 - bits) })
	}},
	{"two chords in noise", func(n, bits, channel int) []int32 {
		r := rand.New(rand.NewPCG(2, uint64(channel)))
		return fill(n, func(i int) int64 {
			t := float64(i) / 44100
			v := math.Sin(2*math.Pi*440*t) + 0.5*math.Sin(2*math.Pi*660*t+float64(channel)) + 0.25*math.Sin(2*math.Pi*5000*t)
			return int64((0.5*v + 0.001*r.NormFloat64()) * float64(highest(bits)) / 2)
		})
	}},
	{"wasted bits", func(n, bits, channel int) []int32 {
		r := rand.New(rand.NewPCG(3, uint64(channel)))
		return fill(n, func(i int) int64 { return int64(r.Uint64()) >> (64 - bits) &^ 3 })
	}},
	{"bursts between silence", func(n, bits, channel int) []int32 {
		r := rand.New(rand.NewPCG(4, uint64(channel)))
		return fill(n, func(i int) int64 {
			if i/200%3 != 1 {
				return 0
			}
			return int64(r.Uint64()) >> (64 - bits)
		})
	}},
	{"rare clicks", func(n, bits, channel int) []int32 {
		return fill(n, func(i int) int64 {
			if i%701 != 13+channel {
				return 0
			}
			return highest(bits)
		})
	}},
}

// highest returns the highest value of samples of the given width.
func highest(bits int) int64 {
	return 1<<(bits-1) - 1
}

func fill(n int, value func(i int) int64) []int32 {
	samples := make([]int32, n)
	for i := range samples {
		samples[i] = int32(value(i))
	}
	return samples
}

// signalOf makes all channels of the generator of that number.
func signalOf(generator, n, bits, channels int) [][]int32 {
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = generators[generator].generate(n, bits, c)
	}
	return samples
}

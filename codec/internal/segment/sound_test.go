package segment_test

import (
	"math"
	"math/rand/v2"
)

// noisySines returns two channels of a chord with noise, 16 bits.
func noisySines(frames int) [][]int32 {
	random := rand.New(rand.NewPCG(1, 2))
	samples := [][]int32{make([]int32, frames), make([]int32, frames)}
	for i := range frames {
		t := float64(i)
		v := 6000*math.Sin(t*0.031) + 3000*math.Sin(t*0.0877) + 900*math.Sin(t*0.41)
		samples[0][i] = int32(math.Round(v + 60*random.NormFloat64()))
		samples[1][i] = int32(math.Round(0.7*v + 1500*math.Sin(t*0.019) + 60*random.NormFloat64()))
	}
	return samples
}

// noise returns noise of that amplitude.
func noise(seed uint32, frames int, amplitude float64) []int32 {
	out := make([]int32, frames)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = int32((float64(seed>>8)/(1<<23) - 1) * amplitude)
	}
	return out
}

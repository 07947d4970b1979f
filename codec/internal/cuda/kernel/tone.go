package kernel

import (
	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/simd"
)

// toneWindow is a tone, by its number, seen through a window.
type toneWindow struct {
	tone   int
	window predictor.Window
}

func toneLength(t predictor.Tone) int { return simd.RoundUp(t.Order+1, warpLanes) }
func toneBlock(t predictor.Tone) int  { return min(t.Every, 256) }

// toneTables returns, for each window, what does not change of the tones: how they shrink with the lag, and with the age of a sample.
func (s *shape) toneTables() map[toneWindow][]byte {
	tables := map[toneWindow][]byte{}
	for i, t := range s.description.Predictors.Tones {
		for w := predictor.Window(1); w <= predictor.MaxWindow; w++ {
			var m memory
			fade := 1 - 1/float64(uint64(512)<<(int(w)+t.Longer))
			for k, x := 0, 1.0; k < toneLength(t); k++ {
				m.double(x)
				x *= fade
			}
			var ages [3][]float64
			for k, x := 0, 1.0; k < toneBlock(t); k++ {
				x *= float64(fade * fade)
				age := float64(k + 1)
				ages[0], ages[1], ages[2] = append(ages[0], x), append(ages[1], age*x), append(ages[2], float64(age*age)*x)
			}
			for _, list := range ages {
				m.double(list...)
			}
			tables[toneWindow{i, w}] = m.b
		}
	}
	return tables
}

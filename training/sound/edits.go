package sound

import (
	"math"
	"math/rand/v2"
)

// Part returns so many frames from a random place of the sound, or all of it if it is shorter. It teaches how a recording begins: of a
// long one the beginning is but a small share of the rows.
func (s *Sound) Part(frames int, random *rand.Rand) *Sound {
	all := len(s.Samples[0])
	frames = min(frames, all)
	first := random.IntN(all - frames + 1)
	p := &Sound{Bits: s.Bits, Rate: s.Rate}
	for _, channel := range s.Samples {
		p.Samples = append(p.Samples, channel[first:first+frames])
	}
	return p
}

// The period of a loop, in frames.
const leastPeriod, mostPeriod = 3000, 16000

// Looped returns a loop that is made of the sound, often with something else of it at the same time, as long as the sound; nil if that is
// too short. It teaches what repeats.
func (s *Sound) Looped(random *rand.Rand) *Sound {
	frames := len(s.Samples[0])
	if frames < 2*leastPeriod {
		return nil
	}
	period := leastPeriod + random.IntN(min(mostPeriod, frames/2)-leastPeriod+1)
	first := random.IntN(frames - period + 1)
	loud, soft := 1.0, 0.0
	if random.Float64() < 0.75 {
		loud, soft = 0.7, 0.6*math.Pow(random.Float64(), 2)
	}
	r := &Sound{Bits: s.Bits, Rate: s.Rate}
	for _, channel := range s.Samples {
		looped := make([]int32, frames)
		for i := range looped {
			looped[i] = int32(math.Round(float64(channel[first+i%period])*loud + float64(channel[i])*soft))
		}
		r.Samples = append(r.Samples, clipped(looped, s.Bits))
	}
	return r
}

// Mixed returns four channels that hear those of the sound at different levels, with noise of their own, as microphones close to each
// other do; nil for a sound that has not two channels. It teaches what channels are told by others.
func (s *Sound) Mixed(random *rand.Rand) *Sound {
	if len(s.Samples) != 2 {
		return nil
	}
	r := &Sound{Bits: s.Bits, Rate: s.Rate}
	size := math.Ldexp(1, s.Bits-14) * random.Float64()
	for range 4 {
		a, b := 1.2*random.Float64()-0.6, 1.2*random.Float64()-0.6
		mixed := make([]int32, len(s.Samples[0]))
		for i := range mixed {
			sum := float64(s.Samples[0][i])*a + float64(s.Samples[1][i])*b
			mixed[i] = int32(math.Round(sum + size*random.NormFloat64()))
		}
		r.Samples = append(r.Samples, clipped(mixed, s.Bits))
	}
	return r
}

// clipped limits samples to so many bits.
func clipped(samples []int32, bits int) []int32 {
	for i, v := range samples {
		samples[i] = max(-1<<(bits-1), min(1<<(bits-1)-1, v))
	}
	return samples
}

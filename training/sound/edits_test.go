package sound

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func stereo(frames int) *Sound {
	random := rand.New(rand.NewPCG(3, 4))
	s := &Sound{Bits: 16, Rate: 44100, Samples: make([][]int32, 2)}
	for range frames {
		for c := range s.Samples {
			s.Samples[c] = append(s.Samples[c], int32(random.IntN(1<<16)-1<<15))
		}
	}
	return s
}

func TestPart(t *testing.T) {
	s, random := stereo(1000), rand.New(rand.NewPCG(1, 2))
	for range 20 {
		p := s.Part(300, random)
		at := slices.Index(s.Samples[0], p.Samples[0][0])
		for c := range s.Samples {
			if !slices.Equal(p.Samples[c], s.Samples[c][at:at+300]) {
				t.Fatalf("channel %d of the part is not there from frame %d on", c, at)
			}
		}
	}
	if p := s.Part(2000, random); len(p.Samples[1]) != 1000 {
		t.Errorf("a part of a short sound has %d frames", len(p.Samples[1]))
	}
}

// TestLooped makes sure that a loop without anything else repeats itself, and that nothing leaves its range.
func TestLooped(t *testing.T) {
	s, random := stereo(20000), rand.New(rand.NewPCG(1, 2))
	repeats := 0
	for range 20 {
		r := s.Looped(random)
		for _, channel := range r.Samples {
			if len(channel) != 20000 || slices.Min(channel) < -1<<15 || slices.Max(channel) >= 1<<15 {
				t.Fatalf("%d frames from %d to %d", len(channel), slices.Min(channel), slices.Max(channel))
			}
		}
		last := r.Samples[0][19000:]
		for period := leastPeriod; period <= mostPeriod; period++ {
			if slices.Equal(last, r.Samples[0][19000-period:][:len(last)]) {
				repeats++
				break
			}
		}
	}
	if repeats == 0 || repeats == 20 {
		t.Errorf("%d of 20 repeat themselves and nothing else", repeats)
	}
	if stereo(5000).Looped(random) != nil {
		t.Error("a loop is made of a sound that is too short")
	}
}

func TestMixed(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	if m := stereo(100).Mixed(random); len(m.Samples) != 4 || len(m.Samples[3]) != 100 {
		t.Errorf("%d channels", len(m.Samples))
	}
	mono := stereo(100)
	mono.Samples = mono.Samples[:1]
	if mono.Mixed(random) != nil {
		t.Error("a channel is mixed with another one that is not there")
	}
}

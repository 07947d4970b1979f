package segment_test

import (
	"math"
	"slices"
	"testing"
)

// TestMultiples makes sure that a channel that is a multiple of another one costs next to nothing, and comes back.
func TestMultiples(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests start the same goroutines")
	}
	c := newCoder(t)
	wave := melody(3000, 11000, 0)
	alone := encode(t, c, 16, wave)
	for name, v := range map[string]func(v int32) int32{
		"negated":              func(v int32) int32 { return -v },
		"all bits inverted":    func(v int32) int32 { return ^v },
		"with an offset":       func(v int32) int32 { return v + 300 },
		"twice":                func(v int32) int32 { return 2 * v },
		"shifted to the right": func(v int32) int32 { return v >> 1 },
		"half, rounded":        func(v int32) int32 { return int32(math.Round(float64(v) / 2)) },
		"half, cut":            func(v int32) int32 { return v / 2 },
		"at -3.7 dB":           func(v int32) int32 { return int32(math.Round(float64(v) * 0.653)) },
		"clipped":              func(v int32) int32 { return max(-20000, min(20000, 3*v)) },
		"negated and cut":      func(v int32) int32 { return int32(float64(v) * -0.77) },
	} {
		t.Run(name, func(t *testing.T) {
			multiple := scaled(wave, v)
			for _, samples := range [][][]int32{{wave, multiple}, {make([]int32, len(wave)), wave, multiple}} {
				if size := encode(t, c, 16, samples...); size > alone+40 {
					t.Errorf("with it a channel of %d bytes takes %d", alone, size)
				}
			}
		})
	}
	t.Run("nearly", func(t *testing.T) {
		multiple := slices.Clone(wave)
		multiple[1700]++
		encode(t, c, 16, wave, multiple)
	})
}

// TestReferences makes sure that channels which are told of by others take less than as pairs of neighbours.
func TestReferences(t *testing.T) {
	c := newCoder(t)
	const frames = 6000
	// Four channels of noise, and the same again, later and softer: nothing that neighbours know.
	var channels [][]int32
	for i := range 4 {
		channels = append(channels, noise(uint32(i+1), frames, 9000))
	}
	first := encode(t, c, 16, channels...)
	for i := range 4 {
		late := append(noise(uint32(9+i), 90*i, 4000), channels[i]...)[:frames]
		channels = append(channels, scaled(late, func(v int32) int32 { return int32(math.Round(0.5*float64(v) + 20)) }))
		channels[4+i][17]++ // no multiple
	}
	if whole := encode(t, c, 16, channels...); whole > first*6/5 {
		t.Errorf("eight channels, of which four are told of, take %d bytes, the others alone %d", whole, first)
	}
}

package alphabet

import (
	"math"
	"slices"
	"testing"
)

// scaled returns the distinct values of a decaying noise multiplied by gain.
func scaled(gain float64, round func(float64) float64) []int32 {
	state := uint32(1)
	var values []int32
	for i := range 100000 {
		state = state*1664525 + 1013904223
		spread := 3000 / float64(1+i%50)
		values = append(values, int32(round(math.Round((float64(state>>8)/(1<<24)-0.5)*spread)*gain)))
	}
	slices.Sort(values)
	return slices.Compact(values)
}

func TestFindGrid(t *testing.T) {
	rounds := map[string]func(float64) float64{"nearest": math.Round, "floor": math.Floor, "toward zero": math.Trunc}
	for name, round := range rounds {
		for _, gain := range []float64{1, 1.05, 1.4142, 1.5, 1.999, 2.3, 3, 7.77, 179.2, 256, 1000.001} {
			values := scaled(gain, round)
			lattice := FindLattice(values)
			step := lattice.Gain * float64(lattice.Gap)
			if math.Abs(step-gain) > 0.01*gain {
				t.Errorf("%s x %v: step %v", name, gain, step)
			}
			for _, v := range values {
				k, ok := lattice.Index(int64(v))
				if !ok || lattice.Sample(k) != int64(v) {
					t.Fatalf("%s x %v: %d is off the lattice", name, gain, v)
				}
			}
		}
	}
}

package predictor

import (
	"encoding/json"
	"os"
	"testing"
)

// What fills up vectors has no errors: if it began with a mean, that would fall until it has fewer digits than others have, and
// some processors take a hundred times as long for such a number.
func TestStartsLeaveWhatFillsUpVectorsAtZero(t *testing.T) {
	b, err := os.ReadFile("../../../training/presets/default.json")
	if err != nil {
		t.Fatal(err)
	}
	var preset struct{ Predictors Description }
	if err := json.Unmarshal(b, &preset); err != nil {
		t.Fatal(err)
	}
	start := Start{Reflections: []int8{-100, 50}, Size: 80}
	s := NewSets(&preset.Predictors, [][]int32{make([]int32, 40)}, Relations{Starts: []Start{start}})[0]
	for i := range 40 {
		s.Predict()
		s.Learn(float64(i % 7 * 100))
		Settle(s)
	}
	filling := s.updates.means[len(s.judged):]
	if len(filling) == 0 || s.updates.means[0] == 0 {
		t.Fatalf("%d means fill up, the first one is %g: this tests nothing", len(filling), s.updates.means[0])
	}
	for _, mean := range filling {
		if mean != 0 {
			t.Errorf("a mean is %g", mean)
		}
	}
}

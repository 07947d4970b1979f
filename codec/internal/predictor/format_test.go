package predictor

import (
	"fmt"
	"testing"

	"trilobyte/codec/formattext"
)

// TestLimitsAreThoseOfTheFormat compares the limits of a description with FORMAT.md.
func TestLimitsAreThoseOfTheFormat(t *testing.T) {
	s := formattext.Read(t, "## Description")
	for member, says := range map[string]string{
		"least_squares": fmt.Sprintf("1 to %d solutions in all", maxSolutions),
		"mixers":        fmt.Sprintf("0 to %d", maxMixers),
		"mixed_samples": fmt.Sprintf("0 to %d", maxUnknowns),
		"own":           fmt.Sprintf("1 to %d", maxUnknowns),
		"other":         fmt.Sprintf("0 to %d - `own`", maxUnknowns),
		"last":          fmt.Sprintf("a power of two, up to %d", maxInterval),
		"taps":          fmt.Sprintf("a multiple of 16, 16 to %d", maxTaps),
	} {
		if row := s.Row("`" + member + "`"); row[3] != says {
			t.Errorf("FORMAT.md has the limits %q for %s, the code has %q", row[3], member, says)
		}
	}
	s.Has(fmt.Sprintf("There are at most %d filters", maxFilters))
	s.Has(fmt.Sprintf("are at most %d together", maxUnknowns))
	if maxRidge != 1e12 {
		t.Errorf("FORMAT.md says that a ridge is at most 10^12, the code has %g", maxRidge)
	}
}

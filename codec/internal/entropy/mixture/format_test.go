package mixture

import (
	"strconv"
	"testing"

	"trilobyte/codec/formattext"
)

// TestTheLogisticTableIsThatOfTheFormat compares with FORMAT.md, Appendix B and C.
func TestTheLogisticTableIsThatOfTheFormat(t *testing.T) {
	formattext.CompareSum(t, "H", lowerHalf)
	words := formattext.Read(t, "## Appendix B: the logistic distribution").Words()
	if len(words) != len(lowerHalf) {
		t.Fatalf("FORMAT.md has %d values, want %d", len(words), len(lowerHalf))
	}
	for i, v := range lowerHalf {
		if words[i] != strconv.FormatUint(v, 10) {
			t.Errorf("H[%d] is %d, in FORMAT.md %s", i, v, words[i])
		}
	}
}

package symbol

import (
	"testing"

	"trilobyte/codec/formattext"
)

// TestTablesAreThoseOfTheFormat compares with the appendix of FORMAT.md.
func TestTablesAreThoseOfTheFormat(t *testing.T) {
	formattext.CompareSum(t, "G", stretchTable)
	var squash [len(squashTable)]uint16
	for i, v := range squashTable {
		squash[i] = uint16(v)
		if int32(squash[i]) != v {
			t.Errorf("Q[%d] is %d and does not fit 16 bits", i, v)
		}
	}
	formattext.CompareSum(t, "Q", squash)
}

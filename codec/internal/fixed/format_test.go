package fixed

import (
	"testing"

	"trilobyte/codec/formattext"
)

// TestTablesAreThoseOfTheFormat compares with the appendix of FORMAT.md.
func TestTablesAreThoseOfTheFormat(t *testing.T) {
	formattext.CompareSum(t, "L", log2Mantissa)
	formattext.CompareSum(t, "E", exp2Sixteenths)
	formattext.CompareSum(t, "R", exp2Twentieths)
}

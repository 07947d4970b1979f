package fixed

import (
	"math"
	"strconv"
	"testing"

	"trilobyte/codec/formattext"
)

// TestTablesAreThoseOfTheFormat compares with FORMAT.md, Appendix A and C.
func TestTablesAreThoseOfTheFormat(t *testing.T) {
	formattext.CompareSum(t, "L", log2Mantissa)
	var powers []float64
	for _, word := range formattext.Read(t, "## Appendix A: powers of two").Words() {
		bits, err := strconv.ParseUint(word, 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		powers = append(powers, math.Float64frombits(bits))
	}
	formattext.CompareSum(t, "E", powers)
	for i, v := range exp2Sixteenths {
		if want := powers[5*i]; v != want {
			t.Errorf("2^(%d/16) is %x, in FORMAT.md %x", i, v, want)
		}
	}
	for i, v := range exp2Twentieths {
		if want := powers[4*i]; v != want {
			t.Errorf("2^(%d/20) is %x, in FORMAT.md %x", i, v, want)
		}
	}
}

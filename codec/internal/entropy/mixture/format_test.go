package mixture

import (
	"testing"

	"trilobyte/codec/formattext"
)

// TestTheLogisticTableIsThatOfTheFormat compares with the appendix of FORMAT.md.
func TestTheLogisticTableIsThatOfTheFormat(t *testing.T) { formattext.CompareSum(t, "H", lowerHalf) }

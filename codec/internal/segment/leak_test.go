package segment_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain makes sure that no goroutine outlives the tests: that of a segment
// that is encoded while the context ends, above all.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

package flac

import "testing"

// The parameter is the smallest that reaches the mean, found without a loop.
func TestRiceParameter(t *testing.T) {
	for count := uint64(1); count < 70; count++ {
		for sum := uint64(0); sum < 10_000; sum = sum*5/4 + 1 {
			want := 0
			for count<<want < sum {
				want++
			}
			if got := riceParameter(sum, count, 30); got != want {
				t.Fatalf("riceParameter(%d, %d) = %d, want %d", sum, count, got, want)
			}
		}
	}
	if got := riceParameter(1<<40, 16, 14); got != 14 {
		t.Errorf("the parameter is %d, above its limit of 14", got)
	}
}

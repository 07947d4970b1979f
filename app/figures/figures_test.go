package figures_test

import (
	"math"
	"testing"
	"time"

	"trilobyte/app/figures"
)

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", -999: "-999 B", 1000: "1.00 kB", 9994: "9.99 kB", 9995: "10.0 kB", 99949: "99.9 kB",
		99950: "100 kB", 999499: "999 kB", 999500: "1.00 MB", 1234567: "1.23 MB", -1234567: "-1.23 MB",
		math.MaxInt64: "9.22 EB",
	} {
		if got := figures.Bytes(n); got != want {
			t.Errorf("%d bytes are %q, want %q", n, got, want)
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0.0 s", 540 * time.Millisecond: "0.5 s", time.Second: "0:01", 187400 * time.Millisecond: "3:07",
		59900 * time.Millisecond: "1:00", time.Hour + 2*time.Minute + 3*time.Second: "1:02:03",
	} {
		if got := figures.Duration(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

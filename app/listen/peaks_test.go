package listen_test

import (
	"math"
	"testing"
)

// TestPeaks compares the peaks of the first part with its samples; where nothing is decoded, there are none.
func TestPeaks(t *testing.T) {
	path, left := archived(t)
	track := open(t, path)
	ready(t, track)
	peaks := track.Peaks()
	each := frames / len(peaks)
	want := 0.0
	for _, v := range left[:each] {
		want = max(want, math.Abs(v))
	}
	if float64(peaks[0]) < want || peaks[0] > 1 { // the right channel may be louder
		t.Errorf("the first peak is %v, that of the left channel %v", peaks[0], want)
	}
	if last := peaks[len(peaks)-1]; last != -1 {
		t.Errorf("what is not decoded has the peak %v", last)
	}
}

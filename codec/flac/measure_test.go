package flac_test

import (
	"strings"
	"sync"
	"testing"

	"trilobyte/codec/flac"
)

// Segments of whole blocks, measured apart, add up to the whole stream, across
// the lengths of coded frame numbers.
func TestMeasureAddsUp(t *testing.T) {
	blocks := 2100 // frame numbers of 1, 2 and 3 bytes
	if testing.Short() {
		blocks = 200
	}
	samples := signalOf(7, blocks*flac.BlockSize+123, 16, 1)
	for i := range samples[0] {
		if i/flac.BlockSize%50 != 0 {
			samples[0][i] = 0 // for speed
		}
	}
	whole, err := flac.Measure(samples, 16, 44100, 0)
	if err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for first := 0; first <= blocks; first += 97 {
		start := first * flac.BlockSize
		end := min(start+97*flac.BlockSize, len(samples[0]))
		part, err := flac.Measure([][]int32{samples[0][start:end]}, 16, 44100, int64(first))
		if err != nil {
			t.Fatal(err)
		}
		sum += part
	}
	if sum != whole {
		t.Errorf("the segments have %d bytes, the whole has %d", sum, whole)
	}
	format := flac.Format{Channels: 1, Bits: 16, SampleRate: 44100}
	checkStream(t, encode(t, format, samples, nil), format, samples)
}

func TestMeasureConcurrently(t *testing.T) {
	var group sync.WaitGroup
	for i := range generators {
		samples := signalOf(i, 2*flac.BlockSize+77, 16, 2)
		want, err := flac.Measure(samples, 16, 44100, 0)
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			group.Go(func() {
				if got, err := flac.Measure(samples, 16, 44100, 0); err != nil || got != want {
					t.Errorf("%s: %d bytes (%v) beside other calls, %d alone", generators[i].name, got, err, want)
				}
			})
		}
	}
	group.Wait()
}

func TestMeasureErrors(t *testing.T) {
	tests := []struct {
		name    string
		samples [][]int32
		bits    int
		first   int64
		want    string
	}{
		{"too high", [][]int32{{0, 0}, {0, 32768}}, 16, 0, "sample 1 of channel 1 is 32768, which does not fit in 16 bits"},
		{"too low", [][]int32{{-9}}, 4, 0, "sample 0 of channel 0 is -9, which does not fit in 4 bits"},
		{"too high in a later block", [][]int32{append(make([]int32, 5000), 128)}, 8, 0, "sample 5000 of channel 0 is 128"},
		{"unequal lengths", [][]int32{{1, 2}, {1}}, 16, 0, "channel 1 has 1 samples but channel 0 has 2"},
		{"negative frame number", [][]int32{{1}}, 16, -1, "frame number -1"},
		{"large frame number", [][]int32{make([]int32, 5000)}, 16, 1<<31 - 1, "frame number 2147483648"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := flac.Measure(tt.samples, tt.bits, 44100, tt.first)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, without %q", err, tt.want)
			}
		})
	}
}

package stream_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"

	"pgregory.net/rapid"
)

// repeating is a coder that says what segments of each length would save.
type repeating struct {
	deltaCoder
	gain   func(frames int) float64
	asked  *[][]int
	failed error
}

func (r repeating) MeasureRepeats(_ context.Context, samples [][]int32, lengths []int) ([]float64, error) {
	*r.asked = append(*r.asked, slices.Clone(lengths))
	if longest := lengths[len(lengths)-1]; len(samples[0]) != longest {
		return nil, errors.New("the samples are not as many as the longest segment has")
	}
	gains := make([]float64, len(lengths))
	for i, n := range lengths {
		gains[i] = r.gain(n)
	}
	return gains, r.failed
}

// TestSegmentsOfWhatRepeats makes sure that segments are longer where the coder gains by it, and as long as ever elsewhere.
func TestSegmentsOfWhatRepeats(t *testing.T) {
	sequential(t)
	const rate, frames = 8000, 3_000_000 // twelve segments of 262144 frames at most, so 16
	file := recordingtest.WAV(integers(1, rate, 16), [][]int32{make([]int32, frames)})
	const usual = 188416
	for _, test := range []struct {
		name string
		gain func(frames int) float64
		want int
	}{
		{"nothing repeats", func(int) float64 { return 0 }, usual},
		{"it repeats soon", func(int) float64 { return 0.5 }, usual},
		{"longer segments gain hardly anything", func(n int) float64 { return 1e-9 * float64(n) }, usual},
		{"twice as long ones gain", func(n int) float64 { return map[bool]float64{true: 0.3, false: 0.1}[n > usual] }, 376832},
		{"the longest one gains", func(n int) float64 { return map[bool]float64{true: 0.3, false: 0.1}[n == frames] }, frames},
	} {
		t.Run(test.name, func(t *testing.T) {
			var asked [][]int
			c := repeating{gain: test.gain, asked: &asked}
			e, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), find(t, file), c)
			if err != nil {
				t.Fatal(err)
			}
			if got := segmentLength(e.Header()); got != test.want {
				t.Errorf("segments have %d frames, want %d", got, test.want)
			}
			if len(asked) == 0 || !slices.Equal(asked[0], []int{usual, 376832, 753664, 1503232, frames}) {
				t.Errorf("the coder was asked for %v", asked)
			}
		})
	}
	failure := errors.New("no longer")
	c := repeating{gain: func(int) float64 { return 0 }, asked: new([][]int), failed: failure}
	if _, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), find(t, file), c); !errors.Is(err, failure) {
		t.Errorf("the error is %v", err)
	}
}

// segmentLength is the length of the segments of the first span of audio.
func segmentLength(h stream.Header) int {
	for _, s := range h.Spans {
		if s.Audio() {
			return s.SegmentFrames
		}
	}
	return 0
}

func TestSegmentFrames(t *testing.T) {
	tests := []struct {
		channels            int
		rate                uint32
		frames              int64
		wantFrames, wantAll int // of a segment, and segments
	}{
		{2, 44100, 0, 786432, 0},
		{2, 44100, 786432, 786432, 1}, // 17.8 s
		{2, 44100, 786433, 196608 + 4096, 4},
		{2, 44100, 60 * 44100, 331776, 8},
		{2, 44100, 300 * 44100, 331776, 40},
		{2, 44100, 3600 * 44100, 389120, 408}, // 8.8 s
		{1, 8000, 1, 262144, 1},
		{1, 48000, 1, 1437696, 1},
		{2, 192000, 1, 786432, 1},
		{2, 192000, 60 * 192000, 360448, 32},
		{8, 48000, 1, 262144, 1},
		{255, 48000, 1, 16384, 1},
		{255, 48000, 48000, 12288, 4},
		{1, 1, 1, 262144, 1},
		{1, 1<<32 - 1, 1 << 40, 786432, 1398102},
		{1, 1<<32 - 1, 1<<40 + 1, 786432, 1398102},
	}
	for _, test := range tests {
		f := integers(test.channels, test.rate, 16)
		got := stream.SegmentFrames(f, test.frames)
		segments := int((test.frames + int64(got) - 1) / int64(got))
		if got != test.wantFrames || segments != test.wantAll {
			t.Errorf("%d channels at %d Hz, %d frames: got %d segments of %d frames, want %d of %d",
				test.channels, test.rate, test.frames, segments, got, test.wantAll, test.wantFrames)
		}
	}
}

// TestSegmentFramesAreInBounds asks for the lengths of the segments of any file.
func TestSegmentFramesAreInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := integers(rapid.IntRange(1, recording.MaxChannels).Draw(t, "channels"), rapid.Uint32().Draw(t, "rate"), 16)
		frames := rapid.Int64Range(0, 1<<62/int64(f.FrameBytes())).Draw(t, "frames")
		length := int64(stream.SegmentFrames(f, frames))
		if length < 4096 || length%4096 != 0 || length*int64(f.Channels) > stream.MaxSegmentSamples {
			t.Errorf("%d frames", length)
		}
	})
}

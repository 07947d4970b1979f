package segment_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"trilobyte/codec/internal/segment"
)

// gradually decodes what it encodes, with all that is handed out before the end compared, and returns how many frames were told of each
// time.
func gradually(t *testing.T, c *segment.Coder, bits int, samples ...[]int32) (told []int) {
	t.Helper()
	ctx, frames := context.Background(), len(samples[0])
	data, err := c.Encode(ctx, samples, bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	var early [][][]int32
	got, err := c.DecodeGradually(ctx, data, len(samples), frames, bits, nil, func(first [][]int32) { early = append(early, first) })
	if err != nil {
		t.Fatal(err)
	}
	for _, first := range append(early, got) {
		n := len(first[0])
		for i, s := range samples {
			if !slices.Equal(first[i], s[:n]) {
				t.Fatalf("of channel %d the first %d frames are others", i+1, n)
			}
		}
		told = append(told, n)
	}
	if last := told[len(told)-1]; last != frames || !slices.IsSorted(told) || len(slices.Compact(slices.Clone(told))) < len(told) {
		t.Fatalf("of %d frames, it tells of %v", frames, told)
	}
	return told
}

// TestSamplesComeGradually hands samples out while there are more to come: of channels in all kinds of groups.
func TestSamplesComeGradually(t *testing.T) {
	c := presetCoder(t, "fast")
	const frames = 9000
	music, other := melody(frames, 12000, 0), melody(frames, 9000, 1)
	gaps := scaled(music, func(v int32) int32 { return 3*v + 1 })
	silence := make([]int32, frames)
	cases := map[string][][]int32{
		"mono":            {music},
		"a multiple":      {silence, gaps, scaled(gaps, func(v int32) int32 { return -v }), gaps},
		"silence":         {silence},
		"pair, offset":    {music, append(slices.Clone(silence[:5]), scaled(other, func(v int32) int32 { return v + 1 })...)[:frames]},
		"told of by both": related(frames),
		"many groups":     nil,
	}
	for i := range 19 {
		cases["many groups"] = append(cases["many groups"], noise(uint32(i+1), 4500, 900))
	}
	for name, samples := range cases {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && len(samples) > 4 {
				t.Skip("it takes long")
			}
			if told := gradually(t, c, 16, samples...); len(told) != (len(samples[0])+4095)/4096 {
				t.Errorf("it tells of %v frames", told)
			}
		})
	}
}

// related returns noises, each of them also later and earlier, and softer: references with delays both ways.
func related(frames int) (channels [][]int32) {
	const away = 600
	for i := range 3 {
		sound := noise(uint32(i+1), frames+2*away, 9000)
		for _, from := range []int{away, 2 * away, 0} {
			louder := int32(len(channels) + 1)
			channels = append(channels, scaled(sound[from:from+frames], func(v int32) int32 { return v/louder + v%7 }))
		}
	}
	return channels
}

// TestDecodingIsGivenUp by one who has heard enough: what has been handed out was there before the decoder had all.
func TestDecodingIsGivenUp(t *testing.T) {
	c := presetCoder(t, "fast")
	samples := noisySines(9000)
	data, err := c.Encode(context.Background(), samples, 16, nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	heard := 0
	_, err = c.DecodeGradually(ctx, data, 2, 9000, 16, nil, func(first [][]int32) {
		heard = len(first[0])
		cancel()
	})
	if !errors.Is(err, context.Canceled) || heard != 4096 {
		t.Errorf("%d frames were heard, error %v", heard, err)
	}
	if _, err := c.DecodeGradually(context.Background(), data[:len(data)-1], 2, 9000, 16, nil, func([][]int32) {}); !errors.Is(err, segment.ErrDamaged) {
		t.Errorf("of what is cut off: error %v", err)
	}
}

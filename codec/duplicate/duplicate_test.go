package duplicate_test

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/duplicate"
	"trilobyte/codec/recording"
)

// sound is a Recording in memory.
type sound struct {
	samples [][]int32
	width   int
	kind    recording.Kind
	long    bool // of more than a quarter of an hour
}

func (s sound) Format() recording.Format {
	rate := uint32(8000)
	if s.long {
		rate = 50
	}
	return recording.Format{Channels: len(s.samples), SampleRate: rate, Width: s.width, ValidBits: 8 * s.width, Kind: s.kind}
}

func (s sound) Frames() int64 { return int64(len(s.samples[0])) }

func (s sound) Samples(first int64, frames int) ([][]int32, error) {
	part := make([][]int32, len(s.samples))
	for c := range part {
		part[c] = append([]int32(nil), s.samples[c][first:first+int64(frames)]...)
	}
	return part, nil
}

// cut returns frames of some channels, shifted.
func (s sound) cut(from, to, width int, channels ...int) sound {
	part := sound{width: width, kind: s.kind}
	for _, c := range channels {
		var channel []int32
		for _, v := range s.samples[c][from:to] {
			channel = append(channel, v<<(8*max(width-s.width, 0))>>(8*max(s.width-width, 0)))
		}
		part.samples = append(part.samples, channel)
	}
	return part
}

// music returns tones with noise, in 16 bits.
func music(channels, frames int, seed uint64) sound {
	random := rand.New(rand.NewPCG(seed, 1))
	s := sound{width: 2}
	for c := range channels {
		channel := make([]int32, frames)
		for i := range channel {
			tone := math.Sin(float64(i)*(0.03+0.01*float64(c))) + 0.01*random.NormFloat64()
			channel[i] = int32(tone * 8000)
		}
		s.samples = append(s.samples, channel)
	}
	return s
}

// find adds recordings one after the other, and returns the stretches of the last.
func find(t interface{ Fatal(...any) }, whole bool, recordings ...sound) []duplicate.Stretch {
	x := duplicate.New()
	open := func(n int) (duplicate.Recording, error) { return recordings[n], nil }
	var stretches []duplicate.Stretch
	for i, r := range recordings {
		p, err := duplicate.Print(context.Background(), r)
		if err != nil {
			t.Fatal(err)
		}
		if stretches, err = x.Find(context.Background(), r, p, whole && i == len(recordings)-1, open); err != nil {
			t.Fatal(err)
		}
	}
	return stretches
}

func TestStretchesAreFound(t *testing.T) {
	take, other := music(2, 100_000, 1), music(2, 100_000, 2)
	last := func(s sound) int64 { return s.Frames() }
	joined := take.cut(1000, 41_000, 2, 0, 1)
	for c := range joined.samples {
		joined.samples[c] = append(joined.samples[c], other.samples[c][:60_000]...)
	}
	silent := take.cut(0, 100_000, 2, 0, 1)
	silent.samples[1] = make([]int32, 100_000)
	floats := take
	floats.kind = recording.Float
	shorter := take.cut(5000, 5090, 2, 0, 1)
	short, half, loop := take.cut(5000, 5500, 2, 0, 1), take.cut(0, 50_000, 2, 0, 1), take.cut(70_000, 90_000, 2, 0, 1)
	cases := map[string]struct {
		recordings []sound
		whole      bool
		want       []duplicate.Stretch
	}{
		"the same":           {[]sound{take, take}, true, []duplicate.Stretch{{0, 100_000, 0, 0, 0, []int{0, 1}, false}}},
		"nothing":            {[]sound{take, other}, false, nil},
		"cut":                {[]sound{take, take.cut(777, 50_777, 2, 0, 1)}, true, []duplicate.Stretch{{0, 50_000, 0, 777, 0, []int{0, 1}, false}}},
		"24 bits":            {[]sound{take, take.cut(1, 100_000, 3, 0, 1)}, true, []duplicate.Stretch{{0, 99_999, 0, 1, 8, []int{0, 1}, false}}},
		"16 bits of 24":      {[]sound{take.cut(0, 100_000, 3, 0, 1), take}, true, []duplicate.Stretch{{0, 100_000, 0, 0, -8, []int{0, 1}, false}}},
		"right":              {[]sound{take, take.cut(0, 100_000, 2, 1)}, true, []duplicate.Stretch{{0, 100_000, 0, 0, 0, []int{1}, false}}},
		"negated":            {[]sound{take, negated(take.cut(777, 50_777, 3, 0, 1))}, true, []duplicate.Stretch{{0, 50_000, 0, 777, 8, []int{0, 1}, true}}},
		"one of two negated": {[]sound{take, {samples: [][]int32{take.samples[0], negated(take).samples[1]}, width: 2}}, true, nil},
		"swapped":            {[]sound{take, take.cut(0, 100_000, 2, 1, 0)}, true, []duplicate.Stretch{{0, 100_000, 0, 0, 0, []int{1, 0}, false}}},
		"mono as stereo":     {[]sound{take.cut(0, 100_000, 2, 0), take.cut(9, 100_000, 2, 0, 0)}, true, []duplicate.Stretch{{0, 99_991, 0, 9, 0, []int{0, 0}, false}}},
		"left before both":   {[]sound{take.cut(0, 100_000, 2, 0), take}, false, nil},
		"part":               {[]sound{take, joined}, false, []duplicate.Stretch{{0, 40_000, 0, 1000, 0, []int{0, 1}, false}}},
		"part, but whole":    {[]sound{take, joined}, true, nil},
		"both parts":         {[]sound{other, take, joined}, false, []duplicate.Stretch{{0, 40_000, 1, 1000, 0, []int{0, 1}, false}, {40_000, 60_000, 0, 0, 0, []int{0, 1}, false}}},
		"no chains":          {[]sound{take, joined, joined.cut(20_000, 70_000, 2, 0, 1)}, false, []duplicate.Stretch{{0, 20_000, 0, 21_000, 0, []int{0, 1}, false}, {20_000, 30_000, 1, 40_000, 0, []int{0, 1}, false}}},
		"with silence":       {[]sound{silent, silent.cut(5, 100_000, 2, 0, 1)}, true, []duplicate.Stretch{{0, 99_995, 0, 5, 0, []int{0, 1}, false}}},
		"of another kind":    {[]sound{take, floats}, false, nil},
		"floats":             {[]sound{floats, floats.cut(10, 90_000, 2, 0, 1)}, true, []duplicate.Stretch{{0, 89_990, 0, 10, 0, []int{0, 1}, false}}},
		"too short":          {[]sound{take, concatenated(other.cut(0, 50_000, 2, 0, 1), short, other.cut(50_000, 99_000, 2, 0, 1))}, false, nil},
		"short, but all":     {[]sound{take, take.cut(20_000, 24_000, 2, 0, 1)}, false, []duplicate.Stretch{{0, 4000, 0, 20_000, 0, []int{0, 1}, false}}},
		"nothing but zeros":  {[]sound{{samples: [][]int32{make([]int32, 50_000)}, width: 2}, {samples: [][]int32{make([]int32, 50_000)}, width: 2}}, false, nil},
		"very few frames":    {[]sound{take, take.cut(0, 3, 2, 0, 1)}, false, nil},
		"itself":             {[]sound{long(half, half, other.cut(0, 1000, 2, 0, 1), half)}, false, []duplicate.Stretch{{50_000, 50_000, 0, 0, 0, []int{0, 1}, false}, {101_000, 50_000, 0, 0, 0, []int{0, 1}, false}}},
		"itself negated":     {[]sound{long(half, negated(half))}, false, []duplicate.Stretch{{50_000, 50_000, 0, 0, 0, []int{0, 1}, true}}},
		"a loop":             {[]sound{long(loop, loop, loop)}, false, []duplicate.Stretch{{20_000, 20_000, 0, 0, 0, []int{0, 1}, false}, {40_000, 20_000, 0, 0, 0, []int{0, 1}, false}}},
		"itself, but whole":  {[]sound{long(half, half)}, true, nil},
		"not long":           {[]sound{concatenated(half, half, half)}, false, nil},
		"a short loop":       {[]sound{long(half, shorter, shorter, shorter)}, false, nil},
		"itself and another": {[]sound{take, long(half, other, other)}, false, []duplicate.Stretch{{0, 50_000, 0, 0, 0, []int{0, 1}, false}, {150_000, 100_000, 1, 50_000, 0, []int{0, 1}, false}}},
		"within reach":       {[]sound{long(half, other, short, short)}, false, nil},
		"of what repeats":    {[]sound{long(half, half, other), concatenated(half, half, other)}, true, []duplicate.Stretch{{0, 200_000, 0, 0, 0, []int{0, 1}, false}}},
		"the end of another": {[]sound{take, take.cut(int(last(take))-20_000, int(last(take)), 2, 0, 1)}, true, []duplicate.Stretch{{0, 20_000, 0, 80_000, 0, []int{0, 1}, false}}},
	}
	for name, c := range cases {
		if got := find(t, c.whole, c.recordings...); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: found %v, want %v", name, got, c.want)
		}
	}
}

func negated(s sound) sound {
	s = s.cut(0, len(s.samples[0]), s.width, makeRange(len(s.samples))...)
	for _, channel := range s.samples {
		for i := range channel {
			channel[i] = -channel[i]
		}
	}
	return s
}

func makeRange(n int) (all []int) {
	for i := range n {
		all = append(all, i)
	}
	return all
}

func concatenated(parts ...sound) sound {
	all := sound{width: parts[0].width, samples: make([][]int32, len(parts[0].samples))}
	for _, p := range parts {
		for c := range all.samples {
			all.samples[c] = append(all.samples[c], p.samples[c]...)
		}
	}
	return all
}

// long returns a long recording of some parts.
func long(parts ...sound) sound {
	all := concatenated(parts...)
	all.long = true
	return all
}

// TestStretchesAreWhatTheySay makes recordings of pieces of others, and compares
// every sample of what is found.
func TestStretchesAreWhatTheySay(t *testing.T) {
	sources := []sound{music(2, 60_000, 3), music(1, 60_000, 4), music(2, 60_000, 5).cut(0, 60_000, 3, 0, 1)}
	rapid.Check(t, func(t *rapid.T) {
		channels := rapid.IntRange(1, 3).Draw(t, "channels")
		made := sound{width: rapid.IntRange(2, 4).Draw(t, "width"), samples: make([][]int32, channels)}
		for range rapid.IntRange(1, 4).Draw(t, "pieces") {
			from := rapid.IntRange(0, 59_000).Draw(t, "from")
			to := rapid.IntRange(from+1, 60_000).Draw(t, "to")
			s := rapid.SampledFrom(sources).Draw(t, "source")
			var of []int
			for range channels {
				of = append(of, rapid.IntRange(0, len(s.samples)-1).Draw(t, "channel"))
			}
			piece := s.cut(from, to, made.width, of...)
			if rapid.Bool().Draw(t, "negated") {
				piece = negated(piece)
			}
			for c, channel := range piece.samples {
				made.samples[c] = append(made.samples[c], channel...)
			}
		}
		if rapid.Bool().Draw(t, "again") {
			made = long(made, made)
		}
		all := append(append([]sound{}, sources...), made)
		at := int64(0)
		for _, s := range find(t, false, all...) {
			if s.Start < at || s.Frames <= 0 {
				t.Fatalf("a stretch is at %d to %d, after %d", s.Start, s.Start+s.Frames, at)
			}
			at = s.Start + s.Frames
			for c, k := range s.Channels {
				for i := range s.Frames {
					there := int64(all[s.Recording].samples[k][s.First+i])
					if s.Negated {
						there = -there
					}
					if here := int64(made.samples[c][s.Start+i]); here<<max(-s.Shift, 0) != there<<max(s.Shift, 0) {
						t.Fatalf("frame %d of channel %d is %d, and %d there", s.Start+i, c, here, there)
					}
				}
			}
		}
	})
}

// TestWhatCannotBeReadIsLeftOut fails to open the recordings that were added.
func TestWhatCannotBeReadIsLeftOut(t *testing.T) {
	x, take := duplicate.New(), music(2, 50_000, 1)
	open := func(int) (duplicate.Recording, error) { return nil, errors.New("gone") }
	p, err := duplicate.Print(context.Background(), take)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s, err := x.Find(context.Background(), take, p, false, open); err != nil || s != nil {
			t.Errorf("found %v, error %v", s, err)
		}
	}
}

func BenchmarkPrint(b *testing.B) {
	take := music(2, 1<<20, 1)
	b.SetBytes(4 << 20)
	for b.Loop() {
		var p duplicate.Printer
		p.Add(take.samples)
	}
}

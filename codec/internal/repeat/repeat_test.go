package repeat_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/repeat"
	"trilobyte/codec/internal/simd"
)

// noise returns white noise; the same seed gives the same.
func noise(seed uint32, frames int, amplitude float64) []int32 {
	out := make([]int32, frames)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = int32((float64(seed>>8)/(1<<23) - 1) * amplitude)
	}
	return out
}

// tone returns a chord.
func tone(frames int, amplitude float64) []int32 {
	out := make([]int32, frames)
	for i := range out {
		t := float64(i)
		out[i] = int32(math.Round(amplitude * (math.Sin(t*0.031) + math.Sin(t*0.0787) + math.Sin(t*0.41)) / 3))
	}
	return out
}

// sum adds sounds.
func sum(sounds ...[]int32) []int32 {
	out := slices.Clone(sounds[0])
	for _, s := range sounds[1:] {
		for i, v := range s {
			out[i] += v
		}
	}
	return out
}

func times(sound []int32, factor int32) []int32 {
	out := slices.Clone(sound)
	for i := range out {
		out[i] *= factor
	}
	return out
}

const stretch = predictor.Stretch

// TestFind makes sure that repeats are found to the frame where there are some, and nowhere else.
func TestFind(t *testing.T) {
	const frames, period = 40 * stretch, 5*stretch + 1234
	once := noise(1, period, 3000)
	loop := slices.Repeat(once, frames/period+1)[:frames]
	other := noise(2, frames, 1000)
	for _, test := range []struct {
		name     string
		channels [][]int32
		repeats  bool
	}{
		{"a loop", [][]int32{loop}, true},
		{"a loop in one channel", [][]int32{loop, other}, true},
		{"a loop in the other channel", [][]int32{other, loop}, true},
		{"a loop in opposite channels", [][]int32{loop, times(loop, -1)}, true},
		{"a loop under noise", [][]int32{sum(loop, other)}, true},
		{"a loop under a loud chord", [][]int32{sum(loop, tone(frames, 1<<20))}, true},
		{"noise", [][]int32{other}, false},
		{"noise in two channels", [][]int32{noise(3, frames, 1e9), other}, false},
		{"a chord", [][]int32{tone(frames, 20000), tone(frames, 9000)}, false},
		{"silence", [][]int32{make([]int32, frames)}, false},
		{"too short", [][]int32{loop[:3*stretch]}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			lags, _, err := repeat.Find(context.Background(), test.channels)
			if err != nil {
				t.Fatal(err)
			}
			if !test.repeats {
				if lags != nil {
					t.Fatalf("it repeats itself: %v", lags)
				}
				return
			}
			if len(lags) != frames/stretch {
				t.Fatalf("there are %d lags, not one for each of %d stretches", len(lags), frames/stretch)
			}
			for i, lag := range lags {
				if start := i * stretch; start < period && lag != 0 || start >= period && (lag == 0 || lag%period != 0) {
					t.Errorf("the lag of stretch %d is %d, the loop has %d frames", i, lag, period)
				}
			}
		})
	}
}

// TestFindChanges finds a lag for each loop where one follows the other.
func TestFindChanges(t *testing.T) {
	first, second := noise(1, 3*stretch+100, 5000), noise(2, 2*stretch+77, 5000)
	sound := slices.Concat(slices.Repeat(first, 8), slices.Repeat(second, 8))
	lags, _, err := repeat.Find(context.Background(), [][]int32{sound})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range map[int]int{10: len(first), 20: len(first), 30: len(second), 38: len(second)} {
		if lags[i] == 0 || lags[i]%want != 0 {
			t.Errorf("the lag of stretch %d is %d, the loop there has %d frames", i, lags[i], want)
		}
	}
}

// TestLagsAreValid makes sure that whatever the samples are, lags are such as the format has.
func TestLagsAreValid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		frames := rapid.IntRange(1, 9*stretch).Draw(t, "frames")
		part := rapid.SliceOfN(rapid.Int32(), 1, 50).Draw(t, "part")
		period := rapid.IntRange(1, frames).Draw(t, "period")
		rough := noise(rapid.Uint32().Draw(t, "seed"), period, rapid.SampledFrom([]float64{0, 1, 100, 1e9}).Draw(t, "amplitude"))
		var channels [][]int32
		for c := range rapid.IntRange(1, 2).Draw(t, "channels") {
			channel := make([]int32, frames)
			for i := range channel {
				channel[i] = rough[(i+c*7)%period] ^ part[i%len(part)]
			}
			channels = append(channels, channel)
		}
		lags, _, err := repeat.Find(context.Background(), channels)
		if err != nil {
			t.Fatal(err)
		}
		for i, lag := range lags {
			if lag != 0 && (lag < predictor.LeastLag || lag > i*stretch) {
				t.Fatalf("stretch %d has a lag of %d", i, lag)
			}
		}
	})
}

// known is a sound whose lags are known: loops of two lengths, in noise.
func known() [][]int32 {
	const frames = 30 * stretch
	loop := slices.Repeat(noise(4, 17001, 900), frames/17001+1)[:frames]
	other := slices.Repeat(noise(5, 30011, 600), frames/30011+1)[:frames]
	return [][]int32{sum(noise(9, frames, 500), loop), sum(times(other, 2), loop)}
}

// TestKnownAnswer makes sure that each processor path, and each kind of processor, makes the same choices.
func TestKnownAnswer(t *testing.T) {
	defer simd.Use(simd.InUse())
	for _, p := range append(simd.Paths(), simd.Go) {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		lags, _, err := repeat.Find(context.Background(), known())
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(lags, knownLags) {
			t.Errorf("%s: the lags are %#v", p, lags)
		}
		gains, err := repeat.Gains(context.Background(), known(), []int{10 * stretch, 30 * stretch})
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range gains {
			if bits := math.Float64bits(g); bits != knownGains[i] {
				t.Errorf("%s: gain %d is %v, %#x", p, i, g, bits)
			}
		}
	}
}

var (
	knownLags  = append(make(predictor.Lags, 5), slices.Repeat([]int{17001}, 25)...)
	knownGains = [2]uint64{0x3fca71e4500c7bcf, 0x3fda5e99ed008fc8}
)

// TestGains makes sure that what comes again after long makes long segments save more, and that nothing else does.
func TestGains(t *testing.T) {
	const frames = 64 * stretch
	far := slices.Repeat(noise(6, frames/2, 2000), 2)
	near := slices.Repeat(noise(7, frames/32, 2000), 32)
	lengths := []int{frames / 4, frames / 2, frames}
	gains := func(sound []int32) []float64 {
		g, err := repeat.Gains(context.Background(), [][]int32{sound}, lengths)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	if g := gains(far); g[0] != 0 || g[1] != 0 || g[2] < 0.5 {
		t.Errorf("what comes again after half of the sound gains %v", g)
	}
	if g := gains(near); g[0] < 0.8*g[2] || g[0] > g[1] || g[1] > g[2] {
		t.Errorf("what always comes again gains %v", g)
	}
	if g := gains(noise(8, frames, 2000)); slices.Max(g) > 0 {
		t.Errorf("noise gains %v", g)
	}
}

// TestShare compares what is told from some stretches with what all of them save.
func TestShare(t *testing.T) {
	const frames = 32 * stretch
	twice := slices.Repeat(noise(9, frames/2, 2000), 2)
	for name, sound := range map[string][][]int32{
		"twice": {twice}, "alike": {sum(twice, noise(10, frames, 500))}, "pair": known(), "once": {noise(11, frames, 2000)}, "short": {noise(12, 100, 2000)},
	} {
		_, want, err := repeat.Find(t.Context(), sound)
		if err != nil {
			t.Fatal(err)
		}
		share, err := repeat.Share(t.Context(), sound)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(share-want) > 0.05 || (share > 0) != (want > 0) {
			t.Errorf("%s: repeats save %.3f, and not %.3f", name, share, want)
		}
	}
}

// TestCanceled makes sure that a search ends with its context.
func TestCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := repeat.Find(ctx, known()); !errors.Is(err, context.Canceled) {
		t.Errorf("Find returns %v", err)
	}
	if _, err := repeat.Gains(ctx, known(), []int{stretch}); !errors.Is(err, context.Canceled) {
		t.Errorf("Gains returns %v", err)
	}
	if _, err := repeat.Share(ctx, known()); !errors.Is(err, context.Canceled) {
		t.Errorf("Share returns %v", err)
	}
}

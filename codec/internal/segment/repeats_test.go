package segment_test

import (
	"context"
	"math"
	"os"
	"testing"

	"trilobyte/codec/recording"
)

// demo returns the samples of a recording of the demo, of 16 bits.
func demo(t *testing.T, name string) [][]int32 {
	t.Helper()
	file, err := os.Open("../../../testdata/demo/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	found, err := recording.Find(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range found.Spans {
		if !s.Audio() {
			continue
		}
		raw := make([]byte, s.Size)
		if _, err := file.ReadAt(raw, s.Offset); err != nil {
			t.Fatal(err)
		}
		return s.Format.Samples(raw)
	}
	t.Fatalf("there is no audio in %s", name)
	return nil
}

const second = 44100 // frames of the demo's music

// repeated returns so many frames of a sound that begins anew after each period, and is silent where it has ended.
func repeated(sound []int32, period, frames int) []int32 {
	out := make([]int32, frames)
	for i := range out {
		if at := i % period; at < len(sound) {
			out[i] = sound[at]
		}
	}
	return out
}

// mixed returns the sum of two sounds.
func mixed(a, b []int32) []int32 {
	out := make([]int32, len(a))
	for i := range out {
		out[i] = a[i] + b[i]
	}
	return out
}

// hum is a steady tone of a bass with a little noise.
func hum(frames int) []int32 {
	out, state := make([]int32, frames), uint32(1)
	for i := range out {
		state = state*1664525 + 1013904223
		t := float64(i)
		out[i] = int32(math.Round(2500*math.Sin(t*0.00789) + 1200*math.Sin(t*0.01578+1) + 300*math.Sin(t*0.03157) + float64(state>>8)/(1<<22)))
	}
	return out
}

// TestRepeats holds what repeats to a share of what is heard for the first time.
func TestRepeats(t *testing.T) {
	if testing.Short() {
		t.Skip("codes two minutes of sound")
	}
	c := newCoder(t)
	size := func(samples ...[]int32) float64 {
		data, err := c.Encode(context.Background(), samples, 16, nil)
		if err != nil {
			t.Fatal(err)
		}
		return float64(len(data))
	}
	piano, conga, voice := demo(t, "music/piano.wav"), demo(t, "music/conga.wav")[0], demo(t, "speech/reading.wav")[0]

	t.Run("four seconds eight times", func(t *testing.T) {
		left, right := repeated(piano[0][:4*second], 4*second, 32*second), repeated(piano[1][:4*second], 4*second, 32*second)
		whole, first := size(left, right), size(left[:5*second], right[:5*second])
		t.Logf("%.3f of the first 5 s", whole/first)
		if whole > 1.15*first {
			t.Errorf("they take %.0f bytes, the first 5 s of them %.0f", whole, first)
		}
	})
	t.Run("drums over a steady bass", func(t *testing.T) {
		drums, bass := repeated(conga, second/2, 16*second), hum(16*second)
		both := mixed(drums, bass)
		whole, first, alone := size(both), size(both[:second]), size(bass)
		// What is new in the bass comes twice where drums are taken from the past: that is half a bit a sample.
		most := first + alone + float64(len(both))/16
		t.Logf("%.3f of the bass, a second of both, and half a bit a sample", whole/most)
		if whole > most {
			t.Errorf("they take %.0f bytes, a second of both %.0f, the bass %.0f", whole, first, alone)
		}
	})
	t.Run("loops of two and three seconds together", func(t *testing.T) {
		both := mixed(repeated(piano[0][:2*second], 2*second, 18*second), repeated(voice[:3*second], 3*second, 18*second))
		whole, first := size(both), size(both[:6*second])
		t.Logf("%.3f of the first 6 s", whole/first)
		if whole > 1.15*first {
			t.Errorf("they take %.0f bytes, the first 6 s of them %.0f", whole, first)
		}
	})
	t.Run("a loop with a fading gain", func(t *testing.T) {
		loop := repeated(voice[:2*second], 2*second, 16*second)
		for i, v := range loop {
			loop[i] = int32(math.Round(float64(v) * (1 - 0.9*float64(i)/float64(len(loop)))))
		}
		whole, first := float64(encode(t, c, 16, loop)), size(loop[:2*second])
		t.Logf("%.3f of the first 2 s", whole/first)
		if whole > 2*first {
			t.Errorf("it takes %.0f bytes, the first 2 s of it %.0f", whole, first)
		}
	})
}

// TestRepeatShare asks what repeats save, of which channels that are constant or like others tell nothing.
func TestRepeatShare(t *testing.T) {
	voice := demo(t, "speech/reading.wav")[0]
	const frames = 1 << 16
	once, twice := voice[:frames], append(append([]int32{}, voice[:frames/2]...), voice[:frames/2]...)
	silent := make([]int32, frames)
	for _, test := range []struct {
		name        string
		samples     [][]int32
		least, most float64
	}{
		{"silence", [][]int32{silent}, 0, 0},
		{"once", [][]int32{once}, 0, 0.05},
		{"twice", [][]int32{silent, twice, twice}, 0.3, 0.6},
		{"one frame", [][]int32{{7}}, 0, 0},
	} {
		share, err := newCoder(t).RepeatShare(t.Context(), test.samples)
		if err != nil || share < test.least || share > test.most {
			t.Errorf("%s: repeats save %.3f, error %v", test.name, share, err)
		}
	}
}

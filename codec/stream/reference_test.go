package stream_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// library has the streams that others refer to, by their numbers.
type library map[int64][]byte

func (l library) Samples(ctx context.Context, r stream.Reference, frames int, ready func([][]int32)) (recording.Kind, [][]int32, error) {
	encoded, ok := l[r.Source]
	if !ok {
		return 0, nil, errors.New("it is not in the library")
	}
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		return 0, nil, err
	}
	return d.Stretch(r, frames, ready, func(i int, _ func([][]int32)) ([][]int32, error) {
		p, err := d.Part(ctx, i, nil)
		return p.Stored(), err
	})
}

// referring returns the stream of a file with stretches.
func referring(t testing.TB, file []byte, stretches ...stream.Stretch) []byte {
	t.Helper()
	e, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), find(t, file), deltaCoder{}, stretches...)
	if err != nil {
		t.Fatal(err)
	}
	return wholeOf(t, e, e.Begin())
}

func wholeOf(t testing.TB, e *stream.Encoder, encoded []byte) []byte {
	t.Helper()
	for i := range e.Parts() {
		p, err := e.Part(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, p.Encoded...)
	}
	return encoded
}

// decodeWith decodes a stream that refers to those of a library.
func decodeWith(encoded []byte, l stream.Sources) ([]byte, error) {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		return nil, err
	}
	d.Refer(l)
	var raw []byte
	for i := range d.Parts() {
		p, err := d.Part(context.Background(), i, nil)
		if err != nil {
			return nil, err
		}
		raw = append(raw, p.Raw...)
	}
	return raw, nil
}

// tune returns samples of 16 bits.
func tune(channels, frames int) [][]int32 {
	samples := make([][]int32, channels)
	for c := range samples {
		for i := range frames {
			samples[c] = append(samples[c], int32((i*i/(7+c)+i*(c+3))%20_000-10_000))
		}
	}
	return samples
}

// wave returns a WAV file of samples, each times 2^shift.
func wave(f recording.Format, samples [][]int32, shift int) []byte {
	shifted := make([][]int32, len(samples))
	for c := range samples {
		for _, v := range samples[c] {
			shifted[c] = append(shifted[c], v<<shift)
		}
	}
	return append(head(f, len(samples[0])*f.FrameBytes()), f.Bytes(shifted)...)
}

// head returns the head of a WAV file.
func head(f recording.Format, size int) []byte {
	b := []byte("RIFF....WAVEfmt \x10\x00\x00\x00\x01\x00")
	for _, v := range []int{f.Channels, int(f.SampleRate), int(f.SampleRate) >> 16, 0, 0, f.FrameBytes(), f.ValidBits} {
		b = append(b, byte(v), byte(v>>8))
	}
	b = append(b, "data"...)
	return append(b, byte(size), byte(size>>8), byte(size>>16), byte(size>>24))
}

func TestReferencesComeBack(t *testing.T) {
	samples := tune(2, 300_000) // two segments
	source := wave(integers(2, 8000, 16), samples, 0)
	wide := wave(integers(2, 8000, 24), samples, 8)
	l := library{5: encode(t, source), 6: encode(t, wide)}
	rapid.Check(t, func(rt *rapid.T) {
		from := rapid.IntRange(0, 299_000).Draw(rt, "from")
		frames := rapid.IntRange(1, 300_000-from).Draw(rt, "frames")
		channels := rapid.SliceOfN(rapid.IntRange(0, 1), 1, 3).Draw(rt, "channels")
		bits := rapid.SampledFrom([]int{16, 24, 32}).Draw(rt, "bits")
		number := rapid.SampledFrom([]int64{5, 6}).Draw(rt, "source")
		var part [][]int32
		for _, c := range channels {
			part = append(part, samples[c][from:from+frames])
		}
		file := wave(integers(len(channels), 44100, bits), part, bits-16)
		r := stream.Reference{Source: number, First: int64(from), Shift: bits - 16, Channels: channels}
		if number == 6 {
			r.Shift -= 8
		}
		if r.Negated = rapid.Bool().Draw(rt, "negated"); r.Negated {
			for c := range part {
				negated := make([]int32, len(part[c]))
				for i, v := range part[c] {
					negated[i] = -v
				}
				part[c] = negated
			}
			file = wave(integers(len(channels), 44100, bits), part, bits-16)
		}
		start := rapid.IntRange(0, frames-1).Draw(rt, "start")
		r.First += int64(start)
		length := rapid.IntRange(1, frames-start).Draw(rt, "length")
		encoded := referring(t, file, stream.Stretch{Start: int64(start), Frames: int64(length), Reference: r})
		got, err := decodeWith(encoded, l)
		if err != nil || !bytes.Equal(got, file) {
			rt.Fatalf("%d bytes come back of %d, error %v", len(got), len(file), err)
		}
		if length == frames && len(encoded) > 120 {
			rt.Fatalf("%d frames take %d bytes", frames, len(encoded))
		}
	})
}

func TestOtherKindsRefer(t *testing.T) {
	for name, f := range map[string]recording.Format{
		"float":      {Kind: recording.Float, Channels: 1, SampleRate: 8000, Width: 4, ValidBits: 32},
		"mu-law":     {Kind: recording.MuLaw, Channels: 1, SampleRate: 8000, Width: 1, ValidBits: 8},
		"big-endian": {Channels: 1, SampleRate: 8000, Width: 2, ValidBits: 16, BigEndian: true},
	} {
		source := make([]byte, 4000)
		for i := range source {
			source[i] = byte(i * i >> 3)
		}
		spans := func(size int) []recording.Span { return []recording.Span{{Size: int64(size), Format: f}} }
		streams := [][]byte{nil, nil}
		part := source[400:]
		stretch := stream.Stretch{Frames: int64(len(part) / f.Width), Reference: stream.Reference{Source: 1, First: int64(400 / f.Width), Channels: []int{0}}}
		for i, file := range [][]byte{source, part} {
			e, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), spans(len(file)), deltaCoder{}, []stream.Stretch{stretch}[:i]...)
			if err != nil {
				t.Fatal(err)
			}
			streams[i] = wholeOf(t, e, e.Begin())
		}
		if got, err := decodeWith(streams[1], library{1: streams[0]}); err != nil || !bytes.Equal(got, part) {
			t.Errorf("%s: %d bytes come back of %d, error %v", name, len(got), len(part), err)
		}
	}
}

// itself has a stream that refers to itself, and notes how many of its segments each call
// asks for.
type itself struct {
	library
	encoded []byte
	asked   []int
}

func (s *itself) Samples(ctx context.Context, r stream.Reference, frames int, ready func([][]int32)) (recording.Kind, [][]int32, error) {
	if r.Source != stream.Itself {
		return s.library.Samples(ctx, r, frames, ready)
	}
	d, err := stream.Salvage(bytes.NewReader(s.encoded), int64(len(s.encoded)), coders)
	if err != nil {
		return 0, nil, err
	}
	asked := 0
	defer func() { s.asked = append(s.asked, asked) }()
	return d.Stretch(r, frames, ready, func(i int, _ func([][]int32)) ([][]int32, error) {
		asked++
		p, err := d.Part(ctx, i, nil)
		return p.Stored(), err
	})
}

// TestReferencesToItself has a recording in which most of a theme of two segments comes
// again, beside a stretch of another recording.
func TestReferencesToItself(t *testing.T) {
	theme, other := tune(2, 300_000), tune(2, 50_000)
	samples := make([][]int32, 2)
	for c := range samples {
		slices.Reverse(other[c])
		samples[c] = slices.Concat(theme[c], other[c], theme[c][100_000:250_000], theme[c][:100], theme[c][7:])
	}
	file := wave(integers(2, 8000, 16), samples, 0)
	stretches := []stream.Stretch{
		{Start: 300_000, Frames: 50_000, Reference: stream.Reference{Source: 1, Channels: []int{0, 1}}},
		{Start: 350_000, Frames: 150_000, Reference: stream.Reference{First: 100_000, Channels: []int{0, 1}}},
		{Start: 500_100, Frames: 299_993, Reference: stream.Reference{First: 7, Channels: []int{0, 1}}},
	}
	encoded := referring(t, file, stretches...)
	h, err := stream.ReadHeader(bytes.NewReader(encoded), int64(len(encoded)))
	if err != nil || !slices.EqualFunc(h.Stretches(), stretches, stream.Stretch.SamePart) || !slices.Equal(h.Sources(), []int64{1}) {
		t.Errorf("the header has %v of %v, error %v", h.Stretches(), h.Sources(), err)
	}
	s := &itself{library{1: encode(t, wave(integers(2, 8000, 16), other, 0))}, encoded, nil}
	if got, err := decodeWith(encoded, s); err != nil || !bytes.Equal(got, file) {
		t.Fatalf("%d bytes come back of %d, error %v", len(got), len(file), err)
	}
	if len(s.asked) < 4 || slices.Max(s.asked) > 1 {
		t.Errorf("segments need so many others: %v", s.asked)
	}
	begin, replaced, err := stream.Relocate(bytes.NewReader(encoded), int64(len(encoded)), func(r stream.Reference) (stream.Reference, error) {
		r.Source++
		return r, nil
	})
	s.library = library{2: s.library[1]}
	s.encoded = append(begin, encoded[replaced:]...)
	if err != nil || !bytes.Equal(must(decodeWith(s.encoded, s)), file) {
		t.Errorf("with the other recording elsewhere, it does not come back, error %v", err)
	}
}

// must returns nothing where there is an error.
func must(b []byte, err error) []byte {
	if err != nil {
		return nil
	}
	return b
}

// TestReferencesToWhatRepeats has a recording refer to one that refers to itself, and forges one of
// which it does not get anything.
func TestReferencesToWhatRepeats(t *testing.T) {
	theme := tune(1, 20_000)[0]
	samples := slices.Concat(theme, theme)
	file := wave(integers(1, 8000, 16), [][]int32{samples}, 0)
	again := stream.Stretch{Start: 20_000, Frames: 20_000, Reference: stream.Reference{Channels: []int{0}}}
	source := &itself{nil, referring(t, file, again), nil}
	part := wave(integers(1, 8000, 16), [][]int32{samples[5000:35_000]}, 0)
	encoded := referring(t, part, stream.Stretch{Frames: 30_000, Reference: stream.Reference{Source: 1, First: 5000, Channels: []int{0}}})
	if got, err := decodeWith(encoded, repeated{source}); err != nil || !bytes.Equal(got, part) {
		t.Errorf("%d bytes come back of %d, error %v", len(got), len(part), err)
	}
	third := wave(integers(1, 8000, 16), [][]int32{slices.Concat(samples, theme)}, 0)
	chain := again
	chain.Start, chain.First = 40_000, 20_000
	forged := referring(t, third, again, chain)
	if _, err := decodeWith(forged, &itself{nil, forged, nil}); err == nil || !strings.Contains(err.Error(), "refers to another recording itself") {
		t.Errorf("a reference to a reference: got %v", err)
	}
}

// repeated has a stream that refers to itself, as another one.
type repeated struct{ *itself }

func (s repeated) Samples(ctx context.Context, r stream.Reference, frames int, _ func([][]int32)) (recording.Kind, [][]int32, error) {
	d, err := stream.NewDecoder(bytes.NewReader(s.encoded), int64(len(s.encoded)), coders)
	if err != nil {
		return 0, nil, err
	}
	d.Refer(s.itself)
	return d.Stretch(r, frames, nil, func(i int, _ func([][]int32)) ([][]int32, error) {
		p, err := d.Part(ctx, i, nil)
		return p.Stored(), err
	})
}

// TestReferencesToWhatComesLater forges references of a recording to itself.
func TestReferencesToWhatComesLater(t *testing.T) {
	half := tune(1, 2000)[0]
	file := wave(integers(1, 8000, 16), [][]int32{slices.Concat(half, half)}, 0)
	for name, stretch := range map[string]stream.Stretch{
		"to a later part": {Start: 0, Frames: 2000, Reference: stream.Reference{First: 2000, Channels: []int{0}}},
		"to itself":       {Start: 1000, Frames: 3000, Reference: stream.Reference{First: 1000, Channels: []int{0}}},
	} {
		encoded := referring(t, file, stretch)
		_, err := decodeWith(encoded, &itself{nil, encoded, nil})
		if err == nil || !strings.Contains(err.Error(), "does not come before") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestFLACRefers(t *testing.T) {
	samples := tune(2, 20_000)
	l := library{3: encode(t, wave(integers(2, 44100, 24), samples, 8))}
	file := flacFile(t, flac.Format{Channels: 2, Bits: 16, SampleRate: 44100}, samples)
	e, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	sound := e.Sound().Open(bytes.NewReader(file))
	if got, err := sound.Samples(10, 19_000); err != nil || !slices.Equal(got[1], samples[1][10:19_010]) {
		t.Errorf("other samples are read, error %v", err)
	}
	e.Refer(stream.Reference{Source: 7, Shift: -8, Channels: []int{0, 1}})
	begin, err := e.BeginFor(func(source int64) (int64, uint32, error) { return source - 4, 77, nil })
	if err != nil {
		t.Fatal(err)
	}
	encoded := wholeOf(t, e, begin)
	if got, err := decodeWith(encoded, l); err != nil || !bytes.Equal(got, file) {
		t.Errorf("%d bytes come back of %d, error %v", len(got), len(file), err)
	}
	if len(encoded) > len(file)/10 {
		t.Errorf("%d bytes take %d", len(file), len(encoded))
	}
}

// TestWhatReferencesCannotGet has references to what is not there.
func TestWhatReferencesCannotGet(t *testing.T) {
	samples := tune(1, 2000)
	file := wave(integers(1, 8000, 16), samples, 0)
	refer := func(r stream.Reference) []byte {
		r.Channels = []int{r.Channels[0]}
		return referring(t, file, stream.Stretch{Frames: 2000, Reference: r})
	}
	floats := []recording.Span{{Size: 8000, Format: recording.Format{Kind: recording.Float, Channels: 1, SampleRate: 8000, Width: 4, ValidBits: 32}}}
	e, err := stream.NewEncoder(context.Background(), bytes.NewReader(make([]byte, 8000)), floats, deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	damaged := encode(t, file)
	damaged[len(damaged)-1] ^= 1
	l := library{
		1: encode(t, file), 2: refer(stream.Reference{Source: 1, Channels: []int{0}}), 3: wholeOf(t, e, e.Begin()), 4: damaged,
		5: encode(t, wave(integers(1, 8000, 24), samples, 9)), 6: encode(t, wave(integers(1, 8000, 24), samples, 7)),
	}
	for name, c := range map[string]struct {
		reference stream.Reference
		want      string
	}{
		"nowhere":         {stream.Reference{Source: 9, Channels: []int{0}}, "not in the library"},
		"to a reference":  {stream.Reference{Source: 2, Channels: []int{0}}, "refers to another recording itself"},
		"to floats":       {stream.Reference{Source: 3, Channels: []int{0}}, "which has others"},
		"to damage":       {stream.Reference{Source: 4, Channels: []int{0}}, "segment 1 of 1 is damaged"},
		"behind the end":  {stream.Reference{Source: 1, First: 1, Channels: []int{0}}, "no frames 1 to 2000"},
		"second channel":  {stream.Reference{Source: 1, Channels: []int{1}}, "in channel 2"},
		"twice as loud":   {stream.Reference{Source: 5, Shift: -8, Channels: []int{0}}, "checksum mismatch"},
		"lost bits":       {stream.Reference{Source: 6, Shift: -8, Channels: []int{0}}, "more bits"},
		"other samples":   {stream.Reference{Source: 5, Shift: -10, Channels: []int{0}}, "more bits"},
		"shifted too far": {stream.Reference{Source: 1, Shift: 3, Channels: []int{0}}, "more bits"},
	} {
		if _, err := decodeWith(refer(c.reference), l); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
	if _, err := decodeWith(l[2], nil); err == nil || !strings.Contains(err.Error(), "not at hand") {
		t.Errorf("without sources: got %v", err)
	}
	l[1] = encode(t, wave(integers(1, 8000, 16), [][]int32{slices.Concat(samples[0][1:], []int32{0})}, 0))
	if _, err := decodeWith(l[2], l); err == nil || !strings.Contains(err.Error(), "checksum mismatch") {
		t.Errorf("other samples: got %v", err)
	}
}

// TestFlippedBitsOfReferences flips every bit of a stream that refers to another.
func TestFlippedBitsOfReferences(t *testing.T) {
	sequential(t)
	samples := tune(1, 3000)
	file := wave(integers(1, 8000, 16), samples, 0)
	l := library{1: encode(t, file)}
	encoded := referring(t, file, stream.Stretch{Start: 100, Frames: 2800, Reference: stream.Reference{Source: 1, First: 100, Channels: []int{0}}})
	if got, err := decodeWith(encoded, l); err != nil || !bytes.Equal(got, file) {
		t.Fatalf("%d bytes come back, error %v", len(got), err)
	}
	for at := range encoded {
		for bit := range 8 {
			damaged := slices.Clone(encoded)
			damaged[at] ^= 1 << bit
			if _, err := decodeWith(damaged, l); err == nil {
				t.Errorf("bit %d of byte %d was flipped, and nothing was found", bit, at)
			}
		}
	}
}

package stream_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// longFLAC is a FLAC file of several segments.
func longFLAC(t *testing.T) []byte {
	f := flac.Format{Channels: 1, Bits: 16, SampleRate: 8000}
	return flacFile(t, f, recordingtest.Tone(1, 3<<18, 16))
}

func TestDamageCostsOneSegmentOfFLAC(t *testing.T) {
	sequential(t)
	c := newMemory()
	_, parts, encoded := encodeFLAC(t, longFLAC(t), c)
	if len(parts) < 5 {
		t.Fatalf("there are %d parts", len(parts))
	}
	at := headerSize(encoded)
	for i, p := range parts {
		if len(p.Encoded) == 0 {
			continue
		}
		for _, offset := range []int{0, len(p.Encoded) - 1, 4, 40, len(p.Encoded) / 2} {
			damaged := slices.Clone(encoded)
			damaged[at+offset] ^= 0x40
			if lost := lostFLAC(t, damaged, len(parts), c); !slices.Equal(lost, []int{i}) {
				t.Errorf("byte %d of part %d is damaged, and %v are lost", offset, i, lost)
			}
		}
		at += len(p.Encoded)
	}
}

// lostFLAC returns which parts of a stream of FLAC are lost. What takes their
// place is frames of silence.
func lostFLAC(t *testing.T, encoded []byte, parts int, c stream.SegmentCoder) (lost []int) {
	t.Helper()
	d := decoderOf(t, encoded, c)
	if d.Parts() != parts {
		t.Fatalf("there are %d parts, want %d", d.Parts(), parts)
	}
	for i := range parts {
		if _, err := d.Part(context.Background(), i, nil); err == nil {
			continue
		}
		lost = append(lost, i)
		p, err := d.Rest(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		if !p.Audio() && int64(len(p.Raw)) != p.Size || !bytes.Equal(p.PCM(), make([]byte, p.Frames*int64(p.Format.FrameBytes()))) {
			t.Errorf("part %d becomes %d bytes, %d of audio", i, len(p.Raw), len(p.PCM()))
		}
		if !p.Audio() {
			continue
		}
		f := flac.Format{Channels: p.Format.Channels, Bits: p.Format.ValidBits, SampleRate: p.Format.SampleRate}
		if samples, err := recipe.Decode(f, p.Raw, int(p.Frames)); err != nil || int64(len(samples[0])) != p.Frames || slices.ContainsFunc(samples[0], func(v int32) bool { return v != 0 }) {
			t.Errorf("part %d: the frames hold %d samples of %d, or no silence; error %v", i, len(samples[0]), p.Frames, err)
		}
	}
	return lost
}

func TestFLACThatCannotBeRebuilt(t *testing.T) {
	file := longFLAC(t)
	flipped := slices.Clone(file)
	flipped[len(flipped)/2] ^= 1
	for name, b := range map[string][]byte{"flipped": flipped, "cut": file[:len(file)/2], "head only": file[:50]} {
		_, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(b), int64(len(b)), deltaCoder{}, 2, nil)
		var problem *recipe.Problem
		if !errors.As(err, &problem) || problem.Reason == "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	wav := silent("")
	if _, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(wav), int64(len(wav)), deltaCoder{}, 2, nil); !errors.Is(err, recipe.ErrNotFLAC) {
		t.Errorf("a WAV file: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := stream.NewFLACEncoder(ctx, bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("after cancel: got %v", err)
	}
}

// TestFLACThatChanges has the file change between the analysis and the coding.
func TestFLACThatChanges(t *testing.T) {
	f := flac.Format{Channels: 1, Bits: 16, SampleRate: 8000}
	file := flacFile(t, f, recordingtest.Tone(1, 20000, 16))
	e, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	file[len(file)-1000] ^= 1 // which the reader shares
	if _, err := e.Part(context.Background(), 1, nil); err == nil {
		t.Error("nobody noticed")
	}
}

func TestImpossibleFLACSpans(t *testing.T) {
	const flacSpan = 3
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 255, 127}
	for name, spans := range map[string][]byte{
		"9 channels":           {flacSpan, 2, 9, 8, 1, 100, 50},
		"5 bytes":              {flacSpan, 5, 1, 8, 1, 100, 50},
		"no bytes wide":        {flacSpan, 0, 1, 8, 1, 100, 50},
		"8 bits of 16":         {flacSpan, 2, 1, 8 | 0x80, 8, 1, 100, 50},
		"3 bits of 8":          {flacSpan, 1, 1, 8 | 0x80, 5, 1, 100, 50},
		"a high rate":          {flacSpan, 2, 1, 0, 0x80, 0x80, 0x40, 1, 100, 50},
		"no segments":          {flacSpan, 2, 1, 8, 0},
		"no frames":            {flacSpan, 2, 1, 8, 1, 0, 50},
		"no size":              {flacSpan, 2, 1, 8, 1, 100, 0},
		"too large":            {flacSpan, 2, 1, 8, 1, 1, 129, 1},
		"too many frames":      {flacSpan, 2, 2, 8, 1, 0x81, 0x80, 0x80, 2, 50},
		"segments without end": append([]byte{flacSpan, 2, 1, 8}, huge...),
		"it ends":              {flacSpan, 2, 1, 8, 2, 100, 50},
		"after the usual head": {2, flacSpan, 2, 1, 8, 1, 100, 50},
	} {
		_, err := stream.NewDecoder(bytes.NewReader(header(spans...)), int64(len(header(spans...))), coders)
		var damage *stream.DamageError
		if !errors.As(err, &damage) || damage.What != "header" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestForgedFLAC has recipes that are not those of the samples, and right checksums
// of record headers.
func TestForgedFLAC(t *testing.T) {
	c := newMemory()
	f := flac.Format{Channels: 1, Bits: 16, SampleRate: 8000}
	_, parts, encoded := encodeFLAC(t, flacFile(t, f, recordingtest.Tone(1, 20000, 16)), c)
	at := headerSize(encoded) + len(parts[0].Encoded)
	r := record{start: at}
	for _, other := range records(encoded) {
		if other.start == at {
			r = other
		}
	}
	for i := range 200 {
		forged := slices.Clone(encoded)
		forged[r.start+r.size-1-i%(r.size-r.header)] ^= byte(1 + i)
		resealAll(forged)
		if errs := readAllOf(decoderOf(t, forged, c)); len(errs) != 1 {
			t.Fatalf("byte %d: got %v", i, errs)
		}
	}
}

// readAllOf decodes all parts and returns all errors.
func readAllOf(d *stream.Decoder) (errs []error) {
	for i := range d.Parts() {
		if _, err := d.Part(context.Background(), i, nil); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

package stream_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// inBlocks is a coder that hands samples out before it has all: a thousand frames at a
// time, or fewer.
type inBlocks struct{ stream.SegmentCoder }

func (c inBlocks) DecodeGradually(
	ctx context.Context, data []byte, channels, frames, bits int, progress func(int), ready func(samples [][]int32),
) ([][]int32, error) {
	samples, err := c.Decode(ctx, data, channels, frames, bits, progress)
	if err != nil {
		return nil, err
	}
	step := min(1000, max(1, frames/3))
	for n := step; n < frames; n += step {
		first := make([][]int32, channels)
		for i := range first {
			first[i] = samples[i][:n:n]
		}
		ready(first)
	}
	return samples, nil
}

// part decodes a part gradually, and makes sure that what comes early is its beginning.
// early is how often something did.
func part(t *testing.T, d *stream.Decoder, i int) (whole stream.Part, early int) {
	t.Helper()
	var parts []stream.Part
	whole, err := d.PartGradually(context.Background(), i, nil, func(p stream.Part) { parts = append(parts, p) })
	if err != nil {
		t.Fatal(err)
	}
	frames := int64(0)
	for _, p := range parts {
		if p.Frames <= frames || p.Frames >= whole.Frames || p.Place.Offset != whole.Offset || p.Start != whole.Start || p.Time != whole.Time {
			t.Fatalf("after %d of %d frames there are %d from %d on", frames, whole.Frames, p.Frames, p.Start)
		}
		cut := p.Cut(frames, p.Frames-frames)
		pcm := whole.PCM()
		pcm = pcm[frames*int64(len(pcm))/whole.Frames : p.Frames*int64(len(pcm))/whole.Frames]
		if !bytes.HasPrefix(whole.Raw, p.Raw) || p.FLAC() != (p.Raw == nil) || !bytes.Equal(cut.PCM(), pcm) || cut.Start != p.Start+frames {
			t.Fatalf("the first %d frames of %d are others", p.Frames, whole.Frames)
		}
		if !p.FLAC() && (!bytes.HasSuffix(p.Raw, cut.Raw) || cut.Size != int64(len(cut.Raw)) || cut.Offset+cut.Size != p.Place.Offset+p.Size) {
			t.Fatalf("%d bytes are cut from %d of them", len(cut.Raw), len(p.Raw))
		}
		frames = p.Frames
	}
	return whole, len(parts)
}

// TestPartsComeGradually decodes recordings of all kinds.
func TestPartsComeGradually(t *testing.T) {
	sequential(t)
	for _, c := range recordingtest.Cases() {
		if len(c.Bytes) == 0 {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			encoded := encode(t, c.Bytes)
			var file []byte
			d := decoderOf(t, encoded, inBlocks{deltaCoder{}})
			for i := range d.Parts() {
				p, _ := part(t, d, i)
				file = append(file, p.Raw...)
			}
			if !bytes.Equal(file, c.Bytes) {
				t.Errorf("%d bytes come back of %d", len(file), len(c.Bytes))
			}
		})
	}
}

// TestWhatComesEarly counts it.
func TestWhatComesEarly(t *testing.T) {
	f := integers(2, 8000, 16)
	samples := recordingtest.Tone(2, 20_500, 16)
	wav := recordingtest.WAV(f, samples)
	floats := f
	floats.Kind, floats.Width, floats.ValidBits = recording.Float, 4, 32
	memory := newMemory()
	_, _, coded := encodeFLAC(t, flacFile(t, flac.Format{Channels: 2, Bits: 16, SampleRate: 8000}, samples), memory)
	for name, c := range map[string]struct {
		encoded []byte
		coder   stream.SegmentCoder
		early   int
	}{
		"integers":                {encode(t, wav), inBlocks{deltaCoder{}}, 20},
		"FLAC frames":             {coded, inBlocks{memory}, 20},
		"floats":                  {encode(t, recordingtest.WAV(floats, samples)), inBlocks{deltaCoder{}}, 0},
		"a coder that has it all": {encode(t, wav), deltaCoder{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d := decoderOf(t, c.encoded, c.coder)
			got := 0
			for i := range d.Parts() {
				_, early := part(t, d, i)
				got += early
			}
			if got != c.early {
				t.Errorf("something came early %d times, want %d", got, c.early)
			}
		})
	}
}

// TestDamageThatIsSeenLate hands out samples that are wrong, and says so.
func TestDamageThatIsSeenLate(t *testing.T) {
	f := integers(1, 8000, 16)
	encoded := encode(t, recordingtest.WAV(f, recordingtest.Tone(1, 20_500, 16)))
	encoded[len(encoded)-1] ^= 2
	d := decoderOf(t, encoded, inBlocks{deltaCoder{}})
	frames := int64(0)
	p, err := d.PartGradually(context.Background(), 1, nil, func(p stream.Part) { frames = p.Frames })
	var damage *stream.DamageError
	if !errors.As(err, &damage) || damage.Part != 1 || frames == 0 || p.Raw != nil {
		t.Errorf("%d frames were handed out, then %d bytes, error %v", frames, len(p.Raw), err)
	}
	if _, err := d.PartGradually(context.Background(), 0, nil, func(stream.Part) { t.Error("a head grows") }); err != nil {
		t.Error(err)
	}
}

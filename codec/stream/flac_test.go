package stream_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// flacFile is a FLAC file of samples, with a comment, padding and a tail.
func flacFile(t testing.TB, f flac.Format, samples [][]int32) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.flac")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	e, err := flac.NewEncoder(file, f, []flac.Comment{{Name: "TITLE", Value: "Song"}})
	if err == nil {
		err = errors.Join(e.Write(samples), e.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	padding := append([]byte{1, 0, 4, 0}, make([]byte, 1024)...)
	return append(slices.Insert(b, flac.HeaderSize, padding...), "a tail"...)
}

// demo returns a recording of the demo.
func demo(t testing.TB, name string) (flac.Format, [][]int32) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	f, samples, err := recordingtest.Audio(b)
	if err != nil {
		t.Fatal(err)
	}
	return flac.Format{Channels: f.Channels, Bits: f.ValidBits, SampleRate: f.SampleRate}, samples
}

// decoderOf returns a decoder of what a coder has coded.
func decoderOf(t testing.TB, encoded []byte, c stream.SegmentCoder) *stream.Decoder {
	t.Helper()
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) { return c, nil })
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// encodeFLAC returns the stream of a FLAC file, part by part.
func encodeFLAC(t testing.TB, file []byte, c stream.SegmentCoder) (*stream.Encoder, []stream.Part, []byte) {
	t.Helper()
	e, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), c, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	encoded := e.Begin()
	var parts []stream.Part
	for i := range e.Parts() {
		p, err := e.Part(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, p)
		encoded = append(encoded, p.Encoded...)
	}
	return e, parts, encoded
}

// comesBack makes sure that a FLAC file does, coded and stored, and that its samples
// are these.
func comesBack(t *testing.T, file []byte, samples [][]int32) {
	t.Helper()
	comesBackFrom(t, file, samples, newMemory())
	comesBackFrom(t, file, samples, deltaCoder{})
}

func comesBackFrom(t *testing.T, file []byte, samples [][]int32, c stream.SegmentCoder) {
	t.Helper()
	e, parts, encoded := encodeFLAC(t, file, c)
	d := decoderOf(t, encoded, c)
	if h := d.Header(); !h.FLAC() || h.Size() != int64(len(file)) || h.Frames() != int64(len(samples[0])) || !slices.Equal(h.Layout(), e.Header().Layout()) {
		t.Errorf("the header says %+v", h)
	}
	format := e.Header().Format()
	var raw, pcm []byte
	for i := range d.Parts() {
		p, err := d.Part(context.Background(), i, nil)
		if err != nil || !bytes.Equal(p.Encoded, parts[i].Encoded) || !bytes.Equal(p.PCM(), parts[i].PCM()) {
			t.Errorf("part %d differs: %v", i, err)
		}
		raw, pcm = append(raw, p.Raw...), append(pcm, p.PCM()...)
	}
	if !bytes.Equal(raw, file) {
		t.Errorf("%d bytes come back of %d", len(raw), len(file))
	}
	want := slices.Clone(samples)
	for c := range want {
		want[c] = slices.Clone(want[c])
		for i := range want[c] {
			want[c][i] <<= format.ContainerBits() - format.ValidBits
		}
	}
	if !bytes.Equal(pcm, format.PCM().Bytes(want)) {
		t.Error("other samples come back")
	}
}

// silentFLAC returns the stream of a FLAC file that holds silence, with a record for
// its head, one segment, and its tail.
func silentFLAC(t testing.TB) (file, encoded []byte) {
	t.Helper()
	silence := [][]int32{make([]int32, 80000)}
	file = flacFile(t, flac.Format{Channels: 1, Bits: 16, SampleRate: 8000}, silence)
	file = append(file, strings.Repeat("more", 40)...)
	_, parts, encoded := encodeFLAC(t, file, silenceCoder{})
	if len(parts) != 3 || len(parts[1].Encoded) >= len(parts[1].Raw) {
		t.Fatalf("%d parts, %d bytes became %d", len(parts), len(parts[1].Raw), len(parts[1].Encoded))
	}
	return file, encoded
}

// TestGoldenFLAC holds the stream of a FLAC file against one that was written when
// its version was published.
func TestGoldenFLAC(t *testing.T) {
	golden := filepath.Join("testdata", "golden", "silence.flac")
	if *update {
		file, encoded := silentFLAC(t)
		if err := errors.Join(os.WriteFile(golden, file, 0o644), os.WriteFile(golden+".stream", encoded, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	file, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(golden + ".stream")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, encoded := encodeFLAC(t, file, silenceCoder{}); !bytes.Equal(encoded, want) {
		t.Errorf("the stream made now (%d bytes) differs from %s.stream (%d bytes)", len(encoded), golden, len(want))
	}
	var back []byte
	d := decoderOf(t, want, silenceCoder{})
	for i := range d.Parts() {
		p, err := d.Part(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		back = append(back, p.Raw...)
	}
	if !bytes.Equal(back, file) {
		t.Errorf("%s.stream does not decode to its file", golden)
	}
}

func TestFLACComesBack(t *testing.T) {
	names := []string{"speech/reading-8bit.wav", "music/piano.wav", "music/bass-24bit.wav"}
	if testing.Short() {
		names = names[:1]
	}
	for _, name := range names {
		f, samples := demo(t, name)
		comesBack(t, flacFile(t, f, samples), samples)
	}
	for _, bits := range []int{4, 5, 8, 12, 16, 20, 24, 31, 32} {
		f := flac.Format{Channels: 2, Bits: bits, SampleRate: 12345}
		samples := recordingtest.Tone(2, 9001, bits)
		comesBack(t, flacFile(t, f, samples), samples)
	}
}

// TestFLACOfOtherPrograms has files whose blocks do not divide the segments.
func TestFLACOfOtherPrograms(t *testing.T) {
	sequential(t)
	tool, err := exec.LookPath("flac")
	if err != nil {
		t.Skip("there is no flac program")
	}
	f := integers(1, 8000, 16)
	samples := recordingtest.Tone(1, 2*stream.SegmentFrames(f, 1)+1000, 16)
	for _, options := range []string{"-8 -b 4608", "-8 --no-padding", "-5 --lax -b 65535"} {
		path := filepath.Join(t.TempDir(), "a.wav")
		if err := os.WriteFile(path, recordingtest.WAV(f, samples), 0o644); err != nil {
			t.Fatal(err)
		}
		command := exec.Command(tool, append(strings.Fields(options), "-s", path)...)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("flac %s: %v: %s", options, err, out)
		}
		file, err := os.ReadFile(strings.TrimSuffix(path, "wav") + "flac")
		if err != nil {
			t.Fatal(err)
		}
		comesBack(t, file, samples)
	}
}

func TestFindKnowsFLAC(t *testing.T) {
	sequential(t)
	file := longFLAC(t)
	for name, b := range map[string][]byte{"plain": file, "behind ID3": append([]byte("ID3\x04\x00\x00\x00\x00\x00\x01x"), file...)} {
		f, err := recording.Find(bytes.NewReader(b), int64(len(b)))
		if err != nil || f.Container != recording.FLAC || len(f.Spans) != 1 || len(f.Reasons) != 1 || f.Reasons[0].Kind != recording.Compressed {
			t.Errorf("%s: got %+v, %v", name, f, err)
		}
	}
}

// TestSamplesAlone reads samples here and there of a file with several segments, of bits that do not fill bytes.
func TestSamplesAlone(t *testing.T) {
	f := flac.Format{Channels: 2, Bits: 12, SampleRate: 8000}
	file := flacFile(t, f, recordingtest.Tone(2, 2*stream.SegmentFrames(integers(2, 8000, 16), 1)+1000, 12))
	e, err := stream.LookIntoFLAC(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.Parts() != whole.Parts() || e.Header().Frames() != whole.Header().Frames() || !slices.Equal(e.Header().Layout(), whole.Header().Layout()) {
		t.Errorf("%d parts, %d frames, want %d, %d", e.Parts(), e.Header().Frames(), whole.Parts(), whole.Header().Frames())
	}
	if _, err := e.Part(context.Background(), 1, nil); err == nil {
		t.Error("a part is made without a recipe")
	}
	if block := e.Sound().Block(); block != flac.BlockSize {
		t.Errorf("a FLAC frame has %d samples", block)
	}
	sound := e.Sound().Open(bytes.NewReader(file))
	end := e.Place(1).Start + e.Place(1).Frames
	for _, place := range []struct{ first, frames int64 }{{0, 1}, {end - 10, 5000}, {end, 1}, {sound.Frames() - 1, 1}, {100, sound.Frames() - 100}} {
		want, err := sound.Samples(place.first, int(place.frames))
		if err != nil {
			t.Fatal(err)
		}
		got, size, err := sound.SamplesAlone(place.first, int(place.frames))
		if err != nil || !slices.EqualFunc(got, want, slices.Equal) || size < 0 || size > int64(len(file)) {
			t.Errorf("%d frames from %d on are others, or have %d bytes: %v", place.frames, place.first, size, err)
		}
	}
}

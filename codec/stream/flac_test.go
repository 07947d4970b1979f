package stream_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
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

// memoryCoder remembers samples by a checksum of them, so that what it makes of any
// is smaller than FLAC frames. deltaCoder makes something larger.
type memoryCoder struct{ known *sync.Map }

func newMemory() memoryCoder { return memoryCoder{&sync.Map{}} }

func (memoryCoder) ID() [32]byte { return [32]byte{'m', 'e', 'm', 'o', 'r', 'y'} }

func (c memoryCoder) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	copied := slices.Clone(samples)
	for i := range copied {
		copied[i] = slices.Clone(copied[i])
	}
	name := sha256.Sum256(fmt.Append(nil, bits, samples))
	c.known.Store(name, copied)
	return name[:], nil
}

func (c memoryCoder) Decode(_ context.Context, data []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	if len(data) != sha256.Size {
		return nil, errors.New("not what it makes")
	}
	samples, ok := c.known.Load([sha256.Size]byte(data))
	if !ok {
		return nil, errors.New("unknown samples")
	}
	return samples.([][]int32), nil
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
	tool, err := exec.LookPath("flac")
	if err != nil {
		t.Skip("there is no flac program")
	}
	f := integers(1, 8000, 16)
	samples := recordingtest.Tone(1, 2*stream.SegmentFrames(f, 1)+1000, 16)
	all := []string{"-8 -b 4608", "-8 --no-padding", "-5 --lax -b 65535"}
	if testing.Short() {
		all = all[:1]
	}
	for _, options := range all {
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

// longFLAC is a FLAC file of several segments.
func longFLAC(t *testing.T) []byte {
	f := flac.Format{Channels: 1, Bits: 16, SampleRate: 8000}
	return flacFile(t, f, recordingtest.Tone(1, 3<<18, 16))
}

func TestDamageCostsOneSegmentOfFLAC(t *testing.T) {
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
		offsets := []int{0, len(p.Encoded) - 1, 4, 40, len(p.Encoded) / 2}
		if testing.Short() {
			offsets = offsets[:2]
		}
		for _, offset := range offsets {
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

func TestFindKnowsFLAC(t *testing.T) {
	file := longFLAC(t)
	for name, b := range map[string][]byte{"plain": file, "behind ID3": append([]byte("ID3\x04\x00\x00\x00\x00\x00\x01x"), file...)} {
		f, err := recording.Find(bytes.NewReader(b), int64(len(b)))
		if err != nil || f.Container != recording.FLAC || len(f.Spans) != 1 || len(f.Reasons) != 1 || f.Reasons[0].Kind != recording.Compressed {
			t.Errorf("%s: got %+v, %v", name, f, err)
		}
	}
}

package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"sync"
	"testing"
	"time"

	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"

	"pgregory.net/rapid"
)

// integers is a format of WAV files.
func integers(channels int, rate uint32, bits int) recording.Format {
	return recording.Format{Channels: channels, SampleRate: rate, Width: bits / 8, ValidBits: bits, Unsigned: bits == 8}
}

// find returns the spans of a file.
func find(t testing.TB, file []byte) []recording.Span {
	t.Helper()
	f, err := recording.Find(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	return f.Spans
}

func newEncoder(t testing.TB, file []byte, c stream.SegmentCoder) *stream.Encoder {
	t.Helper()
	e, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), find(t, file), c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// encode returns the whole stream of a file, and checks that the raw bytes that
// the Encoder reports are the file.
func encode(t testing.TB, file []byte) []byte {
	t.Helper()
	return encodeWith(t, file, deltaCoder{})
}

func encodeWith(t testing.TB, file []byte, c stream.SegmentCoder) []byte {
	t.Helper()
	e := newEncoder(t, file, c)
	encoded := e.Begin()
	var raw []byte
	for i := range e.Parts() {
		p, err := e.Part(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p.Offset != int64(len(raw)) || p.Size != int64(len(p.Raw)) || p.Place.Offset != e.Place(i).Offset {
			t.Fatalf("part %d is said to be %d bytes at %d; it is %d at %d", i, p.Size, p.Offset, len(p.Raw), len(raw))
		}
		encoded = append(encoded, p.Encoded...)
		raw = append(raw, p.Raw...)
	}
	if !bytes.Equal(raw, file) {
		t.Fatalf("the encoder's raw bytes (%d) are not the file (%d)", len(raw), len(file))
	}
	return encoded
}

func newDecoder(t testing.TB, encoded []byte) *stream.Decoder {
	t.Helper()
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// decode returns the file in a stream.
func decode(encoded []byte) ([]byte, error) {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
	if err != nil {
		return nil, err
	}
	var file []byte
	for i := range d.Parts() {
		p, err := d.Part(context.Background(), i, nil)
		if err != nil {
			return nil, err
		}
		file = append(file, p.Raw...)
	}
	return file, nil
}

// sequential skips a test that does one thing after the other when tests are to be short: then they are for the race
// detector, which finds nothing in it.
func sequential(t testing.TB) {
	t.Helper()
	if testing.Short() {
		t.Skip("does one thing after the other")
	}
}

func TestCasesComeBack(t *testing.T) {
	sequential(t)
	for _, c := range recordingtest.Cases() {
		if len(c.Bytes) == 0 {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			encoded := encode(t, c.Bytes)
			if again := encode(t, c.Bytes); !bytes.Equal(again, encoded) {
				t.Error("the second stream differs from the first")
			}
			if limit := max(len(c.Bytes)+len(c.Bytes)/1000, len(c.Bytes)+100); len(encoded) > limit {
				t.Errorf("%d bytes became %d", len(c.Bytes), len(encoded))
			}
			back, err := decode(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(back, c.Bytes) {
				t.Errorf("the %d bytes that come back are not the original %d", len(back), len(c.Bytes))
			}
			if got := newDecoder(t, encoded).Header().Layout(); !slices.Equal(got, find(t, c.Bytes)) {
				t.Errorf("the spans %v come back", got)
			}
		})
	}
}

// TestLittleStandsAround makes sure that a short WAV file costs at most 24 bytes
// beside its payload.
func TestLittleStandsAround(t *testing.T) {
	f := integers(1, 44100, 16)
	samples := recordingtest.Tone(1, 2205, 16)
	payload, err := deltaCoder{}.Encode(context.Background(), samples, 16, nil)
	if err != nil {
		t.Fatal(err)
	}
	if encoded := encode(t, recordingtest.WAV(f, samples)); len(encoded) > len(payload)+24 {
		t.Errorf("%d bytes around a payload of %d", len(encoded)-len(payload), len(payload))
	}
}

// TestUsualHead makes sure that the head that most files have takes no room, and
// that one which is not quite like it comes back, too.
func TestUsualHead(t *testing.T) {
	const headSize = 44
	for _, f := range []recording.Format{integers(1, 8000, 8), integers(2, 44100, 16), integers(2, 192000, 24)} {
		file := recordingtest.WAV(f, slices.Repeat(recordingtest.Tone(1, 101, 8), f.Channels))
		if coded := encode(t, file); bytes.Contains(coded, []byte("WAVEfmt")) {
			t.Errorf("%+v: the head is in its stream", f)
		}
		for at := range headSize {
			for _, change := range []byte{1, 0x80, 0xFF} {
				other := slices.Clone(file)
				other[at] ^= change
				if back, err := decode(encode(t, other)); err != nil || !bytes.Equal(back, other) {
					t.Errorf("%+v, byte %d of the head ^ %#x: another file comes back, %v", f, at, change, err)
				}
			}
		}
	}
}

// longFile returns a WAV file of four segments, with a head of four and a tail of
// three pieces.
func longFile(t testing.TB) ([]byte, recording.Format) {
	t.Helper()
	f := integers(1, 8000, 16)
	plain := recordingtest.WAV(f, recordingtest.Tone(1, 3*stream.SegmentFrames(f, 1)+1000, 16))
	const dataChunk = 36
	junk := func(size int) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte("JUNK"), uint32(size)), make([]byte, size)...)
	}
	return slices.Concat(plain[:dataChunk], junk(3<<20), plain[dataChunk:], junk(2<<20)), f
}

func TestPartsInAnyOrder(t *testing.T) {
	file, f := longFile(t)
	e := newEncoder(t, file, deltaCoder{})
	const parts, firstSegment, segments = 4 + 4 + 3, 4, 4
	if e.Parts() != parts {
		t.Fatalf("got %d parts, want %d", e.Parts(), parts)
	}
	want := encode(t, file)
	d := newDecoder(t, want)
	if d.Parts() != parts || d.Header().Size() != int64(len(file)) || d.Header().Format() != f || d.Header().Frames() != e.Header().Frames() {
		t.Errorf("decoder says %+v, %d parts; encoder says %+v", d.Header(), d.Parts(), e.Header())
	}
	length := int64(e.Header().Spans[1].SegmentFrames)
	var group sync.WaitGroup
	for _, i := range []int{5, 9, 0, 10, 7, 1, 2, 5, 3, 4, 8, 6, 1} {
		group.Go(func() {
			encoded, err := e.Part(context.Background(), i, nil)
			if err != nil {
				t.Error(err)
				return
			}
			decoded, err := d.Part(context.Background(), i, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if audio := i >= firstSegment && i < firstSegment+segments; decoded.Audio() != audio || encoded.Audio() != audio {
				t.Errorf("part %d is audio: %v", i, decoded.Audio())
			} else if start := int64(i-firstSegment) * length; audio && (decoded.Start != start || decoded.Time != time.Duration(start)*time.Second/8000) {
				t.Errorf("part %d starts at frame %d, %v", i, decoded.Start, decoded.Time)
			}
			if !bytes.Equal(decoded.Raw, encoded.Raw) || !bytes.Equal(decoded.Encoded, encoded.Encoded) ||
				!slices.EqualFunc(decoded.Samples, encoded.Samples, slices.Equal[[]int32]) {
				t.Errorf("part %d does not come back", i)
			}
			if !bytes.Contains(want, encoded.Encoded) {
				t.Errorf("part %d is not the same in another order", i)
			}
		})
	}
	group.Wait()
}

func TestNoSuchPart(t *testing.T) {
	sequential(t)
	file, _ := longFile(t)
	e := newEncoder(t, file, deltaCoder{})
	d := newDecoder(t, encode(t, file))
	for _, i := range []int{-1, e.Parts()} {
		if _, err := e.Part(context.Background(), i, nil); err == nil {
			t.Errorf("part %d encodes", i)
		}
		if _, err := d.Part(context.Background(), i, nil); err == nil {
			t.Errorf("part %d decodes", i)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Part(ctx, 5, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("encoding after cancel: got %v", err)
	}
	if _, err := d.Part(ctx, 5, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("decoding after cancel: got %v", err)
	}
}

// anyFormat is a possible format of samples.
func anyFormat(t *rapid.T) recording.Format {
	kind := rapid.SampledFrom([]recording.Kind{recording.Integer, recording.Float, recording.MuLaw, recording.ALaw}).Draw(t, "kind")
	width := 1
	switch kind {
	case recording.Integer:
		width = rapid.IntRange(1, 4).Draw(t, "width")
	case recording.Float:
		width = rapid.SampledFrom([]int{4, 8}).Draw(t, "width")
	}
	f := recording.Format{Kind: kind, Width: width, ValidBits: 8 * width, Channels: rapid.IntRange(1, 9).Draw(t, "channels")}
	f.SampleRate = rapid.SampledFrom([]uint32{1, 8000, 44100, 44101, 384000, math.MaxUint32}).Draw(t, "rate")
	f.BigEndian = width > 1 && rapid.Bool().Draw(t, "big-endian")
	f.Unsigned = kind == recording.Integer && width == 1 && rapid.Bool().Draw(t, "unsigned")
	if kind == recording.Integer {
		f.ValidBits = rapid.IntRange(1, 8*width).Draw(t, "valid bits")
	}
	return f
}

// TestAnySpansComeBack makes streams of spans of any kind, in any order.
func TestAnySpansComeBack(t *testing.T) {
	sequential(t)
	rapid.Check(t, func(t *rapid.T) {
		var file []byte
		var spans []recording.Span
		for range rapid.IntRange(1, 6).Draw(t, "spans") {
			s := recording.Span{Offset: int64(len(file))}
			n := rapid.IntRange(1, 100).Draw(t, "length")
			if rapid.Bool().Draw(t, "audio") {
				s.Format = anyFormat(t)
				n *= s.Format.FrameBytes()
			}
			file = append(file, rapid.SliceOfN(rapid.Byte(), n, n).Draw(t, "bytes")...)
			s.Size = int64(n)
			spans = append(spans, s)
		}
		e, err := stream.NewEncoder(context.Background(), bytes.NewReader(file), spans, deltaCoder{})
		if err != nil {
			t.Fatal(err)
		}
		encoded := e.Begin()
		for i := range e.Parts() {
			p, err := e.Part(context.Background(), i, nil)
			if err != nil {
				t.Fatal(err)
			}
			encoded = append(encoded, p.Encoded...)
		}
		back, err := decode(encoded)
		if err != nil || !bytes.Equal(back, file) {
			t.Fatalf("%d bytes come back of %d: %v", len(back), len(file), err)
		}
		d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
		if err != nil || !slices.Equal(d.Header().Layout(), spans) {
			t.Fatalf("%+v come back of %+v: %v", d.Header().Layout(), spans, err)
		}
	})
}

// TestCompanded makes sure that what other programs hear of companded audio is
// what G.711 says, and that both zeros come back.
func TestCompanded(t *testing.T) {
	codes := make([]byte, 256)
	for i := range codes {
		codes[i] = byte(i)
	}
	for kind, want := range map[recording.Kind]map[byte]int32{
		recording.MuLaw: {0x00: -32124, 0x7F: 0, 0xFF: 0, 0x80: 32124, 0xFE: 8},
		recording.ALaw:  {0x2A: -32256, 0x55: -8, 0xD5: 8, 0xAA: 32256},
	} {
		f := recording.Format{Kind: kind, Width: 1, ValidBits: 8, Channels: 1, SampleRate: 8000}
		file := recordingtest.File("au", f, slices.Repeat(codes, 20))
		encoded := encode(t, file)
		if back, err := decode(encoded); err != nil || !bytes.Equal(back, file) {
			t.Errorf("%v: another file comes back, %v", kind, err)
		}
		d := newDecoder(t, encoded)
		p, err := d.Part(context.Background(), d.Parts()-1, nil)
		if err != nil {
			t.Fatal(err)
		}
		for code, value := range want {
			if got := p.Samples[0][code]; got != value {
				t.Errorf("%v: %#x is %d, want %d", kind, code, got, value)
			}
		}
	}
}

// cut is a file that was truncated after its layout was read.
type cut struct {
	io.ReaderAt
	size int64
}

func (c cut) ReadAt(b []byte, offset int64) (int, error) {
	if offset >= c.size {
		return 0, io.EOF
	}
	if rest := c.size - offset; int64(len(b)) > rest {
		n, _ := c.ReaderAt.ReadAt(b[:rest], offset)
		return n, io.EOF
	}
	return c.ReaderAt.ReadAt(b, offset)
}

func TestFileBecomesShorter(t *testing.T) {
	file, _ := longFile(t)
	r := &cut{bytes.NewReader(file), int64(len(file))}
	e, err := stream.NewEncoder(context.Background(), r, find(t, file), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	r.size = e.Place(5).Offset + 10
	for i, ok := range map[int]bool{0: true, 4: true, 5: false, 6: false, 10: false} {
		if _, err := e.Part(context.Background(), i, nil); (err == nil) != ok {
			t.Errorf("part %d: %v", i, err)
		}
	}
}

package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"

	"trilobyte/codec/stream"
	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"

	"pgregory.net/rapid"
)

// deltaCoder is a small lossless coder: differences between neighbouring
// samples as zigzag varints. It is enough to exercise the stream.
type deltaCoder struct{}

func (deltaCoder) ID() [32]byte { return [32]byte{'d', 'e', 'l', 't', 'a'} }

func (deltaCoder) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	data := []byte{byte(bits)}
	for _, channel := range samples {
		last := int64(0)
		for _, v := range channel {
			data = binary.AppendVarint(data, int64(v)-last)
			last = int64(v)
		}
	}
	return data, nil
}

func (deltaCoder) Decode(_ context.Context, data []byte, channels, frames, bits int, _ func(int)) ([][]int32, error) {
	if len(data) == 0 || int(data[0]) != bits {
		return nil, errors.New("other bits than encoded")
	}
	data = data[1:]
	samples := make([][]int32, channels)
	for c := range samples {
		last := int64(0)
		for range frames {
			v, n := binary.Varint(data)
			if n <= 0 {
				return nil, io.ErrUnexpectedEOF
			}
			data = data[n:]
			last += v
			samples[c] = append(samples[c], int32(last))
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(data))
	}
	return samples, nil
}

func newDelta(id [32]byte) (stream.SegmentCoder, error) {
	if c := (deltaCoder{}); id == c.ID() {
		return c, nil
	}
	return nil, errors.New("unknown model")
}

// encode returns the whole stream of a WAV file, and checks that the raw bytes
// that the Encoder reports are the file.
func encode(t testing.TB, file []byte) []byte {
	t.Helper()
	e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, head, err := e.Prologue()
	if err != nil {
		t.Fatal(err)
	}
	raw := bytes.Clone(head)
	for i := range e.Segments() {
		s, err := e.Segment(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, s.Encoded...)
		raw = append(raw, s.Raw...)
	}
	var tail, rawTail bytes.Buffer
	if err := e.Epilogue(&tail, &rawTail); err != nil {
		t.Fatal(err)
	}
	if raw = append(raw, rawTail.Bytes()...); !bytes.Equal(raw, file) {
		t.Fatalf("the encoder's raw bytes (%d) are not the file (%d)", len(raw), len(file))
	}
	return append(encoded, tail.Bytes()...)
}

// decode returns the WAV file in a stream.
func decode(encoded []byte) ([]byte, error) {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
	if err != nil {
		return nil, err
	}
	file, err := d.Prologue()
	if err != nil {
		return nil, err
	}
	for i := range d.Segments() {
		s, err := d.Segment(context.Background(), i, nil)
		if err != nil {
			return nil, err
		}
		file = append(file, s.Raw...)
	}
	out := bytes.NewBuffer(file)
	err = d.Epilogue(out)
	return out.Bytes(), err
}

func TestCasesComeBack(t *testing.T) {
	for _, c := range wavtest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			if !c.PCM {
				if _, err := stream.NewEncoder(bytes.NewReader(c.Bytes), int64(len(c.Bytes)), deltaCoder{}); !errors.Is(err, wav.ErrNotPCM) {
					t.Errorf("got %v, want ErrNotPCM", err)
				}
				return
			}
			encoded := encode(t, c.Bytes)
			if again := encode(t, c.Bytes); !bytes.Equal(again, encoded) {
				t.Error("the second stream differs from the first")
			}
			if limit := max(len(c.Bytes)+len(c.Bytes)/1000, len(c.Bytes)+200); len(encoded) > limit {
				t.Errorf("%d bytes became %d", len(c.Bytes), len(encoded))
			}
			back, err := decode(encoded)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(back, c.Bytes) {
				t.Errorf("the %d bytes that come back are not the original %d", len(back), len(c.Bytes))
			}
		})
	}
}

// TestUsualHead makes sure that the head that most files have takes no room, and that one which is not quite like it comes
// back, too.
func TestUsualHead(t *testing.T) {
	const headSize, headerSize, recordSize = 44, 76, 28
	for _, f := range []wav.Format{
		{Channels: 1, SampleRate: 8000, ContainerBits: 8, ValidBits: 8},
		{Channels: 2, SampleRate: 44100, ContainerBits: 16, ValidBits: 16},
		{Channels: 2, SampleRate: 192000, ContainerBits: 24, ValidBits: 24},
	} {
		file := wavtest.File(f, slices.Repeat(wavtest.Tone(1, 101, 8), f.Channels))
		coded := encode(t, file)
		if coded[4] != 2 || bytes.Contains(coded, []byte("WAVEfmt")) {
			t.Errorf("%+v: the head is in its stream of version %d", f, coded[4])
		}
		for at := range headSize {
			for _, change := range []byte{1, 0x80, 0xFF} {
				other := slices.Clone(file)
				other[at] ^= change
				e, err := stream.NewEncoder(bytes.NewReader(other), int64(len(other)), deltaCoder{})
				if err != nil {
					continue // no WAV file any more
				}
				coded := encode(t, other)
				if e.Header().UsualHead != (coded[4] == 2) {
					t.Fatalf("%+v, byte %d: the header says something else than the stream", f, at)
				}
				if back, err := decode(coded); err != nil || !bytes.Equal(back, other) {
					t.Errorf("%+v, byte %d of the head ^ %#x: another file comes back, %v", f, at, change, err)
				}
			}
		}
	}
}

// A file whose usual head changes while it is read is refused.
func TestUsualHeadChanges(t *testing.T) {
	file, _ := usual(t)
	e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), silenceCoder{})
	if err != nil {
		t.Fatal(err)
	}
	file[24]++ // the sample rate
	if _, _, err := e.Prologue(); err == nil {
		t.Error("nobody noticed")
	}
}

// longFile returns a WAV file of four segments, with a head and a tail of
// several records each, and the layout of it.
func longFile(t testing.TB) ([]byte, wav.Format) {
	t.Helper()
	f := wav.Format{Channels: 1, SampleRate: 8000, ContainerBits: 16, ValidBits: 16}
	plain := wavtest.File(f, wavtest.Tone(1, 3*stream.SegmentFrames(f, 1)+1000, 16))
	const dataChunk = 36
	junk := func(size int) []byte {
		return append(binary.LittleEndian.AppendUint32([]byte("JUNK"), uint32(size)), make([]byte, size)...)
	}
	return slices.Concat(plain[:dataChunk], junk(3<<20), plain[dataChunk:], junk(2<<20)), f
}

func TestSegmentsInAnyOrder(t *testing.T) {
	file, f := longFile(t)
	e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	if e.Segments() != 4 {
		t.Fatalf("got %d segments, want 4", e.Segments())
	}
	want := encode(t, file)
	d, err := stream.NewDecoder(bytes.NewReader(want), int64(len(want)), newDelta)
	if err != nil {
		t.Fatal(err)
	}
	if d.Header() != e.Header() || d.Segments() != 4 || d.Header().Size() != int64(len(file)) {
		t.Errorf("decoder says %+v, %d segments; encoder says %+v", d.Header(), d.Segments(), e.Header())
	}
	if got := e.File(); got.Format != f || got.Size != int64(len(file)) {
		t.Errorf("got %+v", got)
	}
	var group sync.WaitGroup
	for _, i := range []int{2, 0, 1, 2, 3, 1} {
		group.Go(func() {
			encoded, err := e.Segment(context.Background(), i, nil)
			if err != nil {
				t.Error(err)
				return
			}
			decoded, err := d.Segment(context.Background(), i, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if encoded.Start != int64(i*e.Header().SegmentFrames) || decoded.Start != encoded.Start {
				t.Errorf("segment %d starts at frame %d when encoded, %d when decoded", i, encoded.Start, decoded.Start)
			}
			if !bytes.Equal(decoded.Raw, encoded.Raw) || !bytes.Equal(decoded.Encoded, encoded.Encoded) ||
				!slices.EqualFunc(decoded.Samples, encoded.Samples, slices.Equal[[]int32]) {
				t.Errorf("segment %d does not come back", i)
			}
			if !bytes.Contains(want, encoded.Encoded) {
				t.Errorf("segment %d is not the same in another order", i)
			}
		})
	}
	group.Wait()
}

func TestNoSuchSegment(t *testing.T) {
	file, _ := longFile(t)
	encoded := encode(t, file)
	e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), newDelta)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []int{-1, 4} {
		if _, err := e.Segment(context.Background(), i, nil); err == nil {
			t.Errorf("segment %d encodes", i)
		}
		if _, err := d.Segment(context.Background(), i, nil); err == nil {
			t.Errorf("segment %d decodes", i)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := e.Segment(ctx, 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("encoding after cancel: got %v", err)
	}
	if _, err := d.Segment(ctx, 0, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("decoding after cancel: got %v", err)
	}
}

func TestSegmentFrames(t *testing.T) {
	tests := []struct {
		channels            int
		rate                uint32
		frames              int64
		wantFrames, wantAll int // of a segment, and segments
	}{
		{2, 44100, 0, 1318912, 0}, // 29.9 s
		{2, 44100, 1318912, 1318912, 1},
		{2, 44100, 1318913, 659456 + 4096, 2},
		{2, 44100, 60 * 44100, 663552, 4},
		{2, 44100, 300 * 44100, 827392, 16},
		{2, 44100, 3600 * 44100, 1241088, 128},
		{1, 48000, 1, 1437696, 1},
		{2, 48000, 1, 1437696, 1},
		{2, 192000, 1, 2097152, 1}, // as many samples as a segment may have
		{2, 192000, 60 * 192000, 1441792, 8},
		{8, 48000, 1, 524288, 1},
		{255, 48000, 1, 16384, 1},
		{255, 48000, 48000, 12288, 4},
		{1, 1, 1, 262144, 1},
		{1, 1<<32 - 1, 1 << 40, 4194304, 1 << 18},
		{1, 1<<32 - 1, 1<<40 + 1, 4194304, 1<<18 + 1},
	}
	for _, test := range tests {
		f := wav.Format{Channels: test.channels, SampleRate: test.rate, ContainerBits: 16, ValidBits: 16}
		got := stream.SegmentFrames(f, test.frames)
		h := stream.Header{Format: f, Frames: test.frames, SegmentFrames: got}
		if got != test.wantFrames || int(h.Segments()) != test.wantAll {
			t.Errorf("%d channels at %d Hz, %d frames: got %d segments of %d frames, want %d of %d",
				test.channels, test.rate, test.frames, h.Segments(), got, test.wantAll, test.wantFrames)
		}
	}
}

// TestSegmentFramesAreInBounds asks for the lengths of the segments of any file.
func TestSegmentFramesAreInBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := wav.Format{
			Channels:      rapid.IntRange(1, wav.MaxChannels).Draw(t, "channels"),
			SampleRate:    rapid.Uint32().Draw(t, "rate"),
			ContainerBits: 16, ValidBits: 16,
		}
		frames := rapid.Int64Range(0, 1<<62/int64(f.FrameBytes())).Draw(t, "frames")
		length := int64(stream.SegmentFrames(f, frames))
		if length < 4096 || length%4096 != 0 || length*int64(f.Channels) > stream.MaxSegmentSamples {
			t.Errorf("%d frames", length)
		}
	})
}

func TestAnyAudioComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := 8 * rapid.IntRange(1, 4).Draw(t, "bytes a sample")
		f := wav.Format{Channels: rapid.IntRange(1, 9).Draw(t, "channels"), SampleRate: 44100, ContainerBits: bits, ValidBits: bits}
		size := rapid.IntRange(0, 50).Draw(t, "frames") * f.FrameBytes()
		raw := rapid.SliceOfN(rapid.Byte(), size, size).Draw(t, "audio")
		tail := rapid.SliceOf(rapid.Byte()).Draw(t, "tail")
		file := append(wavtest.File(f, f.Samples(raw)), tail...)
		e, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
		if err != nil {
			t.Fatal(err)
		}
		encoded, _, err := e.Prologue()
		if err != nil {
			t.Fatal(err)
		}
		for i := range e.Segments() {
			s, err := e.Segment(context.Background(), i, nil)
			if err != nil {
				t.Fatal(err)
			}
			encoded = append(encoded, s.Encoded...)
		}
		var epilogue bytes.Buffer
		if err := e.Epilogue(&epilogue, io.Discard); err != nil {
			t.Fatal(err)
		}
		back, err := decode(append(encoded, epilogue.Bytes()...))
		if err != nil || !bytes.Equal(back, file) {
			t.Fatalf("%d bytes come back of %d: %v", len(back), len(file), err)
		}
	})
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
	e, err := stream.NewEncoder(r, int64(len(file)), deltaCoder{})
	if err != nil {
		t.Fatal(err)
	}
	r.size = 3<<20 + 1000 // in the first segment
	if _, err := e.Segment(context.Background(), 0, nil); err == nil {
		t.Error("segment 0 encodes")
	} else {
		t.Log(err)
	}
	if err := e.Epilogue(io.Discard, io.Discard); err == nil {
		t.Error("the tail encodes")
	}
	r.size = 50
	if _, _, err := e.Prologue(); err == nil {
		t.Error("the head encodes")
	}
}

func TestLargeHeadIsKeptWhole(t *testing.T) {
	file, _ := longFile(t)
	junk := binary.LittleEndian.AppendUint32([]byte("JUNK"), 64<<20)
	file = slices.Concat(file[:36], junk, make([]byte, 64<<20), file[36:])
	_, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), deltaCoder{})
	if !errors.Is(err, wav.ErrNotPCM) {
		t.Errorf("got %v, want ErrNotPCM", err)
	}
}

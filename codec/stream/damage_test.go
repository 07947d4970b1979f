package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/stream"
	"trilobyte/codec/wav"
	"trilobyte/codec/wav/wavtest"
)

const (
	headerSize       = 76
	recordHeaderSize = 28
)

// record is a record of a stream, found by the rules of codec/FORMAT.md.
type record struct {
	kind        byte
	number      int
	start, size int // bytes, from the start of the stream
}

// records walks a stream.
func records(encoded []byte) []record {
	var list []record
	for p := headerSize; p < len(encoded); {
		size := recordHeaderSize + int(binary.LittleEndian.Uint32(encoded[p+12:]))
		list = append(list, record{encoded[p], int(binary.LittleEndian.Uint32(encoded[p+4:])), p, size})
		p += size
	}
	return list
}

// checksum is the CRC-32C of b.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// reseal makes the checksum of a header or record header right again.
func reseal(b []byte) {
	binary.LittleEndian.PutUint32(b[len(b)-4:], checksum(b[:len(b)-4]))
}

// resealAll makes the checksums right again of the header and of all records,
// as far as there are any, but not those of the original bytes.
func resealAll(encoded []byte) {
	if len(encoded) < headerSize {
		return
	}
	reseal(encoded[:headerSize])
	for rest := encoded[headerSize:]; len(rest) >= recordHeaderSize; {
		size := recordHeaderSize + int(binary.LittleEndian.Uint32(rest[12:]))
		payload := rest[recordHeaderSize:min(size, len(rest))]
		binary.LittleEndian.PutUint32(rest[16:], checksum(payload))
		reseal(rest[:recordHeaderSize])
		rest = rest[recordHeaderSize+len(payload):]
	}
}

// small returns the stream of a file with a head, two segments and a tail.
func small(t testing.TB) (file, encoded []byte) {
	t.Helper()
	return silent(t, "LIST\x04\x00\x00\x00tail")
}

// usual is small with the usual head, and no tail.
func usual(t testing.TB) (file, encoded []byte) {
	t.Helper()
	return silent(t, "")
}

// silent returns the stream of a file of two segments that has a tail.
func silent(t testing.TB, tail string) (file, encoded []byte) {
	t.Helper()
	f := wav.Format{Channels: 1, SampleRate: 8000, ContainerBits: 8, ValidBits: 8}
	silence := make([][]int32, f.Channels)
	for c := range silence {
		silence[c] = make([]int32, stream.SegmentFrames(f, 1)+30)
	}
	file = append(wavtest.File(f, silence), tail...)
	encoder, err := stream.NewEncoder(bytes.NewReader(file), int64(len(file)), silenceCoder{})
	if err != nil {
		t.Fatal(err)
	}
	encoded, _, err = encoder.Prologue()
	if err != nil {
		t.Fatal(err)
	}
	for i := range encoder.Segments() {
		s, err := encoder.Segment(context.Background(), i, nil)
		if err != nil {
			t.Fatal(err)
		}
		encoded = append(encoded, s.Encoded...)
	}
	var rest bytes.Buffer
	if err := encoder.Epilogue(&rest, io.Discard); err != nil {
		t.Fatal(err)
	}
	return file, append(encoded, rest.Bytes()...)
}

// silenceCoder codes nothing but digital silence, in a few bytes.
type silenceCoder struct{}

func (silenceCoder) ID() [32]byte { return [32]byte{'s', 'i', 'l', 'e', 'n', 'c', 'e'} }

func (silenceCoder) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	for _, channel := range samples {
		if slices.ContainsFunc(channel, func(v int32) bool { return v != 0 }) {
			return nil, errors.New("not silent")
		}
	}
	return []byte("silence"), nil
}

func (silenceCoder) Decode(_ context.Context, data []byte, channels, frames, _ int, _ func(int)) ([][]int32, error) {
	if string(data) != "silence" {
		return nil, errors.New("not silent")
	}
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
	}
	return samples, nil
}

// coders returns the test coder for a model.
func coders(id [32]byte) (stream.SegmentCoder, error) {
	for _, c := range []stream.SegmentCoder{deltaCoder{}, silenceCoder{}} {
		if c.ID() == id {
			return c, nil
		}
	}
	return nil, errors.New("unknown model")
}

// readAll decodes everything that can be and returns all errors.
func readAll(encoded []byte) []error {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		return []error{err}
	}
	var errs []error
	add := func(err error) {
		if err != nil {
			errs = append(errs, err)
		}
	}
	_, err = d.Prologue()
	add(err)
	for i := range d.Segments() {
		_, err := d.Segment(context.Background(), i, nil)
		add(err)
	}
	add(d.Epilogue(io.Discard))
	return errs
}

func TestEveryFlippedBit(t *testing.T) {
	t.Run("version 1", func(t *testing.T) {
		file, encoded := small(t)
		flipEveryBit(t, file, encoded, 4) // head, two segments and tail
	})
	t.Run("version 2", func(t *testing.T) {
		file, encoded := usual(t)
		flipEveryBit(t, file, encoded, 2)
	})
}

func flipEveryBit(t *testing.T, file, encoded []byte, count int) {
	list := records(encoded)
	if len(list) != count {
		t.Fatalf("got %d records, want %d", len(list), count)
	}
	t.Logf("%d bytes in %d", len(file), len(encoded))
	for bit := range len(encoded) * 8 {
		damaged := slices.Clone(encoded)
		damaged[bit/8] ^= 1 << (bit % 8)
		errs := readAll(damaged)
		if len(errs) != 1 {
			t.Fatalf("bit %d flipped: got %d errors %v, want 1", bit, len(errs), errs)
		}
		want := stream.DamageError{Segment: -1}
		for _, r := range list {
			if bit/8 >= r.start && bit/8 < r.start+r.size {
				want.Offset = int64(r.start)
				if r.kind == 'S' {
					want.Segment = r.number
				}
			}
		}
		var got *stream.DamageError
		if !errors.As(errs[0], &got) || got.Segment != want.Segment || got.Offset != want.Offset {
			t.Fatalf("bit %d flipped: got %v, want damage of segment %d at byte %d", bit, errs[0], want.Segment, want.Offset)
		}
	}
}

func TestFlippedBitInLongStream(t *testing.T) {
	file, _ := longFile(t)
	encoded := encode(t, file)
	for _, r := range records(encoded) {
		for _, at := range []int{r.start, r.start + r.size/2, r.start + r.size - 1} {
			damaged := slices.Clone(encoded)
			damaged[at] ^= 0x10
			errs := readAll(damaged)
			var damage *stream.DamageError
			if len(errs) != 1 || !errors.As(errs[0], &damage) || damage.Offset != int64(r.start) || r.kind == 'S' && damage.Segment != r.number {
				t.Errorf("byte %d: got %v, want damage of %c %d at byte %d", at, errs, r.kind, r.number, r.start)
			}
		}
	}
}

func TestTruncatedAndExtended(t *testing.T) {
	_, encoded := small(t)
	var damage *stream.DamageError
	for n := range encoded {
		if errs := readAll(encoded[:n]); len(errs) != 1 || !errors.As(errs[0], &damage) {
			t.Fatalf("cut to %d bytes: got %v", n, errs)
		}
	}
	if errs := readAll(append(encoded, 0)); len(errs) != 1 || !errors.As(errs[0], &damage) {
		t.Errorf("a byte too many: got %v", errs)
	}
}

// TestSealed damages streams in ways that no checksum shows.
func TestSealed(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	segments := []record{list[1], list[2]}
	header := func(at int, b ...byte) []byte {
		c := slices.Clone(encoded)
		copy(c[at:], b)
		reseal(c[:headerSize])
		return c
	}
	inRecord := func(r record, at int, b ...byte) []byte {
		c := slices.Clone(encoded)
		copy(c[r.start+at:], b)
		reseal(c[r.start : r.start+recordHeaderSize])
		return c
	}
	otherUsual := header(4, 2)
	otherUsual[24]++
	reseal(otherUsual[:headerSize])
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 127}
	tests := []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"magic", header(0, 'X'), "does not begin"},
		{"newer version", header(4, 3), "update Trilobyte"},
		{"version 0", header(4, 0), "update Trilobyte"},
		{"a usual head of another size", otherUsual, "size of the head"},
		{"a usual head with records", header(4, 2), "another record"},
		{"container of 12 bits", header(5, 12), "12 bits a sample"},
		{"no valid bits", header(6, 0), "0 valid bits"},
		{"more valid bits than the container", header(6, 9), "9 valid bits"},
		{"no channels", header(7, 0), "no channels"},
		{"no sample rate", header(8, 0, 0, 0, 0), "0 Hz"},
		{"segments without frames", header(12, 0, 0, 0, 0), "segments of 0 frames"},
		{"large segments", header(12, 255, 255, 255, 255), "segments of 4294967295 frames"},
		{"negative frames", header(23, 255), "number of frames"},
		{"frames beyond int64", header(16, huge...), "number of frames"},
		{"large head", header(24, huge...), "size of the head"},
		{"large tail", header(32, huge...), "size of the tail"},
		{"longer head", header(24, 0, 1), "its length is"},
		{"longer tail", header(32, 0, 1), "its length is"},
		{"more frames", header(20, 1), "its length is"},
		{"another model", header(40, 'S'), "unknown model"},
		{"another kind", inRecord(segments[0], 0, 'T'), "another record"},
		{"another number", inRecord(segments[0], 4, 1), "another record"},
		{"another length", inRecord(segments[1], 8, 29), "its length is 127005 instead of 127006"},
		{"unknown method", inRecord(segments[0], 1, 9), "method 9"},
		{"deflated segment", inRecord(segments[0], 1, 1), "method 1"},
		{"stored segment of another size", inRecord(segments[0], 1, 0), "method 0"},
		{"coded head", inRecord(list[0], 1, 2), "method 2"},
		{"reserved byte", inRecord(segments[0], 2, 1), "reserved"},
		{"payload beyond the end", inRecord(segments[0], 12, 250), "the data ends"},
		{"payload larger than the audio", inRecord(segments[0], 12, 255, 255, 255, 255), "is impossible"},
		{"another original", inRecord(segments[1], 20, 1, 2, 3, 4), "does not decode to the original bytes"},
	}
	for _, test := range tests {
		errs := readAll(test.encoded)
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
	if errs := readAll(header(4, 3)); !errors.Is(errs[0], stream.ErrVersion) {
		t.Errorf("newer version: got %v, want ErrVersion", errs)
	}
}

// TestClaimsAllocateLittle decodes a header that claims almost 2^63 frames.
func TestClaimsAllocateLittle(t *testing.T) {
	_, encoded := small(t)
	binary.LittleEndian.PutUint64(encoded[16:], 1<<54)
	binary.LittleEndian.PutUint64(encoded[24:], 64<<20)
	binary.LittleEndian.PutUint64(encoded[32:], 1<<60)
	reseal(encoded[:headerSize])
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	errs := readAll(encoded)
	runtime.ReadMemStats(&after)
	if len(errs) != 1 {
		t.Errorf("got %v, want one error", errs)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes allocated for a stream of %d", used, len(encoded))
	}
}

// shapes returns samples of a shape other than asked for.
type shapes struct {
	silenceCoder
	samples [][]int32
}

func (s shapes) Decode(context.Context, []byte, int, int, int, func(int)) ([][]int32, error) {
	return s.samples, nil
}

func TestWrongDecoder(t *testing.T) {
	_, encoded := small(t)
	for _, samples := range [][][]int32{nil, make([][]int32, 2), make([][]int32, 1), {{1, 2, 3, 4}}} {
		d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func([32]byte) (stream.SegmentCoder, error) {
			return shapes{samples: samples}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Segment(context.Background(), 1, nil); err == nil || !strings.Contains(err.Error(), "segment 2 of 2") {
			t.Errorf("%d channels: got %v", len(samples), err)
		}
	}
	_, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func([32]byte) (stream.SegmentCoder, error) {
		return deltaCoder{}, nil
	})
	if err == nil {
		t.Error("a coder for another model is accepted")
	}
}

func FuzzNewDecoder(f *testing.F) {
	for _, c := range wavtest.Cases() {
		if c.PCM && len(c.Bytes) < 8000 {
			f.Add(encode(f, c.Bytes))
		}
	}
	f.Fuzz(func(t *testing.T, encoded []byte) {
		// Let the fuzzer past the checksums.
		encoded = slices.Clone(encoded)
		resealAll(encoded)
		d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func([32]byte) (stream.SegmentCoder, error) {
			return anyModel{id: [32]byte(encoded[40:72])}, nil
		})
		if err != nil {
			return
		}
		var out bytes.Buffer
		head, err := d.Prologue()
		sound := err == nil
		out.Write(head)
		for i := range d.Segments() {
			s, err := d.Segment(context.Background(), i, nil)
			sound = sound && err == nil
			out.Write(s.Raw)
		}
		sound = d.Epilogue(&out) == nil && sound
		if sound && int64(out.Len()) != d.Header().Size() {
			t.Errorf("%d bytes decode without error, %d were declared", out.Len(), d.Header().Size())
		}
	})
}

// anyModel is a deltaCoder that goes by the name of any model.
type anyModel struct {
	deltaCoder
	id [32]byte
}

func (a anyModel) ID() [32]byte { return a.id }

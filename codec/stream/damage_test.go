package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"slices"
	"strings"
	"testing"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/recording/recordingtest"
	"trilobyte/codec/stream"
)

// headerSize is the size of the header of a stream.
func headerSize(encoded []byte) int {
	size, n := binary.Uvarint(encoded)
	return n + int(size>>3) + 4
}

// record is a record of a stream of several, found by the rules of
// codec/FORMAT.md.
type record struct {
	number      int
	start, size int // bytes, from the start of the stream
	header      int // bytes of its header
}

// records walks a stream.
func records(encoded []byte) []record {
	var list []record
	for p := headerSize(encoded); p < len(encoded); {
		number, n := binary.Uvarint(encoded[p+1:])
		size, m := binary.Uvarint(encoded[p+1+n:])
		r := record{number: int(number), start: p, header: 1 + n + m + 8}
		r.size = r.header + int(size)
		list = append(list, r)
		p += r.size
	}
	return list
}

// checksum is the CRC-32C of b.
func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// reseal makes the checksum of a header or record header right again.
func reseal(b []byte) {
	binary.LittleEndian.PutUint32(b[len(b)-4:], checksum(b[:len(b)-4]))
}

// resealAll makes the checksums right again of the header and of all record
// headers, as far as there are any.
func resealAll(encoded []byte) {
	if len(encoded) < 2 {
		return
	}
	size, n := binary.Uvarint(encoded)
	size >>= 3
	if n <= 0 || size > uint64(len(encoded)-n) || int(size) > len(encoded)-n-4 {
		return
	}
	p := n + int(size) + 4
	reseal(encoded[:p])
	for p < len(encoded) {
		_, n := binary.Uvarint(encoded[p+1:])
		if n <= 0 {
			return
		}
		size, m := binary.Uvarint(encoded[p+1+n:])
		header := 1 + n + m + 8
		if m <= 0 || header > len(encoded)-p || size > uint64(len(encoded)-p-header) {
			return
		}
		reseal(encoded[p : p+header])
		p += header + int(size)
	}
}

// small returns the stream of a file with a head, two segments and a tail, each
// with a record.
func small(t testing.TB) (file, encoded []byte) {
	t.Helper()
	tail := "LIST\xA0\x00\x00\x00" + strings.Repeat("tail", 40)
	file = silent(tail)
	file = slices.Concat(file[:36], []byte("JUNK\x70\x00\x00\x00"), make([]byte, 112), file[36:])
	return file, encodeWith(t, file, silenceCoder{})
}

// usual returns the stream of a file of two segments with the usual head, and no
// tail.
func usual(t testing.TB) (file, encoded []byte) {
	t.Helper()
	file = silent("")
	return file, encodeWith(t, file, silenceCoder{})
}

// alone returns the stream of a file of one segment.
func alone(t testing.TB) (file, encoded []byte) {
	t.Helper()
	file = silent("")
	file = file[:len(file)-30]
	return file, encodeWith(t, file, silenceCoder{})
}

// silent returns a file of two segments that has a tail.
func silent(tail string) []byte {
	f := integers(1, 8000, 8)
	silence := [][]int32{make([]int32, stream.SegmentFrames(f, 1)+30)}
	return append(recordingtest.WAV(f, silence), tail...)
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
func coders(name stream.ModelName) (stream.SegmentCoder, error) {
	for _, c := range []stream.SegmentCoder{deltaCoder{}, silenceCoder{}} {
		if stream.NameOf(c.ID()) == name {
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
	for i := range d.Parts() {
		if _, err := d.Part(context.Background(), i, nil); err != nil {
			errs = append(errs, err)
		}
	}
	return errs
}

func TestEveryFlippedBit(t *testing.T) {
	for name, make := range map[string]func(testing.TB) (file, encoded []byte){"small": small, "usual": usual, "alone": alone, "flac": silentFLAC} {
		t.Run(name, func(t *testing.T) {
			file, encoded := make(t)
			t.Logf("%d bytes in %d", len(file), len(encoded))
			flipEveryBit(t, encoded)
		})
	}
}

func flipEveryBit(t *testing.T, encoded []byte) {
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		t.Fatal(err)
	}
	list := []record{{start: headerSize(encoded), size: len(encoded)}} // of a stream of one
	if d.Parts() > 2 {
		list = records(encoded)
	}
	step := 1
	if testing.Short() {
		step = 5
	}
	for bit := 0; bit < len(encoded)*8; bit += step {
		damaged := slices.Clone(encoded)
		damaged[bit/8] ^= 1 << (bit % 8)
		errs := readAll(damaged)
		if len(errs) != 1 {
			t.Fatalf("bit %d flipped: got %d errors %v, want 1", bit, len(errs), errs)
		}
		want := stream.DamageError{Part: -1}
		for _, r := range list {
			if bit/8 >= r.start && bit/8 < r.start+r.size {
				want.Offset = int64(r.start)
				want.Part = r.number + d.Parts() - len(list) // the usual head has no record
			}
		}
		var got *stream.DamageError
		if !errors.As(errs[0], &got) || got.Part != want.Part || got.Offset != want.Offset {
			t.Fatalf("bit %d flipped: got %v, want damage of part %d at byte %d", bit, errs[0], want.Part, want.Offset)
		}
	}
}

func TestFlippedBitInLongStream(t *testing.T) {
	file, _ := longFile(t)
	encoded := encode(t, file)
	for _, r := range records(encoded) {
		places := []int{r.start + r.size/2, r.start, r.start + r.size - 1}
		if testing.Short() {
			places = places[:1]
		}
		for _, at := range places {
			damaged := slices.Clone(encoded)
			damaged[at] ^= 0x10
			errs := readAll(damaged)
			var damage *stream.DamageError
			if len(errs) != 1 || !errors.As(errs[0], &damage) || damage.Offset != int64(r.start) || damage.Part != r.number {
				t.Errorf("byte %d: got %v, want damage of part %d at byte %d", at, errs, r.number, r.start)
			}
		}
	}
}

func TestTruncatedAndExtended(t *testing.T) {
	for _, make := range []func(testing.TB) (file, encoded []byte){small, alone} {
		_, encoded := make(t)
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
}

// header returns a header with these spans, and right checksums.
func header(spans ...byte) []byte {
	name := stream.NameOf(silenceCoder{}.ID())
	body := append(name[:], spans...)
	b := append(binary.AppendUvarint(nil, uint64(len(body))<<3|1), body...)
	b = append(b, make([]byte, 4)...)
	reseal(b)
	return b
}

// TestImpossibleHeaders has headers that no encoder writes, with right checksums.
func TestImpossibleHeaders(t *testing.T) {
	const kept, short, usual, audio, width2 = 0, 1, 2, 0x80, 1 << 2
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 255, 127}
	newer := header(kept, 1)
	newer[0]++
	reseal(newer)
	tests := []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"newer version", newer, "update Trilobyte"},
		{"no spans", header(), "no spans"},
		{"unknown span", header(5), "kind 5"},
		{"reference that ends", header(4, 1, 7, 7, 7, 7, 1), "ends within"},
		{"reference of what is kept", header(4, 1, 7, 7, 7, 7, 1, 32, kept, 1), "only audio can refer"},
		{"reference of a reference", header(4, 1, 7, 7, 7, 7, 1, 32, 4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 1, 8, 1, 0, 0), "only audio can refer"},
		{"reference of a usual format", header(4, 1, 7, 7, 7, 7, 1, 32, 0x47, 1, 0, 0), "only audio can refer"},
		{"reference without channels", header(4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 2, 8, 1, 0, 0), "ends within"},
		{"reference of no frames", header(4, 1, 7, 7, 7, 7, 1, 32, audio|width2, 1, 8, 0, 0, 0), "no bytes"},
		{"reference shifted by 16 of 16 bits", header(4, 1, 7, 7, 7, 7, 1, 48, audio|width2, 1, 8, 1, 0, 0), "shifted by 16 bits"},
		{"reference shifted by -32 bits", header(4, 1, 7, 7, 7, 7, 1, 0, audio|width2, 1, 8, 1, 0, 0), "shifted by -32 bits"},
		{"reference of shifted mu-law", header(4, 1, 7, 7, 7, 7, 1, 33, audio|2, 1, 8, 1, 0, 0), "shifted by 1 bits"},
		{"reference of negated mu-law", header(4, 1, 7, 7, 7, 7, 1, 32+64, audio|2, 1, 8, 1, 0, 0), "is impossible"},
		{"reference of floats of 8 bytes", header(4, 1, 7, 7, 7, 7, 1, 32, audio|7<<2|1, 1, 8, 1, 0, 0), "is impossible"},
		{"reference behind all frames", header(slices.Concat([]byte{4, 1, 7, 7, 7, 7}, huge, []byte{32, audio | width2, 1, 8, 1, 0, 0})...), "is impossible"},
		{"last unknown span", header(0x3F), "kind 63"},
		{"usual format in second place", header(kept, 1, 0x47, 1), "kind 71"},
		{"usual format without frames", header(0x47, 0), "no bytes"},
		{"usual format that ends", header(0x47), "ends within"},
		{"usual format of too many frames", header(append([]byte{0x47}, huge...)...), "is impossible"},
		{"usual head in second place", header(kept, 1, usual, audio, 1, 8, 1, 0), "kind 2"},
		{"usual head alone", header(usual), "does not belong"},
		{"usual head before what is kept", header(usual, kept, 1), "does not belong"},
		{"usual head before mu-law", header(usual, audio|2, 1, 8, 1, 0), "does not belong"},
		{"usual head before signed bytes", header(usual, audio, 1, 8, 1, 0), "does not belong"},
		{"empty span", header(kept, 0), "no bytes"},
		{"empty short span", header(short, 0), "no bytes"},
		{"short span without its bytes", header(short, 2, 1), "ends within"},
		{"size that does not end", header(kept, 0x80), "ends within"},
		{"audio that ends", header(audio|width2, 2, 8), "ends within"},
		{"integers of 5 bytes", header(audio|4<<2, 1, 8, 1, 0), "5 bytes"},
		{"floats of 2 bytes", header(audio|1<<2|1, 1, 8, 1, 0), "2 bytes"},
		{"companded of 2 bytes", header(audio|1<<2|2, 1, 8, 1, 0), "2 bytes"},
		{"big-endian bytes", header(audio|1<<5, 1, 8, 1, 0), "byte order"},
		{"unsigned of 2 bytes", header(audio|1<<6|width2, 1, 8, 1, 0), "unsigned"},
		{"no channels", header(audio|width2, 0, 8, 1, 0), "0 channels"},
		{"no sample rate", header(audio|width2, 1, 0, 0, 1, 0), "0 Hz"},
		{"unknown sample rate", header(audio|width2, 1, 17, 1, 0), "0 Hz"},
		{"no valid bits", header(audio|width2, 1, 8|0x80, 16, 1, 0), "0 valid bits"},
		{"no frames", header(audio|width2, 1, 8, 0, 0), "no bytes"},
		{"too many frames", header(append([]byte{audio | width2, 1, 8}, append(huge, 0)...)...), "is impossible"},
		{"large segments", header(audio|width2, 2, 8, 0x81, 0x80, 0x80, 2, 0), "segments of 4194305 frames"},
		{"large segments that are named", header(audio|width2, 2, 8, 0x82, 0x80, 0x80, 2, 0x81, 0x80, 0x80, 2), "segments of 4194305 frames"},
		{"more than int64 together", header(slices.Concat([]byte{kept}, huge, []byte{kept}, huge)...), "is impossible"},
		{"larger than may be", []byte{0x89, 0x80, 0x80, 4}, "does not begin"},
		{"a body that is not there", []byte{0x59}, "the data ends"},
	}
	for _, test := range tests {
		errs := readAll(test.encoded)
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
	if errs := readAll(newer); !errors.Is(errs[0], stream.ErrVersion) {
		t.Errorf("newer version: got %v, want ErrVersion", errs)
	}
	other := header(kept, 1)
	other[1]++
	reseal(other)
	if errs := readAll(append(other, 0xD0, 0, 0, 0, 0, 0)); len(errs) != 1 || !strings.Contains(errs[0].Error(), "unknown model") {
		t.Errorf("another model: got %v", errs)
	}
}

// TestImpossibleRecords damages record headers in ways that no checksum shows.
func TestImpossibleRecords(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	head, segment := list[0], list[1]
	with := func(r record, at int, b ...byte) []byte {
		c := slices.Clone(encoded)
		copy(c[r.start+at:], b)
		reseal(c[r.start : r.start+r.header])
		return c
	}
	tests := []struct {
		name    string
		encoded []byte
		want    string
	}{
		{"another tag", with(segment, 0, 0xE2), "no record begins"},
		{"another number", with(segment, 1, 2), "another record"},
		{"unknown method", with(segment, 0, 0xD9), "method 9"},
		{"deflated segment", with(segment, 0, 0xD1), "method 1"},
		{"stored segment of another size", with(segment, 0, 0xD0), "method 0"},
		{"coded head", with(head, 0, 0xD2), "method 2"},
		{"payload beyond the end", with(list[3], 2, 70), "the data ends"},
		{"another sum", with(segment, segment.header-8, 1, 2, 3, 4), "checksum mismatch"},
	}
	for _, test := range tests {
		errs := readAll(test.encoded)
		if len(errs) == 0 || !strings.Contains(errs[0].Error(), test.want) {
			t.Errorf("%s: got %v, want %q", test.name, errs, test.want)
		}
	}
}

// TestClaimsAllocateLittle decodes headers that claim almost 2^63 bytes.
func TestClaimsAllocateLittle(t *testing.T) {
	huge := []byte{255, 255, 255, 255, 255, 255, 255, 63}
	for _, encoded := range [][]byte{
		header(append([]byte{0}, huge...)...),
		header(slices.Concat([]byte{0x80, 1, 8}, huge, []byte{1})...),
	} {
		encoded = append(encoded, make([]byte, 1000)...)
		for name, open := range map[string]func() error{
			"decoding": func() error { return errors.Join(readAll(encoded)...) },
			"salvage": func() error {
				_, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
				return err
			},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := open()
			runtime.ReadMemStats(&after)
			if err == nil {
				t.Errorf("%s: a claim is believed", name)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
				t.Errorf("%s: %d bytes allocated for a stream of %d", name, used, len(encoded))
			}
		}
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
		d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
			return shapes{samples: samples}, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Part(context.Background(), 2, nil); err == nil || !strings.Contains(err.Error(), "segment 2 of 2") {
			t.Errorf("%d channels: got %v", len(samples), err)
		}
	}
	_, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
		return deltaCoder{}, nil
	})
	if err == nil {
		t.Error("a coder for another model is accepted")
	}
}

// TestForgedCompanded has a coder return values that no companded sample has.
func TestForgedCompanded(t *testing.T) {
	f := recording.Format{Kind: recording.MuLaw, Width: 1, ValidBits: 8, Channels: 1, SampleRate: 8000}
	encoded := encodeWith(t, recordingtest.File("au", f, make([]byte, 100)), odd{})
	d, err := stream.NewDecoder(bytes.NewReader(encoded), int64(len(encoded)), func(stream.ModelName) (stream.SegmentCoder, error) {
		return odd{}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Part(context.Background(), 1, nil); err == nil || !strings.Contains(err.Error(), "a value that its kind does not have") {
		t.Errorf("got %v", err)
	}
}

// odd decodes everything as 3.
type odd struct{ deltaCoder }

func (odd) Encode(context.Context, [][]int32, int, func(int)) ([]byte, error) { return []byte{3}, nil }

func (odd) Decode(_ context.Context, _ []byte, channels, frames, _ int, _ func(int)) ([][]int32, error) {
	return slices.Repeat([][]int32{slices.Repeat([]int32{3}, frames)}, channels), nil
}

func FuzzNewDecoder(f *testing.F) {
	for _, c := range recordingtest.Cases() {
		if len(c.Audio) > 0 && len(c.Bytes) < 8000 {
			f.Add(encode(f, c.Bytes))
		}
	}
	f.Add(referring(f, wave(integers(1, 8000, 16), tune(1, 300), 0), stream.Stretch{Frames: 200, Reference: stream.Reference{Channels: []int{0}}}))
	_, encoded := silentFLAC(f)
	f.Add(encoded)
	f.Add(beside(f, recordingtest.WAV(integers(2, 8000, 16), noiseThatStops(2, 9, 20, 100)), hopelessCoder{}))
	others := library{0: encode(f, wave(integers(2, 8000, 16), tune(2, 3000), 0))}
	file := flacFile(f, flac.Format{Channels: 2, Bits: 16, SampleRate: 8000}, tune(2, 2000))
	e, err := stream.NewFLACEncoder(context.Background(), bytes.NewReader(file), int64(len(file)), deltaCoder{}, 2, nil)
	if err != nil {
		f.Fatal(err)
	}
	e.Refer(stream.Reference{Channels: []int{0, 1}})
	f.Add(wholeOf(f, e, e.Begin()))
	f.Fuzz(func(t *testing.T, encoded []byte) {
		// Let the fuzzer past the checksums.
		encoded = slices.Clone(encoded)
		resealAll(encoded)
		d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), func(name stream.ModelName) (stream.SegmentCoder, error) {
			return anyModel{name: name}, nil
		})
		if err != nil {
			return
		}
		d.Refer(others)
		var size int64
		for i := range d.Parts() {
			if i > 1000 {
				return
			}
			p, err := d.Part(context.Background(), i, nil)
			if err != nil {
				p = stream.Part{Raw: make([]byte, d.Place(i).Size)}
			}
			size += int64(len(p.Raw))
		}
		if size != d.Header().Size() {
			t.Errorf("%d bytes decode, %d were declared", size, d.Header().Size())
		}
	})
}

// anyModel is a deltaCoder that goes by the name of any model.
type anyModel struct {
	deltaCoder
	name stream.ModelName
}

func (a anyModel) ID() (id [32]byte) {
	copy(id[:], a.name[:])
	return id
}

package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"strings"
	"testing"

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
	sequential(t)
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
	for bit := range len(encoded) * 8 {
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
	sequential(t)
	file, _ := longFile(t)
	encoded := encode(t, file)
	for _, r := range records(encoded) {
		for _, at := range []int{r.start + r.size/2, r.start, r.start + r.size - 1} {
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

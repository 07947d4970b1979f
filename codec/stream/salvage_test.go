package stream_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"slices"
	"testing"

	"trilobyte/codec/stream"
)

// salvaged returns which records of a stream are lost: -1 for the head, -2 for
// the tail, or the number of the segment.
func salvaged(t *testing.T, encoded []byte, segments int) (lost []int) {
	t.Helper()
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		t.Fatal(err)
	}
	note := func(record int, err error) {
		var damage *stream.DamageError
		if err != nil && !errors.As(err, &damage) {
			t.Fatalf("record %d: %v", record, err)
		}
		if err != nil {
			lost = append(lost, record)
		}
	}
	_, err = d.Prologue()
	note(-1, err)
	if d.Segments() != segments {
		t.Fatalf("%d segments, want %d", d.Segments(), segments)
	}
	for i := range segments {
		_, err := d.Segment(context.Background(), i, nil)
		note(i, err)
	}
	note(-2, d.Epilogue(io.Discard))
	return lost
}

// TestDamageCostsItsRecordOnly damages each byte of each record of a stream of
// several segments.
func TestDamageCostsItsRecordOnly(t *testing.T) {
	file, _ := longFile(t)
	fields := []int{0, 1, 4, 8, 12, 15, 16, 24, 27, -1}
	if testing.Short() {
		fields = []int{4, 27, -1}
	}
	for name, encoded := range map[string][]byte{"long": encode(t, file), "small": second(small(t)), "usual": second(usual(t))} {
		list := records(encoded)
		segments := 0
		for _, r := range list {
			if r.kind == 'S' {
				segments++
			}
		}
		for _, r := range list {
			for _, at := range fields {
				if at < 0 {
					at = r.size - 1
				}
				damaged := slices.Clone(encoded)
				damaged[r.start+at] ^= 0x40
				want := r.number
				switch r.kind {
				case 'H':
					want = -1
				case 'T':
					want = -2
				}
				if lost := salvaged(t, damaged, segments); !slices.Equal(lost, []int{want}) {
					t.Errorf("%s: byte %d of record %c %d is damaged, and %v are lost", name, at, r.kind, r.number, lost)
				}
			}
		}
	}
}

func second(_, b []byte) []byte { return b }

// TestSalvageCut cuts a stream off at every length.
func TestSalvageCut(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	for size := headerSize + 2*recordHeaderSize; size < len(encoded); size++ {
		whole := 0
		for _, r := range list {
			if r.start+r.size <= size {
				whole++
			}
		}
		if lost := salvaged(t, encoded[:size], 2); len(lost) != len(list)-whole {
			t.Errorf("cut to %d of %d bytes, %v are lost, and %d of %d records are whole", size, len(encoded), lost, whole, len(list))
		}
	}
}

func TestSilence(t *testing.T) {
	file, encoded := small(t)
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		t.Fatal(err)
	}
	start := int(d.Header().HeadSize)
	for i := range d.Segments() {
		s := d.Silence(i)
		// The file is silent anyway, at 8 bits a sample: 0x80.
		if want := file[start : start+len(s.Raw)]; !bytes.Equal(s.Raw, want) {
			t.Errorf("the silence in place of segment %d is not that of the file", i)
		}
		start += len(s.Raw)
	}
}

// TestSalvageAllocatesLittle has streams that claim to be larger than possible.
func TestSalvageAllocatesLittle(t *testing.T) {
	_, sound := small(t)
	for at, value := range map[int]uint64{16: 1 << 54, 24: 64 << 20, 32: 1 << 60} {
		encoded := slices.Clone(sound)
		binary.LittleEndian.PutUint64(encoded[at:], value)
		reseal(encoded[:headerSize])
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%d at byte %d is believed", value, at)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
			t.Errorf("%d at byte %d: %d bytes allocated for a stream of %d", value, at, used, len(encoded))
		}
	}
}

package stream_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"

	"trilobyte/codec/stream"
)

// salvaged returns which parts of a stream are lost.
func salvaged(t *testing.T, encoded []byte, parts int) (lost []int) {
	t.Helper()
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		t.Fatal(err)
	}
	if d.Parts() != parts {
		t.Fatalf("%d parts, want %d", d.Parts(), parts)
	}
	for i := range parts {
		_, err := d.Part(context.Background(), i, nil)
		var damage *stream.DamageError
		if err != nil && (!errors.As(err, &damage) || damage.Part != i) {
			t.Fatalf("part %d: %v", i, err)
		}
		if err != nil {
			lost = append(lost, i)
		}
	}
	return lost
}

// TestDamageCostsItsRecordOnly damages each byte of each record of a stream of
// several segments.
func TestDamageCostsItsRecordOnly(t *testing.T) {
	sequential(t)
	file, _ := longFile(t)
	fields := []int{0, 1, 2, 3, 6, 9, -1}
	for name, encoded := range map[string][]byte{"long": encode(t, file), "small": second(small(t)), "usual": second(usual(t))} {
		list := records(encoded)
		known := 0 // parts without a record
		if name == "usual" {
			known = 1
		}
		for _, r := range list {
			for _, at := range fields {
				if at < 0 {
					at = r.size - 1
				}
				damaged := slices.Clone(encoded)
				damaged[r.start+at] ^= 0x40
				if lost := salvaged(t, damaged, known+len(list)); !slices.Equal(lost, []int{known + r.number}) {
					t.Errorf("%s: byte %d of record %d is damaged, and %v are lost", name, at, r.number, lost)
				}
			}
		}
	}
}

func second(_, b []byte) []byte { return b }

// TestDamagedNeighbours damages two records in a row, and what follows the last.
func TestDamagedNeighbours(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	damaged := append(slices.Clone(encoded), 1)
	damaged[list[1].start]++
	damaged[list[2].start+1]++
	if lost := salvaged(t, damaged, len(list)); !slices.Equal(lost, []int{1, 2}) {
		t.Errorf("%v are lost", lost)
	}
	d, err := stream.Salvage(bytes.NewReader(damaged), int64(len(damaged)), coders)
	if err != nil || d.Behind() == nil {
		t.Errorf("nobody noticed the byte behind: %v", err)
	}
}

// TestSalvageCut cuts a stream off at every length.
func TestSalvageCut(t *testing.T) {
	_, encoded := small(t)
	list := records(encoded)
	for size := headerSize(encoded) + 50; size < len(encoded); size++ {
		whole := 0
		for _, r := range list {
			if r.start+r.size <= size {
				whole++
			}
		}
		if lost := salvaged(t, encoded[:size], len(list)); len(lost) != len(list)-whole {
			t.Errorf("cut to %d of %d bytes, %v are lost, and %d of %d records are whole", size, len(encoded), lost, whole, len(list))
		}
	}
}

// TestSalvageAlone cuts and damages a stream of one record.
func TestSalvageAlone(t *testing.T) {
	_, encoded := alone(t)
	start := headerSize(encoded)
	for at := start; at < len(encoded); at++ {
		damaged := slices.Clone(encoded)
		damaged[at] ^= 1
		for _, b := range [][]byte{damaged, encoded[:at]} {
			if lost := salvaged(t, b, 2); !slices.Equal(lost, []int{1}) {
				t.Errorf("byte %d: %v are lost", at, lost)
			}
		}
	}
}

func TestSilence(t *testing.T) {
	file, encoded := small(t)
	d, err := stream.Salvage(bytes.NewReader(encoded), int64(len(encoded)), coders)
	if err != nil {
		t.Fatal(err)
	}
	for i := range d.Parts() {
		p, err := d.Rest(context.Background(), i)
		if err != nil {
			t.Fatal(err)
		}
		// The file is silent anyway, at 8 bits a sample: 0x80.
		if want := file[p.Offset : p.Offset+p.Size]; p.Audio() && !bytes.Equal(p.Raw, want) {
			t.Errorf("the silence in place of part %d is not that of the file", i)
		} else if !p.Audio() && !bytes.Equal(p.Raw, make([]byte, p.Size)) {
			t.Errorf("part %d is no zeros", i)
		}
	}
}

package stream

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// indexWhatIsSound walks the records like index, but goes on behind damage with
// the next record that is sound and can stand there.
func (d *Decoder) indexWhatIsSound() error {
	all, err := d.expectAll()
	if err != nil {
		return err
	}
	offset := int64(headerSize)
	for i := 0; i < len(all); {
		entry, err := d.indexExpected(offset, all[i])
		if err == nil {
			all[i] = entry
			offset = entry.end()
			i++
			continue
		}
		var damage *DamageError
		if !errors.As(err, &damage) {
			return err
		}
		next, at, err := d.nextRecord(offset, all[i+1:])
		if err != nil {
			return err
		}
		for range next + 1 {
			e := &all[i]
			e.offset, e.lost = offset, d.damage(e.kind, int64(e.number), offset, damage.Reason)
			i++
		}
		offset = at
	}
	if offset != d.size {
		d.behind = &DamageError{Part: "the end", Segment: -1, Offset: offset, Reason: fmt.Sprintf("%d bytes follow that do not belong there", d.size-offset)}
	}
	return nil
}

// expectAll fills the index with the records that must be there, and returns
// all of it. A stream that claims more than it could ever have held is refused.
func (d *Decoder) expectAll() ([]indexEntry, error) {
	h := d.header
	heads, tails := pieces(h.storedHead()), pieces(h.TailSize)
	if records := h.Segments(); records > d.size/recordHeaderSize || heads+tails > d.size/recordHeaderSize {
		return nil, &DamageError{Part: "header", Segment: -1, Reason: fmt.Sprintf("%d records in %d bytes are impossible", heads+records+tails, d.size)}
	}
	var all []indexEntry
	expect := func(kind byte, number, count int64) {
		all = append(all, indexEntry{recordHeader: recordHeader{kind: kind, number: uint32(number), count: uint32(count)}})
	}
	for i := range heads {
		expect(kindHead, i, min(h.storedHead()-i*pieceSize, pieceSize))
	}
	for i := range h.Segments() {
		expect(kindSegment, i, h.segmentLength(i))
	}
	for i := range tails {
		expect(kindTail, i, min(h.TailSize-i*pieceSize, pieceSize))
	}
	d.head, d.segments, d.tail = all[:heads], all[heads:heads+h.Segments()], all[heads+h.Segments():]
	return all, nil
}

// pieces is how many records a head or tail of so many bytes has.
func pieces(size int64) int64 {
	n := size / pieceSize
	if size%pieceSize > 0 {
		n++
	}
	return n
}

// indexExpected reads the header of the record at offset, which must be the
// expected one.
func (d *Decoder) indexExpected(offset int64, e indexEntry) (indexEntry, error) {
	originalSize := int64(e.count)
	if e.kind == kindSegment {
		originalSize *= int64(d.header.Format.FrameBytes())
	}
	return d.indexRecord(offset, e.kind, int64(e.number), int64(e.count), originalSize)
}

// nextRecord finds the next sound record behind offset that is one of the
// expected ones. It returns which one that is, and its offset; if there is none,
// the number of all, and the offset of the end.
func (d *Decoder) nextRecord(offset int64, expected []indexEntry) (int, int64, error) {
	numbers := map[recordHeader]int{} // by what can be told from a record header alone
	for i, e := range expected {
		numbers[recordHeader{kind: e.kind, number: e.number, count: e.count}] = i
	}
	buffer := make([]byte, 1<<20)
	for start := offset + 1; start <= d.size-recordHeaderSize; {
		n, err := d.r.ReadAt(buffer[:min(int64(len(buffer)), d.size-start)], start)
		if err != nil && err != io.EOF {
			return 0, 0, fmt.Errorf("reading the compressed data at byte %d: %w", start, err)
		}
		for at := 0; at+recordHeaderSize <= n; at++ {
			b := buffer[at:]
			if b[0] != kindSegment && b[0] != kindTail && b[0] != kindHead || b[2] != 0 || b[3] != 0 {
				continue
			}
			h := recordHeader{kind: b[0], number: binary.LittleEndian.Uint32(b[4:]), count: binary.LittleEndian.Uint32(b[8:])}
			i, ok := numbers[h]
			if !ok {
				continue
			}
			place := start + int64(at)
			if _, err := d.indexExpected(place, expected[i]); err == nil {
				return i, place, nil
			}
		}
		if n < recordHeaderSize {
			break
		}
		start += int64(n - recordHeaderSize + 1)
	}
	return len(expected), d.size, nil
}

// Silence returns segment i as digital silence, in place of a lost one.
func (d *Decoder) Silence(i int) Segment {
	format := d.header.Format
	frames := d.header.segmentLength(int64(i))
	samples := make([][]int32, format.Channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
	}
	return Segment{Raw: format.Bytes(samples), Samples: samples, Start: int64(i) * int64(d.header.SegmentFrames)}
}

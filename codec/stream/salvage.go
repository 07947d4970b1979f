package stream

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/recording"
)

// indexWhatIsSound walks the records like index, but goes on behind damage with
// the next record that is sound and can stand there.
func (d *Decoder) indexWhatIsSound() error {
	count := d.layout.all().records
	// A stream that claims more than it could ever have held is refused.
	if count > d.size/minRecordHeader {
		return &DamageError{What: "header", Part: -1, Reason: fmt.Sprintf("%d records in %d bytes are impossible", count, d.size)}
	}
	d.records = make([]indexEntry, 0, count)
	offset := d.start
	for i := int64(0); i < count; {
		entry, err := d.indexRecord(offset, i)
		var damage *DamageError
		if err != nil && !errors.As(err, &damage) {
			return err
		}
		if err != nil {
			if entry, err = d.nextRecord(offset, i+1); err != nil {
				return err
			}
			for ; i < entry.number; i++ {
				d.records = append(d.records, indexEntry{lost: d.damage(d.layout.placeOfRecord(i), offset, damage.Reason)})
			}
			if i == count {
				return nil
			}
		}
		d.records = append(d.records, entry)
		offset = entry.end()
		i++
	}
	d.behind = d.endAt(offset)
	return nil
}

// nextRecord finds the first sound record behind offset that can stand there,
// whose number is at least next. If there is none, it returns one that would come
// after the last.
func (d *Decoder) nextRecord(offset, next int64) (indexEntry, error) {
	count := d.layout.all().records
	buffer := make([]byte, 1<<20)
	for start := offset + 1; start <= d.size-minRecordHeader; {
		n, err := d.r.ReadAt(buffer[:min(int64(len(buffer)), d.size-start)], start)
		if err != nil && err != io.EOF {
			return indexEntry{}, fmt.Errorf("reading the compressed data at byte %d: %w", start, err)
		}
		for at := 0; at+minRecordHeader <= n; at++ {
			b := buffer[at:min(at+maxRecordHeader, n)]
			if b[0]&^methodMask != recordTag {
				continue
			}
			h, err := parseRecordHeader(b)
			if err != nil || h.number < next || h.number >= count {
				continue
			}
			if entry, err := d.indexHeader(b, start+int64(at), h.number); err == nil {
				return entry, nil
			}
		}
		if n < len(buffer) {
			break
		}
		start += int64(n - maxRecordHeader + 1)
	}
	return indexEntry{recordHeader: recordHeader{number: count}}, nil
}

// Silence returns part i as digital silence, or as zeros if it is not audio, in
// place of a lost one. It has no samples. Zeros take the place of FLAC frames, too:
// decoders pass over them to the next frame, whose header says when it is heard.
func (d *Decoder) Silence(i int) Part {
	p := d.Place(i)
	raw := make([]byte, p.Size)
	if p.Audio() {
		raw = bytes.Repeat([]byte{silence(p.Format)}, int(p.Size))
	}
	return Part{Place: p, Raw: raw}
}

// silence is the byte that silence consists of.
func silence(f recording.Format) byte {
	switch {
	case f.Unsigned:
		return 0x80
	case f.Kind == recording.MuLaw:
		return 0xFF
	case f.Kind == recording.ALaw:
		return 0xD5
	}
	return 0
}

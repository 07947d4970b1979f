package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
)

// indexWhatIsSound walks the records like index, but goes on behind damage with
// the next record that is sound and can stand there. That may be where the payload
// of the one before should still be, which has lost bytes then.
func (d *Decoder) indexWhatIsSound() error {
	count := d.layout.all().records
	// A stream that claims more than it could ever have held is refused.
	if count > d.size/minRecordHeader {
		return &DamageError{What: "header", Part: -1, Reason: fmt.Sprintf("%d records in %d bytes are impossible", count, d.size)}
	}
	d.records = make([]indexEntry, 0, count)
	offset, from := d.start, d.start
	for i := int64(0); i < count; {
		entry, err := d.indexRecord(offset, i)
		var damage *DamageError
		if err != nil && !errors.As(err, &damage) {
			return err
		}
		if err != nil {
			if entry, err = d.nextRecord(from, i); err != nil {
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
		offset, from = entry.end(), entry.offset+entry.size
		i++
	}
	d.behind = d.endAt(offset)
	return nil
}

// nextRecord finds the first sound record from offset on that can stand there,
// whose number is at least next. If there is none, it returns one that would come
// after the last.
func (d *Decoder) nextRecord(offset, next int64) (indexEntry, error) {
	count := d.layout.all().records
	buffer := make([]byte, 1<<20)
	for start := offset; start <= d.size-minRecordHeader; {
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

// Rest returns what takes the place of part i, for which Part fails: zeros, or
// digital silence if it is audio, but for the samples that other streams have and
// that are not lost there. Of FLAC frames there are others, which hold that: their
// size is another one. The error is that of the context.
func (d *Decoder) Rest(ctx context.Context, i int) (Part, error) {
	p := d.Place(i)
	if !p.Audio() {
		return Part{Place: p, Raw: make([]byte, p.Size)}, nil
	}
	var samples [][]int32
	if p.Refers() {
		samples, _ = referred(ctx, d.sources, p, nil) // Part has said why it fails
	}
	if err := ctx.Err(); err != nil {
		return Part{}, err
	}
	if p.FLAC() {
		return d.otherFrames(ctx, p, samples)
	}
	raw := bytes.Repeat([]byte{silence(p.Format)}, int(p.Size))
	if samples != nil {
		raw = p.Format.Bytes(samples)
	}
	return Part{Place: p, Raw: raw, Samples: plain(p.Format, raw)}, nil
}

// otherFrames returns FLAC frames of samples, or of silence if they are nil, that fit
// between the others of the file.
func (d *Decoder) otherFrames(ctx context.Context, p Place, samples [][]int32) (Part, error) {
	begin, err := d.Part(ctx, 0, nil)
	if ctx.Err() != nil {
		return Part{}, ctx.Err()
	}
	block := 0
	if err == nil {
		block = recipe.BlockSize(begin.Raw)
	}
	if samples == nil {
		samples = silent(p)
	}
	raw, err := flac.Frames(flacOf(p.Format), withoutUnused(p.Format, samples), p.flac.start, block)
	return Part{Place: p, Raw: raw, Samples: samples}, err
}

// silent returns digital silence for a part, as Part.Stored does.
func silent(p Place) [][]int32 {
	samples := make([][]int32, p.Format.Channels)
	for c := range samples {
		samples[c] = make([]int32, p.Frames)
		if k := p.Format.Kind; k == recording.MuLaw || k == recording.ALaw {
			for i := range samples[c] {
				samples[c][i] = int32(silence(p.Format)) - 128
			}
		}
	}
	return samples
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

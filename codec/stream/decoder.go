package stream

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Decoder gives the parts of a file back from its stream.
type Decoder struct {
	r       io.ReaderAt
	size    int64
	start   int64 // of the first record
	layout  layout
	coder   SegmentCoder
	records []indexEntry
	salvage bool
	sources Sources
	behind  error // what is wrong about what follows the last record
}

// indexEntry is a record whose header has been checked, or a lost record.
type indexEntry struct {
	recordHeader
	offset int64 // of the record, in bytes from the start of the stream
	lost   error // why the record is lost
}

// end is the offset of the byte after the record.
func (e indexEntry) end() int64 { return e.offset + e.size + e.payloadSize }

// NewDecoder reads the header of the stream of size bytes in r and walks its
// records, so that any part can be decoded. c returns the coder for the model of
// the given name. The error is a *DamageError where the stream is damaged, and
// wraps ErrVersion where the program is too old.
func NewDecoder(r io.ReaderAt, size int64, c func(ModelName) (SegmentCoder, error)) (*Decoder, error) {
	return (&Decoder{r: r, size: size}).open(c)
}

// Salvage returns a Decoder for a stream that is damaged behind its header.
// Where the header of a record is damaged, or the stream cut off, only the
// records there are lost: Part returns the *DamageError for them, and Behind
// tells of what follows the last one.
func Salvage(r io.ReaderAt, size int64, c func(ModelName) (SegmentCoder, error)) (*Decoder, error) {
	return (&Decoder{r: r, size: size, salvage: true}).open(c)
}

func (d *Decoder) open(c func(ModelName) (SegmentCoder, error)) (*Decoder, error) {
	h, start, err := readHeader(d.r, d.size)
	if err != nil {
		return nil, err
	}
	d.start, d.layout = start, newLayout(h)
	if err := d.index(); err != nil {
		return nil, err
	}
	if d.coder, err = c(h.Model); err != nil {
		return nil, fmt.Errorf("finding the model %x, which this was compressed with: %w", h.Model, err)
	}
	if name := NameOf(d.coder.ID()); name != h.Model {
		return nil, fmt.Errorf("this was compressed with the model %x and cannot be decoded with %x", h.Model, name)
	}
	return d, nil
}

// Header is what the header of the stream says.
func (d *Decoder) Header() Header { return d.layout.header }

// Parts is the number of parts.
func (d *Decoder) Parts() int { return int(d.layout.all().parts) }

// Place is where part i is, 0 to Parts()-1.
func (d *Decoder) Place(i int) Place { return d.layout.place(int64(i)) }

// Behind returns an error if something follows the last record that does not
// belong there. A decoder that NewDecoder made has found that out before.
func (d *Decoder) Behind() error { return d.behind }

// index finds the records.
func (d *Decoder) index() error {
	switch {
	case d.layout.all().records == 1:
		return d.indexAlone()
	case d.salvage:
		return d.indexWhatIsSound()
	}
	offset := d.start
	for i := range d.layout.all().records {
		entry, err := d.indexRecord(offset, i)
		if err != nil {
			return err
		}
		d.records = append(d.records, entry)
		offset = entry.end()
	}
	return d.endAt(offset)
}

// indexAlone reads the header of the only record, which reaches to the end.
func (d *Decoder) indexAlone() error {
	e := indexEntry{offset: d.start, recordHeader: recordHeader{size: aloneHeader, payloadSize: d.size - d.start - aloneHeader}}
	p := d.layout.placeOfRecord(0)
	reason := errEnds
	if e.payloadSize >= 0 {
		b, err := readStream(d.r, d.start, aloneHeader)
		if err != nil {
			return err
		}
		e.method, e.sum = b[0]&methodMask, binary.LittleEndian.Uint32(b[1:])
		if reason = e.check(0, p); b[0]&^methodMask != recordTag {
			reason = errors.New("no record begins there")
		}
	}
	if reason != nil {
		e.lost = d.damage(p, d.start, reason.Error())
		if !d.salvage {
			return e.lost
		}
	}
	d.records = []indexEntry{e}
	return nil
}

// endAt makes sure that the last record ends where the stream does.
func (d *Decoder) endAt(offset int64) error {
	if offset == d.size {
		return nil
	}
	return &DamageError{What: "the end", Part: -1, Offset: offset, Reason: fmt.Sprintf("%d bytes follow that do not belong there", d.size-offset)}
}

// indexRecord reads the header of the record at offset and compares it with that
// of record i.
func (d *Decoder) indexRecord(offset, i int64) (indexEntry, error) {
	b, err := readStream(d.r, offset, min(d.size-offset, maxRecordHeader))
	if err != nil {
		return indexEntry{}, err
	}
	return d.indexHeader(b, offset, i)
}

// indexHeader is indexRecord for the bytes at offset.
func (d *Decoder) indexHeader(b []byte, offset, i int64) (indexEntry, error) {
	p := d.layout.placeOfRecord(i)
	h, err := parseRecordHeader(b)
	if err == nil {
		err = h.check(i, p)
	}
	if err == nil && h.payloadSize > d.size-offset-h.size {
		err = errEnds
	}
	if err != nil {
		return indexEntry{}, d.damage(p, offset, err.Error())
	}
	return indexEntry{recordHeader: h, offset: offset}, nil
}

// Part decodes part i, 0 to Parts()-1. It may be called in any order and by
// several goroutines at the same time. progress, which may be nil, is called as
// the SegmentCoder does.
func (d *Decoder) Part(ctx context.Context, i int, progress func(samples int)) (Part, error) {
	return d.part(ctx, i, progress, nil)
}

// part is Part and PartGradually.
func (d *Decoder) part(ctx context.Context, i int, progress func(samples int), ready func(Part)) (Part, error) {
	if i < 0 || i >= d.Parts() {
		return Part{}, fmt.Errorf("there is no part %d, there are %d", i, d.Parts())
	}
	if err := ctx.Err(); err != nil {
		return Part{}, err
	}
	p := d.Place(i)
	if p.bytes != nil {
		return Part{Place: p, Raw: p.bytes}, nil
	}
	entry := d.records[p.record]
	if entry.lost != nil {
		return Part{}, entry.lost
	}
	record, err := readStream(d.r, entry.offset, entry.end()-entry.offset)
	if err != nil {
		return Part{}, err
	}
	part, err := d.decode(ctx, growingAt(p, d.coder, ready), p, entry, record, progress, ready)
	doubted, ok := d.coder.(Doubted)
	var damage *DamageError
	if !ok || !errors.As(err, &damage) {
		return part, err
	}
	alone := doubted.Alone()
	if alone == nil {
		return part, err
	}
	again, failure := d.decode(ctx, alone, p, entry, record, nil, nil)
	if failure == nil {
		doubted.Distrust()
		return again, nil
	}
	return part, err
}

// decode decodes the part at p from its record. ready is for what another stream has.
func (d *Decoder) decode(
	ctx context.Context, coder SegmentCoder, p Place, entry indexEntry, record []byte, progress func(samples int), ready func(Part),
) (part Part, err error) {
	part = Part{Place: p, Encoded: record}
	payload := record[entry.size:]
	switch entry.method {
	case methodStored:
		part.Raw = payload
		part.Samples, err = storedOf(p, payload)
	case methodReferred:
		part.Raw, part.Samples, err = d.referredOf(ctx, p, payload, ready)
	default:
		part.Raw, part.Samples, err = originalOf(ctx, coder, p, entry.method, payload, progress)
	}
	if err != nil {
		if ctx.Err() != nil {
			return Part{}, ctx.Err()
		}
		if entry.method == methodReferred {
			return Part{}, fmt.Errorf("%s: %w", d.layout.name(p), err)
		}
		return Part{}, d.damage(p, entry.offset, fmt.Sprintf("it does not decode (%v)", err))
	}
	if int64(len(part.Raw)) != p.Size {
		return Part{}, d.damage(p, entry.offset, fmt.Sprintf("it decodes to %d bytes instead of %d", len(part.Raw), p.Size))
	}
	if recordSum(payload, part.Raw) != entry.sum {
		return Part{}, d.damage(p, entry.offset, "checksum mismatch")
	}
	return part, nil
}

// damage is the error for the part at p, whose record is at offset.
func (d *Decoder) damage(p Place, offset int64, reason string) error {
	return &DamageError{What: d.layout.name(p), Part: int(p.part), Offset: offset, Reason: reason}
}

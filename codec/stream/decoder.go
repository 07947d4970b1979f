package stream

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
)

// Decoder gives the parts of a WAV file back from its stream.
type Decoder struct {
	r        io.ReaderAt
	size     int64
	header   Header
	coder    SegmentCoder
	head     []indexEntry
	segments []indexEntry
	tail     []indexEntry
	salvage  bool
	behind   error // what is wrong about what follows the last record
}

// indexEntry is a record whose header has been checked, or a lost record.
type indexEntry struct {
	recordHeader
	offset int64 // of the record, in bytes from the start of the stream
	lost   error // why the record is lost
}

// NewDecoder reads the header of the stream of size bytes in r and walks its
// records, so that any segment can be decoded. c returns the coder for the
// model of the given identity. The error is a *DamageError where the stream is
// damaged, and wraps ErrVersion where the program is too old.
func NewDecoder(r io.ReaderAt, size int64, c func(id [32]byte) (SegmentCoder, error)) (*Decoder, error) {
	return (&Decoder{r: r, size: size}).open(c)
}

// Salvage returns a Decoder for a stream that is damaged behind its header.
// Where the header of a record is damaged, or the stream cut off, only the
// records there are lost: their Segment, Prologue or Epilogue returns the
// *DamageError.
func Salvage(r io.ReaderAt, size int64, c func(id [32]byte) (SegmentCoder, error)) (*Decoder, error) {
	return (&Decoder{r: r, size: size, salvage: true}).open(c)
}

func (d *Decoder) open(c func(id [32]byte) (SegmentCoder, error)) (*Decoder, error) {
	size := d.size
	if size < headerSize {
		return nil, &DamageError{Part: "header", Segment: -1, Reason: fmt.Sprintf("the data ends after %d bytes", size)}
	}
	b := make([]byte, headerSize)
	if err := d.read(b, 0); err != nil {
		return nil, err
	}
	var err error
	if d.header, err = parseHeader(b); err != nil {
		return nil, err
	}
	index := d.index
	if d.salvage {
		index = d.indexWhatIsSound
	}
	if err := index(); err != nil {
		return nil, err
	}
	if d.coder, err = c(d.header.Model); err != nil {
		return nil, fmt.Errorf("finding the model %x, which this was compressed with: %w", d.header.Model, err)
	}
	if id := d.coder.ID(); id != d.header.Model {
		return nil, fmt.Errorf("this was compressed with the model %x and cannot be decoded with %x", d.header.Model, id)
	}
	return d, nil
}

// Header is what the header of the stream says.
func (d *Decoder) Header() Header { return d.header }

// Segments is the number of segments.
func (d *Decoder) Segments() int { return len(d.segments) }

// index walks the records from the end of the header to the end of the stream.
func (d *Decoder) index() error {
	h := d.header
	offset := int64(headerSize)
	var err error
	if d.head, offset, err = d.indexPieces(kindHead, h.storedHead(), offset); err != nil {
		return err
	}
	frameBytes := int64(h.Format.FrameBytes())
	for i := range h.Segments() {
		frames := h.segmentLength(i)
		entry, err := d.indexRecord(offset, kindSegment, i, frames, frames*frameBytes)
		if err != nil {
			return err
		}
		d.segments = append(d.segments, entry)
		offset = entry.end()
	}
	if d.tail, offset, err = d.indexPieces(kindTail, h.TailSize, offset); err != nil {
		return err
	}
	if offset != d.size {
		return &DamageError{Part: "the end", Segment: -1, Offset: offset, Reason: fmt.Sprintf("%d bytes follow that do not belong there", d.size-offset)}
	}
	return nil
}

// indexPieces walks the records of a head or tail of size bytes, the first of
// which begins at offset, and returns them and the offset after the last.
func (d *Decoder) indexPieces(kind byte, size, offset int64) ([]indexEntry, int64, error) {
	var entries []indexEntry
	for number := int64(0); size > 0; number++ {
		count := min(size, pieceSize)
		entry, err := d.indexRecord(offset, kind, number, count, count)
		if err != nil {
			return nil, 0, err
		}
		entries = append(entries, entry)
		offset = entry.end()
		size -= count
	}
	return entries, offset, nil
}

// indexRecord reads the header of the record at offset and compares it with
// what is expected there.
func (d *Decoder) indexRecord(offset int64, kind byte, number, count, originalSize int64) (indexEntry, error) {
	damaged := func(reason string) (indexEntry, error) {
		return indexEntry{}, d.damage(kind, number, offset, reason)
	}
	if d.size-offset < recordHeaderSize {
		return damaged("the data ends before it does")
	}
	b := make([]byte, recordHeaderSize)
	if err := d.read(b, offset); err != nil {
		return indexEntry{}, err
	}
	h, err := parseRecordHeader(b)
	if err != nil {
		return damaged(err.Error())
	}
	if err := h.check(kind, number, count, originalSize); err != nil {
		return damaged(err.Error())
	}
	if int64(h.payloadSize) > d.size-offset-recordHeaderSize {
		return damaged("the data ends before it does")
	}
	return indexEntry{recordHeader: h, offset: offset}, nil
}

// end is the offset of the byte after the record.
func (e indexEntry) end() int64 { return e.offset + recordHeaderSize + int64(e.payloadSize) }

// Prologue returns the bytes of the WAV file before its audio.
func (d *Decoder) Prologue() ([]byte, error) {
	if d.header.UsualHead {
		return d.header.usualHead(), nil
	}
	var head []byte
	for _, entry := range d.head {
		piece, err := d.piece(entry)
		if err != nil {
			return nil, err
		}
		head = append(head, piece...)
	}
	return head, nil
}

// Segment decodes segment i, 0 to Segments()-1. It may be called in any order
// and by several goroutines at the same time. progress, which may be nil, is
// called as the SegmentCoder does.
func (d *Decoder) Segment(ctx context.Context, i int, progress func(samples int)) (Segment, error) {
	if i < 0 || i >= len(d.segments) {
		return Segment{}, fmt.Errorf("there is no segment %d, there are %d", i, len(d.segments))
	}
	if err := ctx.Err(); err != nil {
		return Segment{}, err
	}
	entry := d.segments[i]
	record, err := d.record(entry)
	if err != nil {
		return Segment{}, err
	}
	s := Segment{Encoded: record, Start: int64(i) * int64(d.header.SegmentFrames)}
	format := d.header.Format
	if payload := record[recordHeaderSize:]; entry.method == methodStored {
		s.Raw = payload
		s.Samples = format.Samples(payload)
	} else {
		if s.Samples, err = d.decode(ctx, payload, int(entry.count), progress); err != nil {
			return Segment{}, fmt.Errorf("decoding %s (at byte %d of the compressed data): %w", segmentName(int64(i), d.header), entry.offset, err)
		}
		s.Raw = format.Bytes(s.Samples)
	}
	if err := d.checkOriginal(entry, s.Raw); err != nil {
		return Segment{}, err
	}
	return s, nil
}

// decode runs the coder and makes sure of the shape of what it returns.
func (d *Decoder) decode(ctx context.Context, payload []byte, frames int, progress func(samples int)) ([][]int32, error) {
	format := d.header.Format
	samples, err := d.coder.Decode(ctx, payload, format.Channels, frames, format.ContainerBits, progress)
	if err != nil {
		return nil, err
	}
	if len(samples) != format.Channels {
		return nil, fmt.Errorf("the decoder returned %d channels instead of %d", len(samples), format.Channels)
	}
	for c := range samples {
		if len(samples[c]) != frames {
			return nil, fmt.Errorf("the decoder returned %d frames instead of %d", len(samples[c]), frames)
		}
	}
	return samples, nil
}

// Epilogue writes the bytes of the WAV file after its audio to w.
func (d *Decoder) Epilogue(w io.Writer) error {
	for _, entry := range d.tail {
		piece, err := d.piece(entry)
		if err != nil {
			return err
		}
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return d.behind
}

// piece returns the original bytes of a record of the head or the tail.
func (d *Decoder) piece(entry indexEntry) ([]byte, error) {
	record, err := d.record(entry)
	if err != nil {
		return nil, err
	}
	original := record[recordHeaderSize:]
	if entry.method == methodDeflate {
		if original, err = inflate(original, int64(entry.count)); err != nil {
			return nil, d.damage(entry.kind, int64(entry.number), entry.offset, err.Error())
		}
	}
	return original, d.checkOriginal(entry, original)
}

// record reads a whole record and checks its payload.
func (d *Decoder) record(entry indexEntry) ([]byte, error) {
	if entry.lost != nil {
		return nil, entry.lost
	}
	record := make([]byte, entry.end()-entry.offset)
	if err := d.read(record, entry.offset); err != nil {
		return nil, err
	}
	if crc32.Checksum(record[recordHeaderSize:], castagnoli) != entry.payloadCRC {
		return nil, d.damage(entry.kind, int64(entry.number), entry.offset, "checksum mismatch")
	}
	return record, nil
}

// checkOriginal makes sure that the bytes decoded from a record are those that
// were encoded.
func (d *Decoder) checkOriginal(entry indexEntry, original []byte) error {
	if crc32.Checksum(original, castagnoli) != entry.originalCRC {
		return d.damage(entry.kind, int64(entry.number), entry.offset, "its compressed data is sound, but does not decode to the original bytes")
	}
	return nil
}

// damage is the error for the record at offset.
func (d *Decoder) damage(kind byte, number, offset int64, reason string) error {
	e := &DamageError{Segment: -1, Offset: offset, Reason: reason}
	switch kind {
	case kindHead:
		e.Part = "the part before the audio"
	case kindSegment:
		e.Part = segmentName(number, d.header)
		e.Segment = int(number)
	case kindTail:
		e.Part = "the part after the audio"
	}
	return e
}

// read fills b with the stream from offset on.
func (d *Decoder) read(b []byte, offset int64) error {
	n, err := d.r.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading the compressed data at byte %d: %w", offset+int64(n), err)
}

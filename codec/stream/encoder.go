package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/wav"
)

// Encoder makes the parts of the stream of one WAV file.
type Encoder struct {
	r      io.ReaderAt
	file   *wav.File
	header Header
	coder  SegmentCoder
}

// NewEncoder reads the layout of the WAV file of size bytes in r, whose
// segments c is to compress. The error wraps wav.ErrNotPCM if the file is to be
// kept whole, because there is no integer PCM in it.
func NewEncoder(r io.ReaderAt, size int64, c SegmentCoder) (*Encoder, error) {
	file, err := wav.Parse(r, size)
	if err != nil {
		return nil, err
	}
	if file.DataOffset > maxHeadSize {
		return nil, fmt.Errorf("%w: more than %d MiB come before its audio", wav.ErrNotPCM, maxHeadSize>>20)
	}
	e := &Encoder{
		r:    r,
		file: file,
		header: Header{
			Format:        file.Format,
			Frames:        file.Frames(),
			SegmentFrames: SegmentFrames(file.Format, file.Frames()),
			HeadSize:      file.DataOffset,
			TailSize:      size - file.TailOffset(),
			Model:         c.ID(),
		},
		coder: c,
	}
	if file.DataOffset == usualHeadSize {
		head := make([]byte, usualHeadSize)
		if err := e.read(head, 0); err != nil {
			return nil, err
		}
		e.header.UsualHead = bytes.Equal(head, e.header.usualHead())
	}
	return e, nil
}

// File is the layout of the WAV file.
func (e *Encoder) File() *wav.File { return e.file }

// Header is what the header of the stream says.
func (e *Encoder) Header() Header { return e.header }

// Segments is the number of segments.
func (e *Encoder) Segments() int { return int(e.header.Segments()) }

// Prologue returns the first part of the stream, encoded: the header and the
// bytes of the WAV file before its audio, which are raw.
func (e *Encoder) Prologue() (encoded, raw []byte, err error) {
	raw = make([]byte, e.header.HeadSize)
	if err := e.read(raw, 0); err != nil {
		return nil, nil, err
	}
	encoded = e.header.marshal()
	if e.header.UsualHead {
		if !bytes.Equal(raw, e.header.usualHead()) {
			return nil, nil, errors.New("the WAV file's header changed while it was read")
		}
		return encoded, raw, nil
	}
	for number, rest := int64(0), raw; len(rest) > 0; number++ {
		piece := rest[:min(len(rest), pieceSize)]
		record, err := pieceRecord(kindHead, number, piece)
		if err != nil {
			return nil, nil, err
		}
		encoded = append(encoded, record...)
		rest = rest[len(piece):]
	}
	return encoded, raw, nil
}

// Segment encodes segment i, 0 to Segments()-1. It may be called in any order
// and by several goroutines at the same time. progress, which may be nil, is
// called as the SegmentCoder does.
func (e *Encoder) Segment(ctx context.Context, i int, progress func(samples int)) (Segment, error) {
	if i < 0 || i >= e.Segments() {
		return Segment{}, fmt.Errorf("there is no segment %d, there are %d", i, e.Segments())
	}
	if err := ctx.Err(); err != nil {
		return Segment{}, err
	}
	format := e.header.Format
	start := int64(i) * int64(e.header.SegmentFrames)
	frames := e.header.segmentLength(int64(i))
	raw := make([]byte, frames*int64(format.FrameBytes()))
	if err := e.read(raw, e.file.DataOffset+start*int64(format.FrameBytes())); err != nil {
		return Segment{}, err
	}
	samples := format.Samples(raw)
	coded, err := e.coder.Encode(ctx, samples, format.ContainerBits, progress)
	if err != nil {
		return Segment{}, fmt.Errorf("compressing %s: %w", segmentName(int64(i), e.header), err)
	}
	return Segment{
		Encoded: newRecord(kindSegment, methodCoded, int64(i), int(frames), raw, coded),
		Raw:     raw,
		Samples: samples,
		Start:   start,
	}, nil
}

// Epilogue writes the last part of the stream to w, and the bytes of the WAV
// file after its audio, which it encodes, to raw.
func (e *Encoder) Epilogue(w io.Writer, raw io.Writer) error {
	buffer := make([]byte, min(e.header.TailSize, pieceSize))
	offset := e.file.TailOffset()
	for number := int64(0); offset < e.file.Size; number++ {
		piece := buffer[:min(int64(len(buffer)), e.file.Size-offset)]
		if err := e.read(piece, offset); err != nil {
			return err
		}
		record, err := pieceRecord(kindTail, number, piece)
		if err != nil {
			return err
		}
		if _, err := w.Write(record); err != nil {
			return err
		}
		if _, err := raw.Write(piece); err != nil {
			return err
		}
		offset += int64(len(piece))
	}
	return nil
}

// read fills b with the WAV file from offset on.
func (e *Encoder) read(b []byte, offset int64) error {
	n, err := e.r.ReadAt(b, offset)
	if n == len(b) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("the file became shorter while it was read")
	}
	return fmt.Errorf("reading the WAV file at byte %d: %w", offset+int64(n), err)
}

// pieceRecord returns the record of a piece of the head or the tail.
func pieceRecord(kind byte, number int64, piece []byte) ([]byte, error) {
	payload, err := deflate(piece)
	if err != nil {
		return nil, err
	}
	return newRecord(kind, methodDeflate, number, len(piece), piece, payload), nil
}

// segmentName is how messages call segment i.
func segmentName(i int64, h Header) string {
	return fmt.Sprintf("segment %d of %d", i+1, h.Segments())
}

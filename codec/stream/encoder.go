package stream

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"trilobyte/codec/recording"
)

// Encoder makes the stream of one file.
type Encoder struct {
	r      io.ReaderAt
	layout layout
	coder  SegmentCoder

	block    int // see Sound.Block
	wrongMD5 bool
}

// NewEncoder prepares the stream of the file in r, which package recording has
// found these spans in, and whose audio c is to compress, but for stretches, whose
// samples other streams have. Stretches follow each other, in a file that has one
// span of audio. If c is a RepeatMeter, it reads audio, to choose the lengths of
// segments. The error is one of reading r, or the context's.
func NewEncoder(ctx context.Context, r io.ReaderAt, spans []recording.Span, c SegmentCoder, stretches ...Stretch) (*Encoder, error) {
	h := Header{Model: NameOf(c.ID())}
	for _, s := range spans {
		parts := []Span{{Span: s}}
		if s.Audio() {
			parts = cut(s, stretches)
		}
		for _, span := range parts {
			if err := span.prepare(ctx, r, s.Frames(), c); err != nil {
				return nil, err
			}
			h.Spans = append(h.Spans, h.withinSegments(span)...)
		}
	}
	if len(h.Spans) > 1 && hasUsualHead(h.Spans[1]) {
		first := &h.Spans[0]
		first.Usual = bytes.Equal(first.Bytes, h.usualHead())
	}
	return &Encoder{r: r, layout: newLayout(h), coder: c}, nil
}

// prepare finds out what else the header says of the span, in a recording of so many
// frames.
func (s *Span) prepare(ctx context.Context, r io.ReaderAt, whole int64, c SegmentCoder) (err error) {
	switch {
	case !s.Audio():
		err = s.keep(r)
	case s.refers != nil:
		s.SegmentFrames = int(min(int64(SegmentFrames(s.Format, whole)), s.Frames()))
	default:
		s.SegmentFrames, err = segmentFrames(ctx, r, s.Span, whole, c)
	}
	return err
}

// keep reads the bytes of a span that the header is to hold.
func (s *Span) keep(r io.ReaderAt) (err error) {
	if s.Size <= shortSize {
		s.Bytes, err = readFile(r, s.Offset, s.Size)
	}
	return err
}

// Header is what the header of the stream says.
func (e *Encoder) Header() Header { return e.layout.header }

// Begin returns the first bytes of the stream, before those of its parts.
func (e *Encoder) Begin() []byte { return e.layout.header.marshal() }

// Parts is the number of parts.
func (e *Encoder) Parts() int { return int(e.layout.all().parts) }

// Place is where part i is, 0 to Parts()-1.
func (e *Encoder) Place(i int) Place { return e.layout.place(int64(i)) }

// Part encodes part i, 0 to Parts()-1. It may be called in any order and by
// several goroutines at the same time. progress, which may be nil, is called as
// the SegmentCoder does.
func (e *Encoder) Part(ctx context.Context, i int, progress func(samples int)) (Part, error) {
	if i < 0 || i >= e.Parts() {
		return Part{}, fmt.Errorf("there is no part %d, there are %d", i, e.Parts())
	}
	if err := ctx.Err(); err != nil {
		return Part{}, err
	}
	p := e.Place(i)
	if p.bytes != nil {
		return Part{Place: p, Raw: p.bytes}, nil
	}
	raw, err := readFile(e.r, p.Offset, p.Size)
	if err != nil {
		return Part{}, err
	}
	payload, samples, err := payloadOf(ctx, e.coder, p, raw, progress)
	if err != nil {
		return Part{}, fmt.Errorf("compressing %s: %w", e.layout.name(p), err)
	}
	record := newRecord(p.record, e.layout.all().records, methodOf(p), raw, payload)
	return Part{Place: p, Encoded: record, Raw: raw, Samples: samples}, nil
}

// readFile returns so many bytes of the original file from offset on.
func readFile(r io.ReaderAt, offset, size int64) ([]byte, error) {
	b := make([]byte, size)
	n, err := r.ReadAt(b, offset)
	if n == len(b) {
		return b, nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = errors.New("the file became shorter while it was read")
	}
	return nil, fmt.Errorf("reading the file at byte %d: %w", offset+int64(n), err)
}

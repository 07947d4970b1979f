package stream

import (
	"fmt"
	"sort"
	"time"

	"trilobyte/codec/recording"
)

// Place is where a part lies in the file.
type Place struct {
	Offset, Size int64            // bytes
	Format       recording.Format // the zero Format if it is not audio
	Start        int64            // number of its first frame, over all spans of audio
	Frames       int64            // 0 if it is not audio
	Time         time.Duration    // when it begins, over all spans of audio
	part         int64            // its number
	segment      int64            // its number among all segments
	record       int64            // the number of its record, or -1 if it follows from the header
	bytes        []byte           // what follows from the header
	flac         *run             // what else is known of FLAC frames
	refers       *Reference       // to the samples of the part
}

// Audio reports whether the part is audio.
func (p Place) Audio() bool { return p.Frames > 0 }

// Ends is when the audio of the part ends.
func (p Place) Ends() time.Duration { return p.Time + duration(p.Frames, p.Format) }

// Within is where so many frames of the part are, from the given one on.
func (p Place) Within(start, frames int64) Place {
	p.Time += duration(start, p.Format)
	p.Start, p.Frames = p.Start+start, frames
	return p
}

// pieceSize is how many bytes of a span that is kept a record holds, but for the
// last one, which holds the rest.
const pieceSize = 1 << 20

// layout is what comes before each span, and before the end.
type layout struct {
	header Header
	before []counts // one more than there are spans
}

// counts is how many of each there are.
type counts struct {
	parts, records, segments, frames int64
	time                             time.Duration
}

// newLayout counts the parts of the spans.
func newLayout(h Header) layout {
	l := layout{header: h, before: make([]counts, 1, len(h.Spans)+1)}
	var c counts
	for _, s := range h.Spans {
		n := s.parts()
		c.parts += n
		if s.Bytes == nil {
			c.records += n
		}
		if s.Audio() {
			c.segments += n
			c.frames += s.Frames()
			c.time += duration(s.Frames(), s.Format)
		}
		l.before = append(l.before, c)
	}
	return l
}

// all counts all parts.
func (l layout) all() counts { return l.before[len(l.before)-1] }

// parts is the number of parts of a span.
func (s Span) parts() int64 {
	switch {
	case s.Bytes != nil:
		return 1
	case s.FLAC():
		return int64(len(s.flac))
	case s.Audio():
		return ceil(s.Frames(), int64(s.SegmentFrames))
	}
	return ceil(s.Size, pieceSize)
}

// ceil returns a / b, rounded up.
func ceil(a, b int64) int64 {
	n := a / b
	if a%b > 0 {
		n++
	}
	return n
}

// place returns where part i is, 0 to the number of all parts minus 1.
func (l layout) place(i int64) Place {
	s := sort.Search(len(l.header.Spans), func(s int) bool { return l.before[s+1].parts > i })
	return l.within(s, i-l.before[s].parts)
}

// placeOfRecord returns where the part of record i is.
func (l layout) placeOfRecord(i int64) Place {
	s := sort.Search(len(l.header.Spans), func(s int) bool { return l.before[s+1].records > i })
	return l.within(s, i-l.before[s].records)
}

// within returns where part i of span s is.
func (l layout) within(s int, i int64) Place {
	span, before := l.header.Spans[s], l.before[s]
	p := Place{Offset: span.Offset, Size: span.Size, part: before.parts + i, record: before.records + i}
	switch {
	case span.Bytes != nil:
		p.record, p.bytes = -1, span.Bytes
	case span.Audio():
		start := i * int64(span.SegmentFrames)
		p.Format = span.Format
		if span.FLAC() {
			p.flac = &span.flac[i]
			start, p.Frames = p.flac.start, p.flac.frames
			p.Offset += p.flac.offset
			p.Size = p.flac.size
		} else {
			p.Frames = min(int64(span.SegmentFrames), span.Frames()-start)
			p.Offset += start * int64(span.Format.FrameBytes())
			p.Size = p.Frames * int64(span.Format.FrameBytes())
		}
		p.Start = before.frames + start
		p.Time = before.time + duration(start, span.Format)
		p.segment = before.segments + i
		if span.refers != nil {
			r := *span.refers
			r.First += start
			p.refers = &r
		}
	default:
		p.Offset += i * pieceSize
		p.Size = min(pieceSize, span.End()-p.Offset)
	}
	return p
}

// name is how messages call the part at p.
func (l layout) name(p Place) string {
	if p.Audio() {
		return fmt.Sprintf("segment %d of %d", p.segment+1, l.all().segments)
	}
	return fmt.Sprintf("what is no audio in bytes %d to %d of the file", p.Offset, p.Offset+p.Size-1)
}

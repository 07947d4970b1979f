package stream

import (
	"io"
	"slices"
)

// ReadHeader reads the header of the stream of size bytes in r. The error is a
// *DamageError where it is damaged.
func ReadHeader(r io.ReaderAt, size int64) (Header, error) {
	h, _, err := readHeader(r, size)
	return h, err
}

// Stretches returns what other streams have of the file, or itself once more.
func (h Header) Stretches() []Stretch {
	var all []Stretch
	start := int64(0)
	for _, s := range h.Spans {
		if s.refers != nil {
			next := Stretch{start, s.Frames(), *s.refers}
			if n := len(all); n > 0 && all[n-1].goesOn(next) {
				all[n-1].Frames += next.Frames
			} else {
				all = append(all, next)
			}
		}
		start += s.Frames()
	}
	return all
}

// goesOn reports whether another stretch is what comes next of this one.
func (s Stretch) goesOn(next Stretch) bool {
	behind := s
	behind.Start, behind.First, behind.Frames = s.end(), s.First+s.Frames, next.Frames
	return s.Source == next.Source && s.Sum == next.Sum && behind.SamePart(next)
}

// SamePart reports whether two stretches have the same frames from the same place in a
// stream, whichever that is.
func (s Stretch) SamePart(other Stretch) bool {
	return s.Start == other.Start && s.Frames == other.Frames && s.First == other.First && s.Shift == other.Shift &&
		s.Negated == other.Negated && slices.Equal(s.Channels, other.Channels)
}

// Relocate returns what the stream of size bytes in r begins with, of which so many
// bytes are replaced, when the other streams that it refers to are at other places: to
// returns where. What follows stays as it is. Errors are those of ReadHeader and of to.
func Relocate(r io.ReaderAt, size int64, to func(Reference) (Reference, error)) (begin []byte, replaced int64, err error) {
	h, replaced, err := readHeader(r, size)
	if err != nil {
		return nil, 0, err
	}
	h.Spans = slices.Clone(h.Spans)
	for i := range h.Spans {
		s := &h.Spans[i]
		if s.refers == nil || s.refers.Source == Itself {
			continue
		}
		moved, err := to(*s.refers)
		if err != nil {
			return nil, 0, err
		}
		s.refers = &moved
	}
	return h.marshal(), replaced, nil
}

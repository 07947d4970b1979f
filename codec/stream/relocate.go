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

// Stretches returns what other streams have of the file.
func (h Header) Stretches() []Stretch {
	var all []Stretch
	start := int64(0)
	for _, s := range h.Spans {
		if s.refers != nil {
			all = append(all, Stretch{start, s.Frames(), *s.refers})
		}
		start += s.Frames()
	}
	return all
}

// SamePart reports whether two stretches have the same frames from the same place in a
// stream, whichever that is.
func (s Stretch) SamePart(other Stretch) bool {
	return s.Start == other.Start && s.Frames == other.Frames && s.First == other.First && s.Shift == other.Shift &&
		s.Negated == other.Negated && slices.Equal(s.Channels, other.Channels)
}

// Relocate returns what the stream of size bytes in r begins with, of which so many
// bytes are replaced, when the streams that it refers to are at other places: to
// returns where. What follows stays as it is. Errors are those of ReadHeader and of to.
func Relocate(r io.ReaderAt, size int64, to func(Reference) (Reference, error)) (begin []byte, replaced int64, err error) {
	h, replaced, err := readHeader(r, size)
	if err != nil {
		return nil, 0, err
	}
	h.Spans = slices.Clone(h.Spans)
	for i := range h.Spans {
		s := &h.Spans[i]
		if s.refers == nil {
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

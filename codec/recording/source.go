package recording

import (
	"fmt"
	"io"
)

const (
	windowSize = 4 << 10  // of what is read at once for headers
	scanSize   = 64 << 10 // of what is read at once in a search

	// maxScan bounds all searches in a file together, maxSearch one of them.
	maxScan   = 8 << 20
	maxSearch = 1 << 20
)

// source reads a file in small pieces. Its first error stays; after it, the file
// seems to end.
type source struct {
	r       io.ReaderAt
	size    int64
	window  []byte // what was read last
	offset  int64  // of the window
	scanned int64  // bytes that searches have read, or that are as costly
	err     error
}

// bytes returns the n bytes at pos, at most windowSize, or those up to the end
// of the file. They are valid until the next call.
func (s *source) bytes(pos int64, n int) []byte {
	if s.err != nil || pos < 0 || pos >= s.size {
		return nil
	}
	n = int(min(int64(n), s.size-pos))
	if pos < s.offset || pos+int64(n) > s.offset+int64(len(s.window)) {
		if s.window = s.read(s.window, pos, windowSize); s.window == nil {
			return nil
		}
		s.offset = pos
	}
	from := int(pos - s.offset)
	return s.window[from : from+n]
}

// read reads n bytes at pos, or those up to the end of the file, into b if it is
// large enough. It returns nil after an error.
func (s *source) read(b []byte, pos int64, n int) []byte {
	n = int(min(int64(n), s.size-pos))
	if cap(b) < n {
		b = make([]byte, n)
	}
	b = b[:n]
	if got, err := s.r.ReadAt(b, pos); got < n {
		if err == nil || err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		s.err = fmt.Errorf("reading %d bytes at byte %d: %w", n, pos, err)
		return nil
	}
	return b
}

// search returns the first position in [from, to) at which match holds for the
// bytes there, at least width of them, or -1. It gives up where the bounds of
// searches are reached.
func (s *source) search(from, to int64, width int, match func(pos int64, b []byte) bool) int64 {
	to = min(to, s.size-int64(width)+1, from+maxSearch)
	var b []byte
	for from < to && s.scanned < maxScan {
		if b = s.read(b, from, scanSize+width-1); b == nil {
			return -1
		}
		n := int(min(to-from, int64(len(b)-width+1)))
		for i := range n {
			if s.scanned >= maxScan {
				return -1
			}
			if match(from+int64(i), b[i:]) {
				return from + int64(i)
			}
		}
		s.scanned += int64(n)
		from += int64(n)
	}
	return -1
}

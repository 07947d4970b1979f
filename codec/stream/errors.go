package stream

import (
	"errors"
	"fmt"
)

// ErrVersion is wrapped by the error of NewDecoder for a stream of a format
// version that this program does not know.
var ErrVersion = errors.New("made by a newer version of the format: update Trilobyte to read it")

// DamageError says that a stream is not as it was written, and where.
type DamageError struct {
	What   string // in words, as in "segment 3 of 12"; segments count from 1 here
	Part   int    // number of the damaged part, from 0, or -1 if it is none
	Offset int64  // in bytes, of what is damaged from the start of the stream
	Reason string
}

// Error names the part, where it is, and what is wrong with it.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged (at byte %d of the compressed data): %s", e.What, e.Offset, e.Reason)
}

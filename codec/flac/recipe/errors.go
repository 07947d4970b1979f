package recipe

import "fmt"

// A Problem is the reason why a file cannot be rebuilt from its samples and has
// to be kept whole, in words for its owner.
type Problem struct {
	Offset int64  // byte of the file at which it shows
	Reason string // for example "the checksum of the frame is wrong"
}

func (p *Problem) Error() string { return fmt.Sprintf("at byte %d: %s", p.Offset, p.Reason) }

// fault is a Problem whose offset the parser does not know.
type fault string

func (f fault) Error() string { return string(f) }

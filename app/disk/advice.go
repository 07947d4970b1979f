package disk

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// Advise adds to an error of the operating system what its user can do about
// it, where there is something. The error of a file then begins with its path.
func Advise(err error) error {
	advice := ""
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		advice = "free some space on that disk, then try again"
	case errors.Is(err, syscall.EIO):
		advice = "the disk may be failing: save what is on it, and try again"
	case errors.Is(err, syscall.EROFS):
		advice = "choose a place that can be written to"
	case errors.Is(err, fs.ErrPermission):
		advice = "change its permissions, or choose another place, then try again"
	case errors.Is(err, syscall.ENAMETOOLONG):
		advice = "shorten the name, or choose a place with a shorter one"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		advice = "close other programs, then try again"
	}
	var already *advised
	if advice == "" || errors.As(err, &already) {
		return err
	}
	if p, ok := err.(*fs.PathError); ok {
		return &advised{err, fmt.Sprintf("%s: %v: %s", p.Path, p.Err, advice)}
	}
	return &advised{err, fmt.Sprintf("%v: %s", err, advice)}
}

// advised is an error with advice.
type advised struct {
	err  error
	text string
}

func (a *advised) Error() string { return a.text }

func (a *advised) Unwrap() error { return a.err }

package disk

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// Remedy is what the user can do about an error of the operating system.
type Remedy int

// The remedies.
const (
	NoRemedy       Remedy = iota
	FreeSpace             // the disk, or the user's part of it, is full
	SaveTheDisk           // the disk may be failing
	WritablePlace         // nothing can be written there: another place is needed
	AllowAccess           // by changing permissions, or by choosing another place
	ShorterName           // of the file, or of the folders that it is in
	FewerOpenFiles        // other programs have too many
	CloseProgram          // another program keeps the file for itself
)

// RemedyOf returns what can be done about an error.
func RemedyOf(err error) Remedy {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return FreeSpace
	case errors.Is(err, syscall.EIO):
		return SaveTheDisk
	case errors.Is(err, syscall.EROFS):
		return WritablePlace
	case errors.Is(err, fs.ErrPermission):
		return AllowAccess
	case errors.Is(err, syscall.ENAMETOOLONG):
		return ShorterName
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return FewerOpenFiles
	}
	return systemRemedy(err)
}

// PathOf divides the error of a file into the file's path, the new one if it has two,
// and the rest. The path is "" if err says more than that, or has none.
func PathOf(err error) (path string, reason error) {
	var p *fs.PathError
	if errors.As(err, &p) && err.Error() == p.Error() {
		return p.Path, p.Err
	}
	var l *os.LinkError
	if errors.As(err, &l) && err.Error() == l.Error() {
		return l.New, l.Err
	}
	return "", err
}

// WithoutPath takes the path off the error of a file, whose name stands beside
// it.
func WithoutPath(err error) error {
	_, reason := PathOf(err)
	return reason
}

package disk

import (
	"errors"
	"io/fs"
	"syscall"
)

// Attribute is an extended attribute of a file or folder, by the name that the system
// has for it ("user.comment" on Linux).
type Attribute struct {
	Name  string `json:"name"`
	Value []byte `json:"value"`
}

// Extent is a part of a file: so many bytes from an offset on.
type Extent struct {
	Offset int64 `json:"offset"`
	Size   int64 `json:"size"`
}

// End is the offset of the byte after it.
func (e Extent) End() int64 { return e.Offset + e.Size }

// Unsupported says whether an error means that a file system, or a system, does not
// have what it was asked for, or does not have it to that extent, or for this user.
func Unsupported(err error) bool {
	for _, e := range []error{errors.ErrUnsupported, syscall.EPERM, syscall.EINVAL, syscall.E2BIG, syscall.ERANGE} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// SpecialBits are those of a mode that are no permissions: setuid, setgid, sticky.
const SpecialBits = fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky

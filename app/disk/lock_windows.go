package disk

import (
	"errors"
	"os"

	"golang.org/x/sys/windows"
)

// RenameOpenFiles says that a file can get another name while it is open.
const RenameOpenFiles = false

// lock locks a byte that no file has, because locks keep others from reading.
func lock(f *os.File) error {
	const farAway = 0x7FFFFFFF
	at := &windows.Overlapped{OffsetHigh: farAway}
	err := windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, at)
	switch {
	case errors.Is(err, windows.ERROR_LOCK_VIOLATION), errors.Is(err, windows.ERROR_IO_PENDING):
		return ErrLocked
	case errors.Is(err, windows.ERROR_NOT_SUPPORTED), errors.Is(err, windows.ERROR_INVALID_FUNCTION):
		return errors.ErrUnsupported
	}
	return err
}

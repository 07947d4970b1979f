package disk

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/windows"
)

// ModeBits are those of a mode that the system keeps: whether files may be written to.
const ModeBits fs.FileMode = 0o200

func rename(oldName, newName string) error {
	return windowsPatiently(func() error { return os.Rename(oldName, newName) })
}

func remove(name string) error {
	return windowsPatiently(func() error { return os.Remove(name) })
}

// RemoveAll removes a folder and all that is in it, as os.RemoveAll does where
// the file system, or Wine, has POSIX semantics.
func RemoveAll(dir string) error {
	if err := os.RemoveAll(dir); !isUnsupported(err) {
		return err
	}
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		names = append(names, name)
		return err
	})
	for _, name := range slices.Backward(names) { // what is in a folder comes before it
		err = errors.Join(err, remove(name))
	}
	return err
}

func renameIn(r *os.Root, oldName, newName string) error {
	return windowsPatiently(func() error { return r.Rename(oldName, newName) })
}

// removeIn removes with POSIX semantics, as os.Root does, or by closing where
// the file system, or Wine, has none.
func removeIn(r *os.Root, name string) error {
	return windowsPatiently(func() error {
		err := r.Remove(name)
		if isUnsupported(err) && removeByClosing(r, name) == nil {
			return nil
		}
		return err
	})
}

func windowsPatiently(do func() error) error { return patiently(do, isInTheWay, time.Sleep) }

// isInTheWay says whether an error may pass when another program closes a file.
// A file that is being deleted, but is open still, denies access.
func isInTheWay(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) ||
		errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

// isUnsupported says whether a file system does not know a function. Which of
// these errors it has depends on its driver.
func isUnsupported(err error) bool {
	return errors.Is(err, windows.ERROR_INVALID_FUNCTION) || errors.Is(err, windows.ERROR_NOT_SUPPORTED) ||
		errors.Is(err, windows.ERROR_INVALID_PARAMETER) || errors.Is(err, windows.ERROR_CALL_NOT_IMPLEMENTED)
}

// removeByClosing opens a file so that it goes when it is closed, which every
// version of Windows and every file system knows.
//
// A file that is read-only cannot be opened so. It is made writable for that
// moment, and read-only again before it goes: its other names have the same
// attribute.
func removeByClosing(r *os.Root, name string) (err error) {
	info, err := r.Lstat(name)
	if err != nil {
		return err
	}
	access := os.O_RDONLY
	readOnly := info.Mode().IsRegular() && info.Mode()&0o200 == 0
	if readOnly {
		access = os.O_RDWR // to set its attributes
		if err := r.Chmod(name, 0o600); err != nil {
			return err
		}
	}
	file, err := r.OpenFile(name, access|windows.O_FILE_FLAG_DELETE_ON_CLOSE|windows.O_FILE_FLAG_OPEN_REPARSE_POINT, 0)
	if err != nil {
		if readOnly {
			err = errors.Join(err, r.Chmod(name, info.Mode()))
		}
		return err
	}
	if readOnly {
		err = file.Chmod(info.Mode())
	}
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	if _, err := r.Lstat(name); err == nil { // a folder that is not empty
		return &fs.PathError{Op: "remove", Path: name, Err: windows.ERROR_DIR_NOT_EMPTY}
	}
	return nil
}

// Package disk is everything the program does to file systems, behind
// interfaces, so that tests can make any of it fail.
//
// OS is the real thing. Publish and SyncDir are how finished files get their
// final names without ever replacing another file.
package disk

import (
	"errors"
	"io"
	"io/fs"
	"time"
)

// FS is the file system that sources are read from and archives are written to.
// Names are paths as the operating system has them.
type FS interface {
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error) // sorted by name
	Readlink(name string) (string, error)
	Attributes(name string) ([]Attribute, error)        // extended ones, of a file or folder
	EvalSymlinks(name string) (string, error)           // the path without links on the way
	Open(name string) (File, error)                     // for reading
	Create(name string, mode fs.FileMode) (File, error) // for reading and writing; fails where something exists
	Edit(name string, mode fs.FileMode) (File, error)   // for reading and writing; makes what is not there
	MkdirAll(name string, mode fs.FileMode) error       // existing folders are fine
	OpenRoot(name string) (Root, error)                 // a folder that nothing done through it can leave
	Link(oldName, newName string) error                 // fails where newName exists
	Rename(oldName, newName string) error               // replaces newName
	Remove(name string) error
	SyncDir(name string) error // makes renames in a folder last
}

// Root is a folder that files are restored into. Names are slash-separated and
// relative to it; what would leave it, through links too, is an error. See
// os.Root.
type Root interface {
	Stat(name string) (fs.FileInfo, error)
	Lstat(name string) (fs.FileInfo, error)
	ReadDir(name string) ([]fs.DirEntry, error) // sorted by name
	Readlink(name string) (string, error)
	Open(name string) (File, error)                     // for reading
	Create(name string, mode fs.FileMode) (File, error) // fails where something exists
	Mkdir(name string, mode fs.FileMode) error
	Symlink(target, name string) error
	Link(oldName, newName string) error
	Rename(oldName, newName string) error
	Remove(name string) error
	Chmod(name string, mode fs.FileMode) error
	Chtimes(name string, atime, mtime time.Time) error
	ChtimesLink(name string, modified time.Time) error // of a symbolic link itself
	SyncDir(name string) error
	Close() error
}

// File is an open file.
type File interface {
	io.Reader
	io.ReaderAt
	io.Writer
	io.WriterAt
	io.Closer
	Stat() (fs.FileInfo, error)
	Truncate(size int64) error
	// Sync waits until the contents are on the disk. What is read after that
	// comes from the disk again, where the system can be told so.
	Sync() error
	// Attributes are the extended ones that its user may have set. The error
	// wraps errors.ErrUnsupported where there are none.
	Attributes() ([]Attribute, error)
	// SetAttribute sets an extended attribute.
	SetAttribute(a Attribute) error
	// Holes are the parts that take no room, of a file of size bytes.
	Holes(size int64) ([]Extent, error)
	// Hide has the system not show the file to users, where there is such a thing.
	Hide() error
	// Lock takes the file's lock, which goes with the file's being closed, and
	// so with the end of the program, however that comes. The error wraps
	// ErrLocked where another open file, of this program or another, has the
	// lock, and errors.ErrUnsupported on file systems without locks.
	Lock() error
}

// ErrLocked says that somebody else has a file's lock.
var ErrLocked = errors.New("it is in use by another Trilobyte")

// renamer is what Publish needs of an FS or a Root.
type renamer interface {
	Lstat(name string) (fs.FileInfo, error)
	Link(oldName, newName string) error
	Rename(oldName, newName string) error
	Remove(name string) error
}

// Publish gives the file at temp its final name. It wraps fs.ErrExist, and
// leaves temp, where something has that name already.
//
// A hard link followed by a removal does that without a moment in which
// another program's file could be replaced. File systems without hard links
// (FAT, some network shares) get a check followed by a rename.
func Publish(d renamer, temp, final string) error {
	switch err := d.Link(temp, final); {
	case err == nil:
		return d.Remove(temp)
	case errors.Is(err, fs.ErrExist):
		return err
	}
	if _, err := d.Lstat(final); err == nil {
		return &fs.PathError{Op: "rename", Path: final, Err: fs.ErrExist}
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return d.Rename(temp, final)
}

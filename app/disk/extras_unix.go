//go:build linux || darwin || freebsd

package disk

import (
	"errors"
	"io/fs"
	"path"
	"syscall"
	"time"

	"github.com/pkg/xattr"
	"golang.org/x/sys/unix"
)

// Attributes returns the extended attributes of a file or folder that its user may
// have set, in the order of their names.
func (OS) Attributes(name string) ([]Attribute, error) {
	names, err := xattr.List(name)
	if err != nil {
		return nil, unlessUnsupported(err)
	}
	return attributes(names, func(n string) ([]byte, error) { return xattr.Get(name, n) })
}

// Attributes implements File.
func (f osFile) Attributes() ([]Attribute, error) {
	names, err := xattr.FList(f.File)
	if err != nil {
		return nil, withoutXattr(err)
	}
	return attributes(names, func(n string) ([]byte, error) { return xattr.FGet(f.File, n) })
}

// attributes are those among names that a user may have set.
func attributes(names []string, get func(name string) ([]byte, error)) ([]Attribute, error) {
	var all []Attribute
	for _, n := range names {
		if !isUserAttribute(n) {
			continue
		}
		value, err := get(n)
		if errors.Is(err, xattr.ENOATTR) {
			continue // it has gone meanwhile
		}
		if err != nil {
			return nil, withoutXattr(err)
		}
		all = append(all, Attribute{n, value})
	}
	return all, nil
}

// unlessUnsupported is nil where there are no attributes at all.
func unlessUnsupported(err error) error {
	if errors.Is(err, xattr.ENOATTR) || errors.Is(err, syscall.ENOTSUP) || errors.Is(err, syscall.ENOSYS) {
		return nil
	}
	return withoutXattr(err)
}

// withoutXattr makes an error of the library one like those of package os.
func withoutXattr(err error) error {
	var x *xattr.Error
	if errors.As(err, &x) {
		return &fs.PathError{Op: x.Op, Path: x.Path, Err: x.Err}
	}
	return err
}

// SetAttribute implements File.
func (f osFile) SetAttribute(a Attribute) error {
	if !isUserAttribute(a.Name) {
		return &fs.PathError{Op: "setxattr", Path: f.Name(), Err: errors.ErrUnsupported}
	}
	return withoutXattr(xattr.FSet(f.File, a.Name, a.Value))
}

// IsSparse says whether a file has holes, by what its description says.
func IsSparse(info fs.FileInfo) bool {
	const block = 512 // of Blocks, whatever the file system has
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int64(stat.Blocks)*block < info.Size()
}

// Holes implements File.
func (f osFile) Holes(size int64) ([]Extent, error) {
	var holes []Extent
	for at := int64(0); at < size; {
		hole, err := f.Seek(at, unix.SEEK_HOLE)
		if err != nil || hole >= size {
			return holes, unlessUnsupported(err)
		}
		if at, err = f.Seek(hole, unix.SEEK_DATA); errors.Is(err, syscall.ENXIO) {
			at, err = size, nil
		}
		if err != nil {
			return nil, err
		}
		holes = append(holes, Extent{hole, min(at, size) - hole})
	}
	return holes, nil
}

// IsHidden implements what only Windows has.
func IsHidden(fs.FileInfo) bool { return false }

// Hide implements File.
func (f osFile) Hide() error {
	return &fs.PathError{Op: "hide", Path: f.Name(), Err: errors.ErrUnsupported}
}

// ChtimesLink implements Root.
func (r root) ChtimesLink(name string, modified time.Time) error {
	dir, err := r.Root.Open(path.Dir(name))
	if err != nil {
		return err
	}
	spec, err := unix.TimeToTimespec(modified)
	if err == nil {
		err = unix.UtimesNanoAt(int(dir.Fd()), path.Base(name), []unix.Timespec{spec, spec}, unix.AT_SYMLINK_NOFOLLOW)
	}
	if err != nil {
		err = &fs.PathError{Op: "chtimes", Path: name, Err: err}
	}
	return errors.Join(err, dir.Close())
}

// MayHaveLinks says whether a file may have other names (hard links).
func MayHaveLinks(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return !ok || s.Nlink != 1
}

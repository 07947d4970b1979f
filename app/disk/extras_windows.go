package disk

import (
	"errors"
	"io/fs"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Attributes returns none: Windows has no extended attributes that users set.
func (OS) Attributes(string) ([]Attribute, error) { return nil, nil }

// Attributes implements File.
func (f osFile) Attributes() ([]Attribute, error) {
	return nil, &fs.PathError{Op: "listxattr", Path: f.Name(), Err: errors.ErrUnsupported}
}

// SetAttribute implements File.
func (f osFile) SetAttribute(Attribute) error {
	return &fs.PathError{Op: "setxattr", Path: f.Name(), Err: errors.ErrUnsupported}
}

// IsSparse says that no file has holes.
func IsSparse(fs.FileInfo) bool { return false }

// Holes implements File.
func (osFile) Holes(int64) ([]Extent, error) { return nil, nil }

// IsHidden says whether a file or folder is not shown to users.
func IsHidden(info fs.FileInfo) bool {
	data, ok := info.Sys().(*syscall.Win32FileAttributeData)
	return ok && data.FileAttributes&windows.FILE_ATTRIBUTE_HIDDEN != 0
}

// basicInfo is FILE_BASIC_INFO: times, of which 0 leaves those that there are, and
// attributes (learn.microsoft.com/windows/win32/api/winbase/ns-winbase-file_basic_info).
type basicInfo struct {
	times      [4]int64
	attributes uint32
	_          uint32
}

// Hide implements File.
func (f osFile) Hide() error {
	var now windows.ByHandleFileInformation
	handle := windows.Handle(f.Fd())
	err := windows.GetFileInformationByHandle(handle, &now)
	if err == nil {
		info := basicInfo{attributes: now.FileAttributes | windows.FILE_ATTRIBUTE_HIDDEN}
		err = windows.SetFileInformationByHandle(handle, windows.FileBasicInfo, (*byte)(unsafe.Pointer(&info)), uint32(unsafe.Sizeof(info)))
	}
	if err != nil {
		return &fs.PathError{Op: "hide", Path: f.Name(), Err: err}
	}
	return nil
}

// ChtimesLink implements Root.
func (r root) ChtimesLink(name string, _ time.Time) error {
	return &fs.PathError{Op: "chtimes", Path: name, Err: errors.ErrUnsupported}
}

// MayHaveLinks says whether a file may have other names (hard links): what is known of
// it does not tell.
func MayHaveLinks(fs.FileInfo) bool { return true }

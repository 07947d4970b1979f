package disk

import (
	"io/fs"
	"os"
	"path/filepath"
)

// OS is the operating system's file system.
type OS struct{}

// Stat is os.Stat.
func (OS) Stat(name string) (fs.FileInfo, error) { return os.Stat(name) }

// Lstat is os.Lstat.
func (OS) Lstat(name string) (fs.FileInfo, error) { return os.Lstat(name) }

// ReadDir is os.ReadDir.
func (OS) ReadDir(name string) ([]fs.DirEntry, error) { return os.ReadDir(name) }

// Readlink is os.Readlink.
func (OS) Readlink(name string) (string, error) { return os.Readlink(name) }

// EvalSymlinks is filepath.EvalSymlinks.
func (OS) EvalSymlinks(name string) (string, error) { return filepath.EvalSymlinks(name) }

// MkdirAll is os.MkdirAll.
func (OS) MkdirAll(name string, mode fs.FileMode) error { return os.MkdirAll(name, mode) }

// Link is os.Link.
func (OS) Link(oldName, newName string) error { return os.Link(oldName, newName) }

// Rename is os.Rename, with patience on Windows.
func (OS) Rename(oldName, newName string) error { return rename(oldName, newName) }

// Remove is os.Remove, with patience on Windows.
func (OS) Remove(name string) error { return remove(name) }

// Open opens a file for reading.
func (OS) Open(name string) (File, error) { return file(os.Open(name)) }

// Create makes a new file.
func (OS) Create(name string, mode fs.FileMode) (File, error) {
	return file(os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode))
}

// Edit opens a file for reading and writing, or makes it.
func (OS) Edit(name string, mode fs.FileMode) (File, error) {
	return file(os.OpenFile(name, os.O_RDWR|os.O_CREATE, mode))
}

// SyncDir waits until the names in a folder are on the disk.
func (OS) SyncDir(name string) error {
	d, err := os.Open(name)
	if err != nil {
		return err
	}
	return syncDir(d)
}

// OpenRoot is os.OpenRoot.
func (OS) OpenRoot(name string) (Root, error) {
	r, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return root{r}, nil
}

// file keeps a nil *os.File from becoming a File that is not nil.
func file(f *os.File, err error) (File, error) {
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

// osFile gives os.File the methods in which File differs.
type osFile struct{ *os.File }

// Sync implements File.
func (f osFile) Sync() error {
	if err := f.File.Sync(); err != nil {
		return err
	}
	dropCache(f.File)
	return nil
}

// Lock implements File.
func (f osFile) Lock() error {
	if err := lock(f.File); err != nil {
		return &fs.PathError{Op: "lock", Path: f.Name(), Err: err}
	}
	return nil
}

// root gives os.Root the methods in which Root differs.
type root struct{ *os.Root }

func (r root) Create(name string, mode fs.FileMode) (File, error) {
	return file(r.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, mode))
}

func (r root) Open(name string) (File, error) { return file(r.Root.Open(name)) }

func (r root) Rename(oldName, newName string) error { return renameIn(r.Root, oldName, newName) }

func (r root) Remove(name string) error { return removeIn(r.Root, name) }

func (r root) ReadDir(name string) ([]fs.DirEntry, error) {
	return fs.ReadDir(r.FS(), name)
}

func (r root) SyncDir(name string) error {
	d, err := r.Root.Open(name)
	if err != nil {
		return err
	}
	return syncDir(d)
}

// Package disktest has a disk on which anything can go wrong, for tests.
package disktest

import (
	"errors"
	"io/fs"
	"math/rand/v2"
	"sync"

	"trilobyte/app/disk"
)

// Op is something that is about to be done to a disk.
type Op struct {
	Name  string // as the method is called, in lower case: "open", "writeat", ...
	Path  string // as it was given; inside a Root, relative to it
	Bytes int    // to be read or written
}

// Writes says whether the operation changes what is on the disk.
func (o Op) Writes() bool {
	switch o.Name {
	case "create", "edit", "mkdir", "mkdirall", "link", "rename", "symlink", "write", "writeat", "truncate", "sync", "syncdir", "chmod", "chtimes", "chtimeslink", "setattribute", "hide":
		return true
	}
	return false
}

// FS is the operating system's disk, with faults. Only closing never fails,
// and always closes.
type FS struct {
	disk.OS
	// Before is called before everything that is done, by several goroutines at
	// the same time. What it returns is the error of the operation, which is
	// not done then; but if it is a Short, half of the bytes are written.
	Before func(Op) error

	mu   sync.Mutex
	open map[*file]bool
}

// Short is a fault that lets half of the bytes through.
type Short struct{ Err error }

// Error implements error.
func (s Short) Error() string { return s.Err.Error() }

// Unwrap returns the fault.
func (s Short) Unwrap() error { return s.Err }

func (d *FS) before(name, path string, bytes int) error {
	if d.Before == nil {
		return nil
	}
	err := d.Before(Op{name, path, bytes})
	if err == nil {
		return nil
	}
	if short := (Short{}); errors.As(err, &short) {
		return err
	}
	return &fs.PathError{Op: name, Path: path, Err: err}
}

// LosePower makes of all open files what a power failure may: of the writes
// that were not synced, any may have got lost, and others not.
func (d *FS) LosePower(random *rand.Rand) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var failure error
	for f := range d.open {
		failure = errors.Join(failure, f.loseWrites(random))
	}
	return failure
}

func (d *FS) wrap(f disk.File, path string, err error) (disk.File, error) {
	if err != nil {
		return nil, err
	}
	wrapped := &file{File: f, disk: d, path: path}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.open == nil {
		d.open = map[*file]bool{}
	}
	d.open[wrapped] = true
	return wrapped, nil
}

// file is an open file.
type file struct {
	disk.File
	disk *FS
	path string

	mu       sync.Mutex
	unsynced []undo
	offset   int64 // of Write
}

// undo is what was there before a write.
type undo struct {
	offset int64
	old    []byte
}

func (f *file) Stat() (fs.FileInfo, error) {
	if err := f.disk.before("fstat", f.path, 0); err != nil {
		return nil, err
	}
	return f.File.Stat()
}

func (f *file) Read(p []byte) (int, error) {
	if err := f.disk.before("read", f.path, len(p)); err != nil {
		return 0, err
	}
	return f.File.Read(p)
}

func (f *file) ReadAt(p []byte, off int64) (int, error) {
	if err := f.disk.before("readat", f.path, len(p)); err != nil {
		return 0, err
	}
	return f.File.ReadAt(p, off)
}

func (f *file) Write(p []byte) (int, error) {
	n, err := f.write("write", p, f.offset, f.File.Write)
	f.offset += int64(n)
	return n, err
}

func (f *file) WriteAt(p []byte, off int64) (int, error) {
	return f.write("writeat", p, off, func(p []byte) (int, error) { return f.File.WriteAt(p, off) })
}

func (f *file) write(name string, p []byte, off int64, write func([]byte) (int, error)) (int, error) {
	fault := f.disk.before(name, f.path, len(p))
	if short := (Short{}); errors.As(fault, &short) {
		p = p[:len(p)/2]
	} else if fault != nil {
		return 0, fault
	}
	f.mu.Lock() // other goroutines may lose power meanwhile
	defer f.mu.Unlock()
	old := make([]byte, len(p))
	f.File.ReadAt(old, off) // beyond the end there are zeros
	f.unsynced = append(f.unsynced, undo{off, old})
	n, err := write(p)
	return n, errors.Join(err, fault)
}

// loseWrites undoes some of the writes that were not synced.
func (f *file) loseWrites(random *rand.Rand) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var failure error
	for i := len(f.unsynced) - 1; i >= 0; i-- {
		if u := f.unsynced[i]; random.IntN(2) == 0 {
			_, err := f.File.WriteAt(u.old, u.offset)
			failure = errors.Join(failure, err)
		}
	}
	return failure
}

func (f *file) Truncate(size int64) error {
	if err := f.disk.before("truncate", f.path, 0); err != nil {
		return err
	}
	return f.File.Truncate(size)
}

func (f *file) Sync() error {
	if err := f.disk.before("sync", f.path, 0); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.unsynced = nil
	return f.File.Sync()
}

func (f *file) SetAttribute(a disk.Attribute) error {
	if err := f.disk.before("setattribute", f.path, 0); err != nil {
		return err
	}
	return f.File.SetAttribute(a)
}

func (f *file) Holes(size int64) ([]disk.Extent, error) {
	if err := f.disk.before("holes", f.path, 0); err != nil {
		return nil, err
	}
	return f.File.Holes(size)
}

func (f *file) Hide() error {
	if err := f.disk.before("hide", f.path, 0); err != nil {
		return err
	}
	return f.File.Hide()
}

func (f *file) Lock() error {
	if err := f.disk.before("lock", f.path, 0); err != nil {
		return err
	}
	return f.File.Lock()
}

func (f *file) Close() error {
	f.disk.mu.Lock()
	delete(f.disk.open, f)
	f.disk.mu.Unlock()
	return f.File.Close()
}

// Stat implements disk.FS.
func (d *FS) Stat(name string) (fs.FileInfo, error) {
	if err := d.before("stat", name, 0); err != nil {
		return nil, err
	}
	return d.OS.Stat(name)
}

// Lstat implements disk.FS.
func (d *FS) Lstat(name string) (fs.FileInfo, error) {
	if err := d.before("lstat", name, 0); err != nil {
		return nil, err
	}
	return d.OS.Lstat(name)
}

// ReadDir implements disk.FS.
func (d *FS) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := d.before("readdir", name, 0); err != nil {
		return nil, err
	}
	return d.OS.ReadDir(name)
}

// Readlink implements disk.FS.
func (d *FS) Readlink(name string) (string, error) {
	if err := d.before("readlink", name, 0); err != nil {
		return "", err
	}
	return d.OS.Readlink(name)
}

// Attributes implements disk.FS.
func (d *FS) Attributes(name string) ([]disk.Attribute, error) {
	if err := d.before("attributes", name, 0); err != nil {
		return nil, err
	}
	return d.OS.Attributes(name)
}

// EvalSymlinks implements disk.FS.
func (d *FS) EvalSymlinks(name string) (string, error) {
	if err := d.before("evalsymlinks", name, 0); err != nil {
		return "", err
	}
	return d.OS.EvalSymlinks(name)
}

// Open implements disk.FS.
func (d *FS) Open(name string) (disk.File, error) {
	if err := d.before("open", name, 0); err != nil {
		return nil, err
	}
	f, err := d.OS.Open(name)
	return d.wrap(f, name, err)
}

// Create implements disk.FS.
func (d *FS) Create(name string, mode fs.FileMode) (disk.File, error) {
	if err := d.before("create", name, 0); err != nil {
		return nil, err
	}
	f, err := d.OS.Create(name, mode)
	return d.wrap(f, name, err)
}

// Edit implements disk.FS.
func (d *FS) Edit(name string, mode fs.FileMode) (disk.File, error) {
	if err := d.before("edit", name, 0); err != nil {
		return nil, err
	}
	f, err := d.OS.Edit(name, mode)
	return d.wrap(f, name, err)
}

// MkdirAll implements disk.FS.
func (d *FS) MkdirAll(name string, mode fs.FileMode) error {
	if err := d.before("mkdirall", name, 0); err != nil {
		return err
	}
	return d.OS.MkdirAll(name, mode)
}

// Link implements disk.FS.
func (d *FS) Link(oldName, newName string) error {
	if err := d.before("link", newName, 0); err != nil {
		return err
	}
	return d.OS.Link(oldName, newName)
}

// Rename implements disk.FS.
func (d *FS) Rename(oldName, newName string) error {
	if err := d.before("rename", newName, 0); err != nil {
		return err
	}
	return d.OS.Rename(oldName, newName)
}

// Remove implements disk.FS.
func (d *FS) Remove(name string) error {
	if err := d.before("remove", name, 0); err != nil {
		return err
	}
	return d.OS.Remove(name)
}

// SyncDir implements disk.FS.
func (d *FS) SyncDir(name string) error {
	if err := d.before("syncdir", name, 0); err != nil {
		return err
	}
	return d.OS.SyncDir(name)
}

// OpenRoot implements disk.FS.
func (d *FS) OpenRoot(name string) (disk.Root, error) {
	if err := d.before("openroot", name, 0); err != nil {
		return nil, err
	}
	r, err := d.OS.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	return &root{r, d}, nil
}

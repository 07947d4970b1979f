package disktest

import (
	"io/fs"
	"time"

	"trilobyte/app/disk"
)

// root is a disk.Root with the faults of its disk.
type root struct {
	disk.Root
	disk *FS
}

func (r *root) Stat(name string) (fs.FileInfo, error) {
	if err := r.disk.before("stat", name, 0); err != nil {
		return nil, err
	}
	return r.Root.Stat(name)
}

func (r *root) Lstat(name string) (fs.FileInfo, error) {
	if err := r.disk.before("lstat", name, 0); err != nil {
		return nil, err
	}
	return r.Root.Lstat(name)
}

func (r *root) ReadDir(name string) ([]fs.DirEntry, error) {
	if err := r.disk.before("readdir", name, 0); err != nil {
		return nil, err
	}
	return r.Root.ReadDir(name)
}

func (r *root) Readlink(name string) (string, error) {
	if err := r.disk.before("readlink", name, 0); err != nil {
		return "", err
	}
	return r.Root.Readlink(name)
}

func (r *root) Open(name string) (disk.File, error) {
	if err := r.disk.before("open", name, 0); err != nil {
		return nil, err
	}
	f, err := r.Root.Open(name)
	return r.disk.wrap(f, name, err)
}

func (r *root) Create(name string, mode fs.FileMode) (disk.File, error) {
	if err := r.disk.before("create", name, 0); err != nil {
		return nil, err
	}
	f, err := r.Root.Create(name, mode)
	return r.disk.wrap(f, name, err)
}

func (r *root) Mkdir(name string, mode fs.FileMode) error {
	if err := r.disk.before("mkdir", name, 0); err != nil {
		return err
	}
	return r.Root.Mkdir(name, mode)
}

func (r *root) Symlink(target, name string) error {
	if err := r.disk.before("symlink", name, 0); err != nil {
		return err
	}
	return r.Root.Symlink(target, name)
}

func (r *root) Link(oldName, newName string) error {
	if err := r.disk.before("link", newName, 0); err != nil {
		return err
	}
	return r.Root.Link(oldName, newName)
}

func (r *root) Rename(oldName, newName string) error {
	if err := r.disk.before("rename", newName, 0); err != nil {
		return err
	}
	return r.Root.Rename(oldName, newName)
}

func (r *root) Remove(name string) error {
	if err := r.disk.before("remove", name, 0); err != nil {
		return err
	}
	return r.Root.Remove(name)
}

func (r *root) Chmod(name string, mode fs.FileMode) error {
	if err := r.disk.before("chmod", name, 0); err != nil {
		return err
	}
	return r.Root.Chmod(name, mode)
}

func (r *root) Chtimes(name string, atime, mtime time.Time) error {
	if err := r.disk.before("chtimes", name, 0); err != nil {
		return err
	}
	return r.Root.Chtimes(name, atime, mtime)
}

func (r *root) ChtimesLink(name string, modified time.Time) error {
	if err := r.disk.before("chtimeslink", name, 0); err != nil {
		return err
	}
	return r.Root.ChtimesLink(name, modified)
}

func (r *root) SyncDir(name string) error {
	if err := r.disk.before("syncdir", name, 0); err != nil {
		return err
	}
	return r.Root.SyncDir(name)
}

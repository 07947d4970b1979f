package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// obstacle is why nothing can be restored into a folder. Each folder has one at most,
// which is reported once, however many files it keeps back.
type obstacle struct {
	name string // of the folder in the archive; "" if it is the one that is restored into
	err  error
	told bool
}

func (o *obstacle) Error() string { return o.err.Error() }
func (o *obstacle) Unwrap() error { return o.err }

// stopped reports why an entry has failed: if that is an obstacle, once for all that it
// keeps back.
func (r *report) stopped(e *archive.Entry, err error) {
	var o *obstacle
	if !errors.As(err, &o) {
		r.failed(e.Name, err)
		return
	}
	if !o.told {
		o.told = true
		r.failed(o.name, o.err)
	}
	if e.Kind != archive.KindFolder {
		r.summary.KeptBack++
	}
}

// obstruct notes that nothing can be restored into a folder, and returns the obstacle.
func (f *folder) obstruct(dir string, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	o := f.obstacles[dir]
	if o == nil {
		o = &obstacle{err: err}
		if dir != "." {
			o.name = archive.EscapeName(dir)
		}
		f.obstacles[dir] = o
	}
	return o
}

// obstacleOf returns what obstruct has noted of a folder, or nil.
func (f *folder) obstacleOf(dir string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o := f.obstacles[dir]; o != nil {
		return o
	}
	return nil
}

// isDenied says whether nothing can be written to a place, of whatever name.
func isDenied(err error) bool {
	r := disk.RemedyOf(err)
	return r == disk.AllowAccess || r == disk.WritablePlace
}

// denied is the error of a folder, by its path, that nothing can be written into.
func denied(dir string, err error) error {
	if abs, failure := filepath.Abs(dir); failure == nil && dir == "." {
		dir = abs
	}
	return fmt.Errorf("nothing can be written into %s: %w", dir, disk.WithoutPath(err))
}

// path is where a folder is on the disk.
func (f *folder) path(dir string) string { return filepath.Join(f.dir, filepath.FromSlash(dir)) }

// into makes something in a folder that is there.
func (f *folder) into(dir string, do func() error) error {
	err := f.writable(dir, do)
	if isDenied(err) {
		return f.obstruct(dir, denied(f.path(dir), err))
	}
	f.changed[dir] = f.changed[dir] || err == nil // its time is, whatever becomes of what was made
	return err
}

// look returns what has a name, also in a folder whose owner has no access to it.
func (f *folder) look(place string) (there fs.FileInfo, err error) {
	dir := path.Dir(place)
	err = f.writable(dir, func() (err error) {
		there, err = f.root.Lstat(place)
		return err
	})
	if isDenied(err) {
		err = f.obstruct(dir, fmt.Errorf("%s cannot be looked into: %w", f.path(dir), disk.WithoutPath(err)))
	}
	return there, err
}

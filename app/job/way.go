package job

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
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

// steps are the folders on the way to a folder, and that itself.
func steps(dir string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for end := range len(dir) + 1 {
			if last := end == len(dir); (last && dir != "." || !last && dir[end] == '/') && !yield(dir[:end]) {
				return
			}
		}
	}
}

// reach goes to a folder. It returns the first one on the way that is not there, with what
// has its place, if anything has; or "" if all are. Links are no folders: nothing is
// restored through them.
func (f *folder) reach(dir string) (step string, there fs.FileInfo, err error) {
	for step := range steps(dir) {
		if f.hasReached(step) {
			continue
		}
		there, err := f.look(step)
		if errors.Is(err, fs.ErrNotExist) {
			return step, nil, nil
		}
		if err != nil || !there.IsDir() {
			return step, there, err
		}
		f.setReached(step)
	}
	return "", nil, nil
}

func (f *folder) hasReached(dir string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reached[dir]
}

func (f *folder) setReached(dir string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.reached[dir] = true
}

// mayReplace returns why what has the place of a folder, if anything has, must stay, or nil.
func (f *folder) mayReplace(place string, there fs.FileInfo) error {
	if there == nil {
		return nil
	}
	if err := f.collision(place, there); err != nil || f.overwrite {
		return err
	}
	kind := "file"
	if there.Mode().Type() == fs.ModeSymlink {
		kind = "link"
	}
	return f.obstruct(place, fmt.Errorf("%w: it is a %s, where the archive has a folder", ErrExists, kind))
}

// makeAll makes a folder that something is to be made in, and those that it lies in.
func (f *folder) makeAll(dir string) error {
	for step := range steps(dir) {
		if f.hasReached(step) {
			continue
		}
		if _, err := f.makeFolder(step); err != nil {
			return err
		}
		f.setReached(step)
	}
	f.synced[dir] = true
	return nil
}

// makeFolder makes a folder, unless it is there. What else has its place is removed, if
// that may be.
func (f *folder) makeFolder(place string) (made bool, err error) {
	there, err := f.look(place)
	switch {
	case err == nil && there.IsDir():
		return false, nil
	case err == nil:
		err = f.mayReplace(place, there)
	case errors.Is(err, fs.ErrNotExist):
		err = nil
	}
	if err != nil {
		return false, err
	}
	e := f.entries[place]
	if e != nil {
		f.unfinished.add(e.Name)
	}
	dir := path.Dir(place)
	err = f.into(dir, func() error {
		if there != nil {
			if err := f.root.Remove(place); err != nil {
				return err
			}
			there = nil
		}
		return f.root.Mkdir(place, 0o777)
	})
	switch {
	case errors.Is(err, fs.ErrExist): // another run has made it
		if there, err = f.root.Lstat(place); err == nil && !there.IsDir() {
			err = ErrExists
		}
		return false, err
	case isDenied(err):
		return false, err
	case err != nil:
		return false, f.obstruct(place, fmt.Errorf("%s cannot be made: %w", f.path(place), disk.WithoutPath(err)))
	}
	f.synced[dir] = true
	if e != nil {
		f.folders[place] = e
	}
	return true, nil
}

func (f *folder) commitFolder(e *archive.Entry) error {
	place := placeOf(e)
	made, err := f.makeFolder(place)
	if err != nil {
		return err
	}
	if f.folders[place] == nil {
		f.folders[place] = e
		f.before[place] = !made && !f.overwrite
	}
	return nil
}

// writable does something in a folder, which is made writable if its owner has only
// been kept from that by its mode.
func (f *folder) writable(dir string, do func() error) error {
	err := do()
	if !errors.Is(err, fs.ErrPermission) || !f.open(dir) {
		return err
	}
	return do()
}

// open makes a folder writable until all is restored, if it was not.
func (f *folder) open(dir string) bool {
	const use = 0o700
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, opened := f.opened[dir]; opened {
		return true // by now
	}
	info, err := f.root.Lstat(dir)
	if dir == "." || err != nil || !info.IsDir() || info.Mode()&use == use {
		return false
	}
	f.unfinished.add(archive.EscapeName(dir))
	if f.root.Chmod(dir, modeOf(info)|use) != nil {
		return false
	}
	f.opened[dir] = modeOf(info)
	return true
}

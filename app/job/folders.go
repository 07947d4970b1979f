package job

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"maps"
	"path"
	"path/filepath"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// made notes that something has got a name.
func (f *folder) made(place string) {
	f.changed[path.Dir(place)] = true
	f.mu.Lock()
	defer f.mu.Unlock()
	f.written[folded(place)] = place
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
	f.clean(dir)
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

// finish gives the folders their modes and times, the innermost first, which
// must come after all that was written into them.
func (f *folder) finish(r *report) error {
	var failure error
	for dir := range f.synced {
		if err := f.root.SyncDir(dir); err != nil {
			failure = errors.Join(failure, fmt.Errorf("making sure that %s is on the disk: %w", filepath.Join(f.dir, dir), disk.WithoutPath(err)))
		}
	}
	for _, place := range slices.Backward(slices.Sorted(maps.Keys(f.folders))) {
		e := f.folders[place]
		if err := f.finishFolder(place, e); err != nil {
			r.failed(e.Name, err)
		}
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(f.opened))) {
		if err := f.root.Chmod(dir, f.opened[dir]); err != nil {
			r.failed(archive.EscapeName(dir), err)
		}
	}
	f.unfinished.close()
	return failure
}

// finishFolder gives a folder that this run, or an interrupted one, has made its mode and
// time. One that was there before keeps its mode.
func (f *folder) finishFolder(place string, e *archive.Entry) error {
	if f.before[place] {
		return f.finishFormer(place, e)
	}
	err := f.writable(place, func() error { return f.dressFolder(e) })
	if err = errors.Join(err, f.change(e, place)); err == nil {
		delete(f.opened, place)
	}
	return err
}

// finishFormer gives a folder that was there before the time of its entry, if something was
// made in it. All else is as with files that are there already.
func (f *folder) finishFormer(place string, e *archive.Entry) error {
	if f.changed[place] {
		if err := f.unless(LackTimes, e, f.root.Chtimes(place, e.ModTime(), e.ModTime())); err != nil {
			return err
		}
	}
	return f.keep(e, nil)
}

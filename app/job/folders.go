package job

import (
	"errors"
	"fmt"
	"io/fs"
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

// makeAll makes a folder that something is to be made in, and those that it lies in.
func (f *folder) makeAll(dir string) error {
	there := dir
	for there != "." {
		if _, err := f.root.Lstat(there); err == nil {
			break
		}
		there = path.Dir(there)
	}
	f.synced[dir] = true
	if there == dir {
		return nil
	}
	return f.writable(there, func() error { return f.root.MkdirAll(dir, 0o777) })
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
	info, err := f.root.Lstat(dir)
	if dir == "." || err != nil || !info.IsDir() || info.Mode()&use == use {
		return false
	}
	mode := info.Mode() & (fs.ModePerm | disk.SpecialBits)
	f.unfinished.add(archive.EscapeName(dir))
	if f.root.Chmod(dir, mode|use) != nil {
		return false
	}
	f.opened[dir] = mode
	return true
}

func (f *folder) commitFolder(e *archive.Entry) error {
	place := placeOf(e)
	there, err := f.root.Lstat(place)
	if errors.Is(err, fs.ErrNotExist) {
		f.unfinished.add(e.Name)
		err = f.writable(path.Dir(place), func() error { return f.root.Mkdir(place, 0o777) })
		if err == nil {
			f.changed[path.Dir(place)] = true
			f.folders = append(f.folders, e)
			return nil
		}
		if errors.Is(err, fs.ErrExist) { // another run has made it
			there, err = f.root.Lstat(place)
		}
	}
	if err == nil && !there.IsDir() {
		err = errors.New("there is a file of the same name already")
	}
	if err != nil {
		return err
	}
	f.folders = append(f.folders, e)
	f.before[e.Name] = !f.overwrite && !f.unfinished.before[e.Name]
	return nil
}

// finish gives the folders their modes and times, the innermost first, which
// must come after all that was written into them. Of folders that were there before it
// does so where it wrote into them.
func (f *folder) finish(r *report) error {
	var failure error
	for dir := range f.synced {
		if err := f.root.SyncDir(dir); err != nil {
			failure = errors.Join(failure, fmt.Errorf("making sure that %s is on the disk: %w", filepath.Join(f.dir, dir), disk.WithoutPath(err)))
		}
	}
	for _, e := range slices.Backward(f.folders) {
		place := placeOf(e)
		if f.before[e.Name] && !f.changed[place] {
			continue
		}
		err := f.writable(place, func() error { return f.dressFolder(e) })
		if err := errors.Join(err, f.change(e, place)); err != nil {
			r.failed(e.Name, err)
			continue
		}
		delete(f.opened, place)
	}
	for _, dir := range slices.Backward(slices.Sorted(maps.Keys(f.opened))) {
		if err := f.root.Chmod(dir, f.opened[dir]); err != nil {
			r.failed(archive.EscapeName(dir), err)
		}
	}
	f.unfinished.close()
	return failure
}

package job

import (
	"errors"
	"fmt"
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

func (f *folder) finishFolder(place string, e *archive.Entry) error {
	if f.before[place] && !f.changed[place] {
		return f.keep(e)
	}
	err := f.writable(place, func() error { return f.dressFolder(e) })
	if err = errors.Join(err, f.change(e, place)); err == nil {
		delete(f.opened, place)
	}
	return err
}

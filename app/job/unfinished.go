package job

import (
	"strconv"
	"strings"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// unfinished are the folders in a folder that is restored into which have not got their
// modes and times yet, or lost them for a while. A hidden file there has their names, so
// that another run can finish what was interrupted. It is a help, and no more: where it
// cannot be written, restoring goes on without it.
type unfinished struct {
	mu     sync.Mutex
	root   disk.Root
	file   disk.File // nil as long as there is nothing in it
	path   string
	size   int64
	failed bool
	// before are those of interrupted runs.
	before map[string]bool
}

// openUnfinished finds out what interrupted runs have left.
func openUnfinished(root disk.Root) *unfinished {
	u := &unfinished{root: root, before: map[string]bool{}}
	disk.TakeDeadLists(root, ".", func(lists []string) bool {
		for _, list := range lists {
			for line := range strings.Lines(list) {
				if name, err := strconv.Unquote(strings.TrimSuffix(line, "\n")); err == nil {
					u.before[name] = true
					u.add(name)
				}
			}
		}
		return !u.failed
	})
	return u
}

// add notes a folder, by the name of its entry.
func (u *unfinished) add(name string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.failed {
		return
	}
	if u.file == nil {
		file, path, err := disk.CreateList(u.root, ".")
		if u.failed = err != nil; u.failed {
			return
		}
		u.file, u.path = file, path
	}
	n, err := u.file.WriteAt([]byte(strconv.Quote(name)+"\n"), u.size)
	u.size += int64(n)
	u.failed = err != nil
}

// close removes the file, when the folders are finished.
func (u *unfinished) close() {
	if u.file != nil {
		u.file.Close()        // Windows removes only what is closed
		u.root.Remove(u.path) // what it may leave is harmless
	}
}

// know notes the folders that an archive has. Those that interrupted runs have made are
// finished, too, whatever is restored.
func (f *folder) know(entries []*archive.Entry) {
	for _, e := range entries {
		if e.Kind != archive.KindFolder || e.Err != nil {
			continue
		}
		place := placeOf(e)
		f.entries[place] = e
		if !f.unfinished.before[e.Name] {
			continue
		}
		if there, err := f.root.Lstat(place); err == nil && there.IsDir() {
			f.folders[place] = e
		}
	}
}

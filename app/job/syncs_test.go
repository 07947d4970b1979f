package job_test

import (
	"path"
	"path/filepath"
	"testing"

	"trilobyte/app/disk"
	"trilobyte/app/disk/disktest"
	"trilobyte/app/job"
)

// TestNamesAreSynced follows all dealings with the disk: what gets a final name
// was synced before, after all that was written to it, and its folder is
// synced after that.
func TestNamesAreSynced(t *testing.T) {
	w := newWorld(t)
	aged := newWorld(t)
	outdated := aged.outdated(t, aged.aged(t))
	out := filepath.Join(freshDir(t, w.dir), "out.trilobyte")
	jobs := map[string]struct {
		run  func(*job.Engine) (job.Summary, error)
		want int // files with final names
	}{
		"compress": {compressTo(w.source, out), 1},
		"update":   {mirrorTo(aged.source, outdated), 1},
		"restore":  {restoreTo(w.sound, freshDir(t, w.dir)), 6},
	}
	for name, j := range jobs {
		ops := operations(t, func(e *job.Engine) error { _, err := j.run(e); return err })
		var last disktest.Op // a writing or syncing of contents
		unsynced := map[string]bool{}
		names := 0
		for i, op := range ops {
			switch op.Name {
			case "write", "writeat", "truncate", "sync":
				last = op
			case "link", "rename":
				if disk.IsTemp(path.Base(op.Path)) {
					continue // not final
				}
				names++
				if last.Name != "sync" {
					t.Errorf("%s: at operation %d of %d %s gets its name after %s of %s", name, i, len(ops), op.Path, last.Name, last.Path)
				}
				unsynced[path.Dir(op.Path)] = true
			case "syncdir":
				delete(unsynced, path.Clean(op.Path))
			}
		}
		if names != j.want || len(unsynced) > 0 {
			t.Errorf("%s: %d files got their names, want %d; not synced after that: %v", name, names, j.want, unsynced)
		}
	}
}

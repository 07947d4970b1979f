package queue

import "path/filepath"

// CanChange says whether a job may still be made in another way: it is neither in
// work nor done, and has made no archive. One that verifies an archive has no other.
func (j Job) CanChange() bool {
	return j.Way != Check && !j.State.Active() && j.State != Done && j.ArchiveSize == 0
}

// SetPreset has the archive of a job made with another preset, one of
// Config.Presets or "". Jobs that cannot be changed stay as they are.
func (q *Queue) SetPreset(id ID, preset string) {
	q.change(id, func(e *entry) { e.Preset = preset })
}

// SetFolder has the archive of a job written to another folder; beside what it is
// made of if that is "". Jobs that cannot be changed stay as they are.
func (q *Queue) SetFolder(id ID, folder string) {
	q.change(id, func(e *entry) {
		taken := q.targets()
		delete(taken, e.Archive)
		g := group{dir: filepath.Dir(e.Paths[0]), name: filepath.Base(e.Archive)}
		if target := freeTarget(folder, g, taken); target != e.Archive {
			q.abandon(e)
			e.Archive, e.Way = target, Make
		}
	})
}

// change changes a job, and keeps that. A failed or cancelled one then waits to be
// tried again, as before.
func (q *Queue) change(id ID, how func(*entry)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	e := q.byID[id]
	if e == nil || !e.CanChange() {
		return
	}
	how(e)
	q.journal.write(addRecord(e))
	if e.State.Finished() {
		q.journal.write(endRecord(e))
	}
	q.touch()
}

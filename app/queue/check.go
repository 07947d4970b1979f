package queue

import (
	"context"
	"path/filepath"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// AddChecks adds a job for each of the archives, which only verifies it: it changes
// nothing on the disk, and has no part in the totals. An archive that waits to be
// verified, or is, gets no other such job.
func (q *Queue) AddChecks(archives []string) []ID {
	q.mu.Lock()
	var ids []ID
	var records []record
	for _, path := range archives {
		path = filepath.Clean(path)
		if e := q.checkOf(path); e != nil {
			ids = append(ids, e.ID)
			q.notices.note(Notice{Kind: JobKnown, Job: e.Job})
			continue
		}
		e := q.addJob(Job{Paths: []string{path}, Archive: path, Way: Check})
		ids = append(ids, e.ID)
		records = append(records, addRecord(e))
	}
	q.journal.write(records...)
	q.touchList()
	q.wake()
	q.mu.Unlock()
	q.notices.deliver()
	return ids
}

// checkOf returns the job that is to verify an archive, or nil.
func (q *Queue) checkOf(path string) *entry {
	for _, e := range q.jobs {
		if e.Way == Check && e.Archive == path && !e.State.Finished() && !e.remove {
			return e
		}
	}
	return nil
}

// readCheck finds out what is in the archive of a job that verifies it. What cannot be
// opened is said when it is verified.
func (q *Queue) readCheck(ctx context.Context, e *entry, path string) {
	entries, _, _ := q.config.Engine.List(path)
	var files []File
	size := int64(0)
	for _, f := range entries {
		if f.Kind != archive.KindFolder {
			files = append(files, File{Name: f.Name, Size: f.Size, State: Waiting})
			size += f.Size
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if e.State != Reading || q.byID[e.ID] != e { // it was cancelled or removed
		return
	}
	e.files, e.Files, e.Size, e.State, e.due = files, len(files), size, Waiting, false
	e.sources = &job.Sources{}
	q.startAll(ctx)
	e.sources = nil
	q.touchList()
}

// check verifies the archive of a job. What is damaged of the archive itself stands
// under its name.
func (q *Queue) check(ctx context.Context, engine *job.Engine, e *entry) (result, error) {
	events := engine.Events
	engine.Events = func(ev job.Event) {
		if f, ok := ev.(job.Failed); ok && f.Name == "" {
			f.Name = filepath.Base(e.Archive)
			ev = f
		}
		events(ev)
	}
	summary, err := engine.Verify(ctx, e.Archive)
	return result{summary: summary, size: summary.ArchiveSize, verified: true}, err
}

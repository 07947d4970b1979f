package queue

import (
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// event enters what a job in work tells.
func (q *Queue) event(e *entry, ev job.Event) {
	q.mu.Lock()
	e.progress.Event(ev)
	switch ev := ev.(type) {
	case job.Planned:
		q.planned(e, ev.Phase)
	case job.Started:
		if f := e.file(ev.Name); f != nil {
			f.State, f.Done = stateOf(ev.Phase), 0
		}
	case job.Progress:
		if f := e.file(ev.Name); f != nil {
			f.Done = ev.Done
		}
	case job.Measured:
		if f := e.file(ev.Name); f != nil {
			e.picture.add(ev, f.Size)
		}
		if ev.FLAC > 0 {
			q.measured(e, ev.Name, Totals{Recordings: 1, Sizes: Sizes{ev.Original, ev.FLAC, ev.Compressed}})
		}
	case job.Done:
		q.fileDone(e, ev)
	case job.Failed:
		q.fileFailed(e, ev)
		q.notices.note(Notice{Kind: FileFailed, Job: e.Job, Name: ev.Name, Err: q.config.Words(ev.Err)})
	}
	q.touch()
	q.mu.Unlock()
	q.notices.deliver()
}

func stateOf(phase job.Phase) State {
	if phase == job.Verifying {
		return Verifying
	}
	return Compressing
}

func (e *entry) file(name string) *File {
	if i, ok := e.index[name]; ok {
		return &e.files[i]
	}
	return nil
}

func (q *Queue) planned(e *entry, phase job.Phase) {
	if e.State != Cancelling {
		e.State = stateOf(phase)
	}
}

// measured replaces what is known of a file's sizes.
func (q *Queue) measured(e *entry, name string, now Totals) {
	f := e.file(name)
	if f == nil || e.Way == Check {
		return
	}
	if now.Recordings > 0 {
		e.Current = e.index[f.Name]
	}
	e.subtract(f.Totals)
	q.totals.subtract(f.Totals)
	f.Totals = now
	e.add(now)
	q.totals.add(now)
	q.history.add(time.Now(), q.totals.Sizes)
}

func (q *Queue) fileDone(e *entry, ev job.Done) {
	if ev.File.Kind == archive.KindFolder {
		return
	}
	f := q.enter(e, ev.File)
	f.Done = ev.File.Size
	f.State = Compressed
	if ev.Phase == job.Verifying {
		f.State = Done
	}
}

// enter enters what an archive, or what is to become one, has of a file.
func (q *Queue) enter(e *entry, has archive.File) *File {
	f := e.file(has.Name)
	if f == nil { // it has come since the folder was read
		e.index[has.Name] = len(e.files)
		e.files = append(e.files, File{Name: has.Name, Size: has.Size})
		e.Files++
		q.touchList()
		f = e.file(has.Name)
	}
	f.Size = has.Size
	f.Whole, f.Note, f.Kept = has.Compressed, has.Note, has.Kind != archive.KindRecording
	f.SameAs, f.RefersTo = has.SameAs, has.RefersTo
	q.measured(e, has.Name, TotalsOf(has))
	return f
}

func (q *Queue) fileFailed(e *entry, ev job.Failed) {
	f := e.file(ev.Name)
	if f == nil {
		f = e.fileAt(ev.Name)
	}
	if f == nil { // it could not even be looked at
		f = q.unlisted(e, ev.Name)
	}
	q.measured(e, f.Name, Totals{})
	f.State, f.Err = Failed, q.config.Words(ev.Err)
	e.Failed++
}

// unlisted adds a file that is not known yet, by its path on the disk, or by
// its name.
func (q *Queue) unlisted(e *entry, name string) *File {
	for _, p := range e.Paths {
		if within, ok := nameWithin(p, name); ok {
			name = within
			break
		}
	}
	e.index[name] = len(e.files)
	e.files = append(e.files, File{Name: name})
	e.Files++
	q.touchList()
	return e.file(name)
}

// fileAt finds a file by its path on the disk.
func (e *entry) fileAt(path string) *File {
	for _, p := range e.Paths {
		if name, ok := nameWithin(p, path); ok {
			return e.file(name)
		}
	}
	return nil
}

package queue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"runtime"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/progress"
)

// work starts jobs, until the context ends.
func (q *Queue) work(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-q.toStart:
			q.mu.Lock()
			q.startAll(ctx)
			q.mu.Unlock()
		}
	}
}

// startAll starts what can be started. What is to be archived must have been
// found a moment ago: other jobs are read once more before they start. None starts
// while another, which was removed, has not ended yet and has the same archive. q.mu
// is held.
func (q *Queue) startAll(ctx context.Context) {
	if q.paused || q.closed {
		return
	}
	free := max(q.options.Jobs, 1) - q.active
	busy := map[string]bool{}
	for _, e := range q.jobs {
		if e.State.Active() {
			busy[e.Archive] = true
		}
	}
	for _, e := range q.jobs {
		if free <= 0 {
			return
		}
		switch {
		case busy[e.Archive]:
		case e.State == Waiting && e.sources != nil:
			q.start(ctx, e)
			free--
		case e.State == Waiting:
			e.State, e.due = Reading, true
			signal(q.toRead)
			free--
		case e.State == Reading && e.due:
			free--
		}
	}
}

// read finds out what is in the jobs that have not been read yet, one after the
// other, until the context ends.
func (q *Queue) read(ctx context.Context) {
	for {
		e, j := q.unread()
		if e != nil && j.Way == Check {
			q.readCheck(ctx, e, j.Archive)
			continue
		} else if e != nil {
			q.readJob(ctx, e, j.Paths)
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-q.toRead:
		}
	}
}

// unread returns a job that is to be read, or nil, and what it is: a job that is
// being read may be changed meanwhile.
func (q *Queue) unread() (*entry, Job) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, Job{}
	}
	for _, e := range q.jobs {
		if e.State == Reading {
			return e, e.Job
		}
	}
	return nil, Job{}
}

// readJob reads one job, and starts it if it can be started at once.
func (q *Queue) readJob(ctx context.Context, e *entry, paths []string) {
	sources, err := q.config.Engine.Scan(ctx, paths)
	if err != nil {
		return // the queue is being closed
	}
	audio := false
	found, failures := sources.Files(), sources.Failures()
	files := make([]File, 0, len(found))
	size := int64(0)
	for _, s := range found {
		audio = audio || job.IsRecording(s.Name)
		files = append(files, File{Name: s.Name, Size: s.Size, State: Waiting})
		size += s.Size
	}
	if !audio && len(failures) == 0 {
		err = ErrNoAudio
	} else if !audio {
		err = fmt.Errorf("%s: %w", failures[0].Name, failures[0].Err)
	}

	q.mu.Lock()
	if e.State != Reading || q.byID[e.ID] != e { // it was cancelled or removed
		q.mu.Unlock()
		return
	}
	begun := e.due
	if begun {
		files = q.merge(e, files, sources)
	}
	e.files, e.Files, e.Size, e.State, e.due = files, len(files), size, Waiting, false
	if err != nil {
		q.end(e, Failed, q.config.Words(err))
		q.notices.note(Notice{Kind: JobFailed, Job: e.Job, Err: e.Err})
		if begun {
			q.noteIdle()
		}
	}
	e.sources = sources
	q.startAll(ctx)
	e.sources = nil // they get old while it waits
	q.touchList()
	q.mu.Unlock()
	q.notices.deliver()
}

// start begins a job that waits. q.mu is held.
func (q *Queue) start(ctx context.Context, e *entry) {
	ctx, cancel := context.WithCancel(ctx)
	o, sources := q.options, e.sources
	phases := 1
	if o.Verify && e.Way != Check {
		phases = 2
	}
	e.State, e.cancel, e.progress = Compressing, cancel, progress.New(phases)
	q.forgetPictures(e)
	q.history.resume()
	q.active++
	e.index = make(map[string]int, len(e.files))
	for i := range e.files {
		e.index[e.files[i].Name] = i
	}
	q.notices.note(Notice{Kind: JobStarted, Job: e.now()})
	q.touch()
	q.wg.Go(func() {
		defer cancel()
		q.notices.deliver()
		q.run(ctx, e, sources, o)
	})
}

// workers is how many tasks a job of o may run at the same time.
func (o Options) workers() int {
	all := o.Workers
	if all <= 0 {
		all = runtime.GOMAXPROCS(0)
	}
	jobs := max(o.Jobs, 1)
	return (all + jobs - 1) / jobs
}

// run does a job.
func (q *Queue) run(ctx context.Context, e *entry, sources *job.Sources, o Options) {
	engine := q.config.Engine
	if codec, ok := q.config.Presets[e.Preset]; ok {
		engine.Codec = codec
	}
	q.mu.Lock()
	e.using = engine.Codec.Using
	q.mu.Unlock()
	engine.Workers, engine.Gate = o.workers(), &q.gate
	engine.Events = func(ev job.Event) { q.event(e, ev) }
	result, err := q.compress(ctx, &engine, e, sources, o)
	switch {
	case err != nil || e.Way == Check || !o.Verify || !o.Wastebasket || result.note != "":
	case e.Way == Replace:
		result.note, result.reason = NoteOriginalsKept, q.config.Words(ErrReplaced)
	default:
		result.note, result.reason = q.discardOriginals(ctx, e, result.summary)
	}
	q.finish(ctx, e, result, err)
}

// result is what has become of a job.
type result struct {
	summary  job.Summary // its files are those that the archive has
	size     int64
	verified bool
	note     Note
	reason   string
}

// compress makes the archive of a job, or brings it up to date, unless there is one
// of the same files.
func (q *Queue) compress(ctx context.Context, engine *job.Engine, e *entry, sources *job.Sources, o Options) (result, error) {
	if e.Way == Check {
		return q.check(ctx, engine, e)
	}
	if e.Way == Make && q.exists(e.Archive) {
		return q.adopt(ctx, engine, e, sources, o)
	}
	if err := q.disk.MkdirAll(filepath.Dir(e.Archive), 0o777); err != nil {
		return result{}, err
	}
	summary, err := engine.Compress(ctx, job.CompressOptions{
		Sources: sources, Archive: e.Archive, Verify: o.Verify,
		Update: e.Way != Make, Mirror: e.Way == Replace, VerifyAll: o.Verify,
	})
	if err != nil {
		return result{summary: summary}, err
	}
	return result{summary: summary, size: summary.ArchiveSize, verified: summary.Verified}, nil
}

// finish enters the result of a job.
func (q *Queue) finish(ctx context.Context, e *entry, r result, err error) {
	q.mu.Lock()
	e.progress, e.cancel, e.using = nil, nil, nil
	q.active--
	switch {
	case q.closed && err != nil && e.State != Cancelling: // the queue is being closed: the job comes back
		e.State, e.index = Waiting, nil
		q.mu.Unlock()
		return
	case err != nil && ctx.Err() != nil:
		q.end(e, Cancelled, "")
		q.notices.note(Notice{Kind: JobCancelled, Job: e.Job})
	case err != nil:
		if errors.Is(err, fs.ErrExist) {
			err = &ArchiveError{e.Archive, ErrTaken}
		}
		e.Taken = takenBy(err)
		q.end(e, Failed, q.config.Words(err))
		q.notices.note(Notice{Kind: JobFailed, Job: e.Job, Err: e.Err})
	default:
		e.ArchiveSize, e.Verified, e.Note = r.size, r.verified, r.note
		q.archived(e, r)
		state, kind := Done, JobDone
		if r.summary.Failed > 0 || e.Failed > 0 {
			state, kind = Failed, JobFailed
		}
		q.end(e, state, r.reason)
		q.notices.note(Notice{Kind: kind, Job: e.Job, Err: e.Err})
	}
	e.index = nil
	if e.remove {
		q.drop(map[ID]bool{e.ID: true})
	}
	q.wake()
	q.noteIdle()
	q.touchList()
	q.mu.Unlock()
	q.notices.deliver()
}

// noteIdle tells, if that is so, that nothing is left to do. q.mu is held.
func (q *Queue) noteIdle() {
	for _, e := range q.jobs {
		if !e.State.Finished() {
			return
		}
	}
	q.history.pause()
	q.notices.note(Notice{Kind: QueueDone})
}

// abandon removes what an earlier run has left of a job that will not go on.
// q.mu is held.
func (q *Queue) abandon(e *entry) {
	if !e.left || e.Way == Check || e.State == Done || q.closed {
		return
	}
	e.left = false
	archive := e.Archive
	q.wg.Go(func() {
		if err := q.config.Engine.Abandon(archive); err != nil {
			q.fault(err)
		}
	})
}

// end gives a job its last state. q.mu is held.
func (q *Queue) end(e *entry, state State, reason string) {
	e.State, e.Err, e.due = state, reason, false
	if state == Cancelled || e.ArchiveSize == 0 && state == Failed {
		q.clearSizes(e)
	}
	for i := range e.files {
		f := &e.files[i]
		f.Done = 0
		switch {
		case f.State == Failed:
		case state == Cancelled:
			f.State = Cancelled
		case e.ArchiveSize == 0:
			f.State = LeftOut
		}
	}
	q.journal.write(endRecord(e))
}

// archived enters what the archive of a job has. What it does not have has
// failed, whatever was told before. q.mu is held.
func (q *Queue) archived(e *entry, r result) {
	state := Archived
	if r.verified {
		state = Done
	}
	has := make(map[string]bool, len(r.summary.Files))
	for _, f := range r.summary.Files {
		if f.Kind != archive.KindFolder {
			has[f.Name] = true
			if own := q.enter(e, f); own.State != Failed {
				own.State = state
			}
		}
	}
	for i := range e.files {
		f := &e.files[i]
		if !has[f.Name] && f.State != Failed {
			f.State, f.Err = Failed, q.config.Words(job.ErrNotInArchive)
			e.Failed++
			q.measured(e, f.Name, Totals{})
		}
	}
}

// clearSizes takes what a job has measured out of the totals.
func (q *Queue) clearSizes(e *entry) {
	q.totals.subtract(e.Totals)
	e.Totals = Totals{}
	for i := range e.files {
		e.files[i].Totals, e.files[i].Whole = Totals{}, 0
	}
}

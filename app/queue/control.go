package queue

import (
	"errors"
	"io/fs"
	"slices"
)

// Start lets work begin or go on.
func (q *Queue) Start() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.paused {
		return
	}
	q.paused = false
	q.gate.Open()
	for _, e := range q.jobs {
		if e.progress != nil {
			e.progress.Resume()
		}
	}
	q.history.resume()
	q.wake()
	q.touch()
}

// Pause lets all work stand still, within moments, and no other begin.
func (q *Queue) Pause() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.pause()
}

func (q *Queue) pause() {
	if q.paused {
		return
	}
	q.paused = true
	q.gate.Shut()
	for _, e := range q.jobs {
		if e.progress != nil {
			e.progress.Pause()
		}
	}
	q.history.pause()
	q.touch()
}

// Cancel ends jobs that wait or are in work. Nothing remains of what they have
// made. Without ids it ends all of them.
func (q *Queue) Cancel(ids ...ID) {
	q.cancelAll(ids)
	q.notices.deliver()
}

func (q *Queue) cancelAll(ids []ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.chosen(ids) {
		switch {
		case e.State.Active():
			e.State = Cancelling
			e.cancel()
		case e.State == Waiting || e.State == Reading:
			q.end(e, Cancelled, "")
			q.abandon(e)
			q.notices.note(Notice{Kind: JobCancelled, Job: e.Job})
		}
	}
	q.wake()
	q.touch()
}

// chosen returns the jobs of the given ids, or all.
func (q *Queue) chosen(ids []ID) []*entry {
	if len(ids) == 0 {
		return slices.Clone(q.jobs)
	}
	var chosen []*entry
	for _, id := range ids {
		if e := q.byID[id]; e != nil {
			chosen = append(chosen, e)
		}
	}
	return chosen
}

// Retry lets failed and cancelled jobs wait again.
func (q *Queue) Retry(ids ...ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.chosen(ids) {
		q.retry(e)
	}
	q.wake()
	q.touchList()
}

// retry lets a job wait again, if it has failed or was cancelled. q.mu is held.
func (q *Queue) retry(e *entry) {
	if e.State != Failed && e.State != Cancelled {
		return
	}
	q.clearSizes(e)
	if e.ArchiveSize > 0 && e.Way == Make {
		q.number(e) // the archive of what did not fail stays
	}
	e.Job = Job{ID: e.ID, Paths: e.Paths, Archive: e.Archive, Preset: e.Preset, Way: e.Way, State: Reading, Files: e.Files, Size: e.Size, Current: -1}
	q.journal.write(addRecord(e))
}

func (q *Queue) exists(path string) bool {
	_, err := q.disk.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

// Remove takes jobs out of the queue. Those in work are cancelled first.
func (q *Queue) Remove(ids ...ID) {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := map[ID]bool{}
	for _, id := range ids {
		e := q.byID[id]
		if e == nil {
			continue
		}
		if e.State.Active() {
			e.remove, e.State = true, Cancelling
			e.cancel()
			continue
		}
		gone[id] = true
		q.abandon(e)
	}
	q.drop(gone)
}

// drop forgets jobs that are not in work.
func (q *Queue) drop(gone map[ID]bool) {
	if len(gone) == 0 {
		q.touch()
		return
	}
	q.noteRemoved(gone)
	var records []record
	before := q.totals
	for id := range gone {
		q.totals.subtract(q.byID[id].Totals)
		delete(q.byID, id)
		records = append(records, record{Op: opRemove, ID: id})
	}
	q.jobs = slices.DeleteFunc(q.jobs, func(e *entry) bool { return gone[e.ID] })
	if q.totals != before {
		q.history.restart(q.totals.Sizes)
	}
	q.journal.write(records...)
	q.wake()
	q.touchList()
}

// Clear takes the jobs that are done or cancelled out of the queue.
func (q *Queue) Clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	gone := map[ID]bool{}
	for _, e := range q.jobs {
		if e.State == Done || e.State == Cancelled {
			gone[e.ID] = true
		}
	}
	q.drop(gone)
}

// Move moves a job by so many places: up if by is negative.
func (q *Queue) Move(id ID, by int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.jobs, func(e *entry) bool { return e.ID == id })
	if i < 0 {
		return
	}
	to := min(max(i+by, 0), len(q.jobs)-1)
	if to == i {
		return
	}
	e := q.jobs[i]
	q.jobs = slices.Insert(slices.Delete(q.jobs, i, i+1), to, e)
	q.journal.write(record{Op: opOrder, Order: q.order()})
	q.touchList()
}

func (q *Queue) order() []ID {
	ids := make([]ID, len(q.jobs))
	for i, e := range q.jobs {
		ids[i] = e.ID
	}
	return ids
}

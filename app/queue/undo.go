package queue

import "slices"

// removed is a job that was taken out of the queue, and its place in it.
type removed struct {
	entry *entry
	place int
}

// maxUndo is how many removals can be undone.
const maxUndo = 20

// noteRemoved keeps jobs that are about to be taken out. q.mu is held.
func (q *Queue) noteRemoved(gone map[ID]bool) {
	var group []removed
	for i, e := range q.jobs {
		if gone[e.ID] {
			group = append(group, removed{e, i})
		}
	}
	q.removed = append(q.removed, group)
	if more := len(q.removed) - maxUndo; more > 0 {
		q.removed = slices.Delete(q.removed, 0, more)
	}
}

// Undo puts back the jobs that were taken out of the queue last, by Remove or Clear, in
// their places, and says whether there were any. What was in work or waited then waits
// again; what was added again since stays as it is now.
func (q *Queue) Undo() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.removed) == 0 {
		return false
	}
	group := q.removed[len(q.removed)-1]
	q.removed = q.removed[:len(q.removed)-1]
	for _, r := range group {
		e := r.entry
		if e.State != Done && (q.jobOf(e.Paths) != nil || e.Way == Check && q.checkOf(e.Archive) != nil) {
			continue
		}
		if taken := q.targets(); e.State != Done && e.Way != Check && taken[e.Archive] {
			q.number(e)
		}
		q.jobs = slices.Insert(q.jobs, min(r.place, len(q.jobs)), e)
		q.byID[e.ID] = e
		q.totals.add(e.Totals)
		q.journal.write(addRecord(e))
		switch {
		case e.remove:
			e.remove = false
			q.retry(e) // it was in work
		case e.State.Finished():
			q.journal.write(endRecord(e))
		default:
			e.State, e.due, e.sources = Reading, false, nil
		}
	}
	q.history.restart(q.totals.Sizes)
	q.journal.write(record{Op: opOrder, Order: q.order()})
	q.wake()
	q.touchList()
	return true
}

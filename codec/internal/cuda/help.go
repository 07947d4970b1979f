package cuda

import "time"

// help has cores that have nothing else to do take segments, at the end of all jobs, that a GPU has taken and would not have coded
// sooner. What the GPU makes of them is not wanted any more. The queue is locked.
func (q *Queue) help(now time.Time) {
	if q.jobs > 0 || q.resting {
		return
	}
	for q.free > 0 && len(q.waiting) == 0 {
		t := q.latest(now)
		if t == nil {
			return
		}
		t.abandon()
		q.give(t, now)
	}
}

// latest returns the last segment, of the batch that was launched last, that GPUs have taken and a core would code sooner; nil if there is none. The
// GPU may not have begun with it yet: it holds more than it works on.
func (q *Queue) latest(now time.Time) (last *ticket) {
	batch := 0
	for _, d := range q.devices {
		for _, l := range d.lanes {
			if d.failed || l.number < batch {
				continue
			}
			for _, t := range l.batch {
				onCore := time.Duration(q.onCore.seconds(t.key, t.samples, assumedCore) * float64(time.Second))
				if !t.given && !t.abandoned() && now.Add(onCore).Before(l.ends) {
					last, batch = t, l.number
				}
			}
		}
	}
	return last
}

// settle says that a GPU has coded a segment, unless it is not wanted any more.
func (q *Queue) settle(t *ticket) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if t.given || t.abandoned() {
		return false
	}
	t.given = true
	return true
}

// unsettle takes that back.
func (q *Queue) unsettle(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.given = false
}

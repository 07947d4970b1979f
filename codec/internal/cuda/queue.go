package cuda

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Queue has the segments that wait to be coded. It is safe for concurrent use.
type Queue struct {
	cores int
	warn  func(error)

	mu      sync.Mutex
	changed *sync.Cond // of lanes that wait for segments
	waiting []*ticket  // the oldest first
	came    time.Time  // when the last one did
	// lingered wakes the lanes that wait for more than there are.
	lingered *time.Timer
	free     int // cores
	onCores  map[*ticket]time.Time
	onCore   speeds
	devices  []*Device
	jobs     int // that will still bring segments
	launches int // of kernels
	resting  bool
	closing  bool
	all      sync.WaitGroup
}

// ticket is a segment in the queue.
type ticket struct {
	key     string   // of what is measured
	request *Request // nil: only cores can do it
	bytes   int64    // of a GPU's memory that it takes
	samples int
	turn    chan turn     // gets one value
	left    chan struct{} // closed when nobody waits for what a GPU makes of it any more
	given   bool          // what becomes of it is settled; the queue's lock guards it
}

// turn is what becomes of a ticket.
type turn int

const (
	toCore turn = iota // a core is free for it
	done               // a GPU has coded it
)

// NewQueue makes a queue for so many cores. What is wrong with a GPU is told to warn, which may be called on any goroutine.
func NewQueue(cores int, warn func(error)) *Queue {
	q := &Queue{cores: cores, free: cores, warn: warn, onCore: speeds{}, onCores: map[*ticket]time.Time{}}
	q.changed = sync.NewCond(&q.mu)
	q.lingered = time.AfterFunc(lingering, func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.changed.Broadcast()
	})
	return q
}

// Do waits until a GPU has coded a segment, of so many samples, as the request says: then coded is true. Or it waits until a core is
// free for it: then the caller codes it, and calls release when it has. A request that is nil always gets a core. key says what
// is done, for segments that take about the same time a sample.
func (q *Queue) Do(ctx context.Context, key string, samples int, r *Request) (coded bool, release func(), err error) {
	t := &ticket{key: key, request: r, samples: samples, turn: make(chan turn, 1), left: make(chan struct{})}
	if r != nil {
		t.bytes = r.bytes()
	}
	q.mu.Lock()
	q.waiting = append(q.waiting, t)
	q.came = time.Now()
	q.lingered.Reset(lingering)
	q.assign()
	q.mu.Unlock()
	select {
	case turn := <-t.turn:
		if turn == done {
			return true, nil, nil
		}
		return false, func() { q.release(t) }, nil
	case <-ctx.Done():
		q.leave(t)
		return false, nil, ctx.Err()
	}
}

// leave forgets a ticket that nobody waits for any more.
func (q *Queue) leave(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	t.abandon()
	q.waiting = slices.DeleteFunc(q.waiting, func(o *ticket) bool { return o == t })
	if _, ok := q.onCores[t]; ok { // it has just been its turn
		delete(q.onCores, t)
		q.free++
		q.assign()
	}
}

// release gives a core back.
func (q *Queue) release(t *ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.onCore.measured(t.key, t.samples, time.Since(q.onCores[t]).Seconds())
	delete(q.onCores, t)
	q.free++
	q.assign()
}

// assign gives segments to the cores that are free, and wakes the GPUs up.
func (q *Queue) assign() {
	now := time.Now()
	for i := 0; i < len(q.waiting) && q.free > 0; {
		t := q.waiting[i]
		if !q.coreTakes(t, now) {
			i++
			continue
		}
		q.waiting = slices.Delete(q.waiting, i, i+1)
		q.give(t, now)
	}
	q.help(now)
	q.changed.Broadcast()
}

// give gives a segment to a core that is free.
func (q *Queue) give(t *ticket, now time.Time) {
	q.free--
	q.onCores[t] = now
	t.given = true
	t.turn <- toCore
}

// coreTakes decides whether a core takes a segment now.
func (q *Queue) coreTakes(t *ticket, now time.Time) bool {
	if t.request == nil {
		return true
	}
	if q.resting && slices.ContainsFunc(q.devices, func(d *Device) bool { return !d.failed }) {
		return false
	}
	onCore := q.onCore.seconds(t.key, t.samples, assumedCore)
	for _, d := range q.devices {
		if free, ok := d.nextFree(t.request, now); ok && !forCore(onCore, d.seconds(t), free) {
			return false
		}
	}
	return true
}

// gpuTakes decides whether a GPU takes a segment that waits. While others will come, it always does.
func (q *Queue) gpuTakes(d *Device, t *ticket, now time.Time) bool {
	if q.jobs > 0 || q.resting {
		return true
	}
	waiting, running := 0.0, 0.0
	for _, o := range q.waiting {
		waiting += q.onCore.seconds(o.key, o.samples, assumedCore)
	}
	for o, since := range q.onCores {
		running += max(0, q.onCore.seconds(o.key, o.samples, assumedCore)-now.Sub(since).Seconds())
	}
	onCore := q.onCore.seconds(t.key, t.samples, assumedCore)
	return forGPU(d.seconds(t), onCore, waiting, running/float64(q.cores), q.cores)
}

// take waits for segments for a lane, and returns up to a number of them that have the same program and fit into so much of the
// GPU's memory together: none when the lane is to end.
func (q *Queue) take(l *lane) []*ticket {
	q.mu.Lock()
	defer q.mu.Unlock()
	for {
		if q.closing || l.device.failed {
			return nil
		}
		if batch := q.choose(l); len(batch) > 0 {
			l.begins(batch)
			return batch
		}
		q.changed.Wait()
	}
}

// choose takes a batch for a lane out of the queue.
func (q *Queue) choose(l *lane) (batch []*ticket) {
	now, size := time.Now(), int64(0)
	if q.jobs > 0 && len(q.waiting) < l.blocks && now.Sub(q.came) < lingering {
		return nil
	}
	for range len(q.waiting) {
		if len(batch) == l.blocks {
			break
		}
		i := q.next(l, batch)
		if i < 0 {
			break
		}
		t := q.waiting[i]
		if size += t.bytes; size > l.device.room || !q.gpuTakes(l.device, t, now) {
			break
		}
		q.waiting = slices.Delete(q.waiting, i, i+1)
		batch = append(batch, t)
	}
	return batch
}

// next returns which waiting segment a lane would take next, or -1: first one that is much longer than the oldest, so that it does not end long after all
// others, or else the oldest, since what comes of segments is written in their order; then those that are most nearly as long, since what comes of a
// batch waits for the longest.
func (q *Queue) next(l *lane, batch []*ticket) int {
	best, apart := -1, 0
	for i, t := range q.waiting {
		if t.request == nil || t.bytes > l.device.room {
			continue
		}
		if len(batch) == 0 {
			if best < 0 || muchLonger(t, q.waiting[best]) {
				best = i
			}
			continue
		}
		first := batch[0]
		d := max(t.samples, first.samples) - min(t.samples, first.samples)
		if t.request.Program == first.request.Program && !muchLonger(t, first) && !muchLonger(first, t) && (best < 0 || d < apart) {
			best, apart = i, d
		}
	}
	return best
}

// muchLonger reports whether a is.
func muchLonger(a, b *ticket) bool { return a.samples > b.samples+b.samples/2 }

// giveBack puts segments that a GPU has failed to code where they are taken next. Those that it has computed nonsense for are for
// the cores alone.
func (q *Queue) giveBack(batch []*ticket, coresOnly bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range slices.Backward(batch) {
		if t.abandoned() {
			continue
		}
		if coresOnly {
			t.request = nil
		}
		q.waiting = slices.Insert(q.waiting, 0, t)
	}
	q.assign()
}

// abandon says that what a GPU makes of a ticket is not wanted any more. The queue is locked.
func (t *ticket) abandon() {
	if !t.abandoned() {
		close(t.left)
	}
}

// abandoned says whether what a GPU makes of the ticket is not wanted any more.
func (t *ticket) abandoned() bool {
	select {
	case <-t.left:
		return true
	default:
		return false
	}
}

// wanted is the opposite of abandoned.
func (t *ticket) wanted() bool { return !t.abandoned() }

// Expect says that a job will bring segments, until last is called, once.
func (q *Queue) Expect() (last func()) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.jobs++
	return func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		q.jobs--
		q.assign()
	}
}

// Rest has cores code only what no GPU does, to measure GPUs alone.
func (q *Queue) Rest() { q.resting = true }

// Working says which GPUs are at work.
func (q *Queue) Working() (names []string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, d := range q.devices {
		if len(d.lanes) > 0 && !d.failed {
			names = append(names, d.name)
		}
	}
	return names
}

// Cores is how many cores take segments.
func (q *Queue) Cores() int { return q.cores }

// Distrust has no GPU take anything any more: what one has computed was wrong.
func (q *Queue) Distrust() {
	q.mu.Lock()
	devices := slices.Clone(q.devices)
	q.mu.Unlock()
	for _, d := range devices {
		d.fail(errNonsense)
	}
}

// Add has a GPU take segments from now on. It opens the GPU on a goroutine of its own, while the cores are at work.
func (q *Queue) Add(d *Device) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.devices = append(q.devices, d)
	d.queue = q
	q.all.Go(d.run)
}

// Close ends all GPUs' work, and returns when nothing is left of it. No segment may be in the queue any more.
func (q *Queue) Close() {
	q.mu.Lock()
	q.closing = true
	q.changed.Broadcast()
	q.mu.Unlock()
	q.all.Wait()
	q.lingered.Stop()
}

package cuda

import (
	"slices"
	"time"
)

// The steps of the first slice, which the slowest GPU does in less than a second; how long slices take then, so that nobody waits for the screen,
// and those that begin and end them cost little; and how much longer one may be than that before it.
const (
	firstSlice  = 1 << 10
	sliceTime   = 150 * time.Millisecond
	sliceGrowth = 4
)

// compute has the kernel code a batch, in slices if it does that.
func (l *lane) compute(p *loaded, batch []*ticket, places []place) error {
	arguments := []uint64{uint64(l.memory), uint64(p.tables), uint64(len(batch))}
	if !p.form.Slices {
		return l.launch(p, batch, places, arguments)
	}
	left := 0
	for _, t := range batch {
		left = max(left, t.request.Steps)
	}
	length := firstSlice
	for number := 0; left > 0 && slices.ContainsFunc(batch, (*ticket).wanted); number++ {
		begin := time.Now()
		if err := l.launch(p, batch, places, append(arguments, uint64(length), uint64(number))); err != nil {
			return err
		}
		took, did := time.Since(begin), min(length, left)
		left -= did
		l.device.queue.advanced(l, batch, did, left, took)
		length = nextSlice(length, took)
	}
	return nil
}

// launch starts a kernel, and returns when it has ended.
func (l *lane) launch(p *loaded, batch []*ticket, places []place, arguments []uint64) error {
	if err := l.device.queue.launch(l, p, len(batch), arguments); err != nil {
		return err
	}
	return l.wait(batch, places)
}

// launch starts a kernel, and notes in which order kernels are: they begin in that.
func (q *Queue) launch(l *lane, p *loaded, blocks int, arguments []uint64) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.launches++
	l.number = q.launches
	return l.stream.Launch(p.function, blocks, arguments...)
}

// nextSlice is how many steps a slice does after one that has taken so long.
func nextSlice(length int, took time.Duration) int {
	fitting := float64(length) * float64(sliceTime) / float64(max(took, time.Millisecond))
	return max(firstSlice/sliceGrowth, int(min(fitting, float64(sliceGrowth*length))))
}

// advanced notes how long a slice of so many steps took, so that the GPU's speed is known long before a batch is done.
func (q *Queue) advanced(l *lane, batch []*ticket, steps, left int, took time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	key := batch[0].key
	l.device.speeds.measured(key, steps, took.Seconds())
	l.ends = time.Now().Add(time.Duration(l.device.speeds.seconds(key, left, assumedBlock) * float64(time.Second)))
}

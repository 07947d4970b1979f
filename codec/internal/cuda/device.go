package cuda

import (
	"cmp"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"
)

const (
	// laneBlocks is how many segments a lane takes at a time: few, so that the segments of a GPU end one after the other, and new ones
	// take their place.
	laneBlocks = 4
	// usedMemory is the share of what is free on the card that is used: one of so many is left to others.
	usedMemory = 5
	// copying is how many lanes copy at the same time.
	copying = 3
	// sliceTime is how long a launch is to take. Drivers end those that take seconds where the GPU draws a screen, which stands still
	// meanwhile.
	sliceTime = 200 * time.Millisecond
	// firstSlice is how many frames the first launch has.
	firstSlice = 1 << 12
)

// Check makes sure of a GPU that it computes what it should, with known answers: do has the GPU code a request.
type Check func(do func(*Request) error) error

// Device is a GPU that takes segments out of a queue.
type Device struct {
	driver  Driver
	ordinal int
	check   Check
	queue   *Queue
	card    Card
	// buffers are where copies pass through.
	buffers chan []byte

	loading sync.Mutex // guards what is on the card for all lanes
	modules map[*byte]Module
	loaded  map[*Program]*loaded

	// The queue's lock guards what follows.
	lanes  []*lane
	speeds speeds
	failed bool
}

// loaded is a program on the card.
type loaded struct {
	function Function
	tables   Address
}

// NewDevice returns a GPU, which Queue.Add opens.
func NewDevice(driver Driver, ordinal int, check Check) *Device {
	d := &Device{
		driver: driver, ordinal: ordinal, check: check, speeds: speeds{}, modules: map[*byte]Module{}, loaded: map[*Program]*loaded{},
		buffers: make(chan []byte, copying),
	}
	for range copying {
		d.buffers <- nil
	}
	return d
}

// Name is what the command line calls it.
func (d *Device) Name() string { return fmt.Sprintf("cuda:%d", d.ordinal) }

// run opens the GPU, and has lanes take segments until the queue is closed or the GPU fails.
func (d *Device) run() {
	runtime.LockOSThread() // a thread has one GPU at a time; it ends with the goroutine
	lanes, err := d.open()
	if err != nil {
		d.fail(err)
	} else {
		var all sync.WaitGroup
		for _, l := range lanes {
			all.Go(l.run)
		}
		all.Wait()
	}
	if err := d.close(); err != nil {
		d.fail(err)
	}
}

// open opens the GPU, makes sure of it, and returns its lanes.
func (d *Device) open() ([]*lane, error) {
	version, err := d.driver.Version()
	if err != nil {
		return nil, err
	}
	if d.card, err = d.driver.Open(d.ordinal); err != nil {
		return nil, err
	}
	if err := usable(version, d.card.Properties()); err != nil {
		return nil, err
	}
	if err := d.card.Bind(); err != nil {
		return nil, err
	}
	free, err := d.card.Free()
	if err != nil {
		return nil, err
	}
	free -= free / usedMemory
	first := &lane{device: d, blocks: 1, room: free}
	if err := cmp.Or(first.known(d.check), first.close()); err != nil {
		return nil, err
	}
	blocks, err := d.resident()
	if err != nil {
		return nil, err
	}
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	for ; blocks > 0; blocks -= laneBlocks {
		d.lanes = append(d.lanes, &lane{device: d, blocks: min(blocks, laneBlocks)})
	}
	for _, l := range d.lanes {
		l.room = free / int64(len(d.lanes))
	}
	return d.lanes, nil
}

// resident is how many segments the GPU works on at the same time.
func (d *Device) resident() (int, error) {
	least := 0
	for _, l := range d.loaded {
		n, err := l.function.Resident()
		if err != nil {
			return 0, err
		}
		if least == 0 || n < least {
			least = n
		}
	}
	if least == 0 {
		return 0, errors.New("no block fits onto it")
	}
	return least * d.card.Properties().Multiprocessors, nil
}

// load returns a program on the card.
func (d *Device) load(p *Program) (*loaded, error) {
	d.loading.Lock()
	defer d.loading.Unlock()
	if l := d.loaded[p]; l != nil {
		return l, nil
	}
	if d.card.Properties().Limited && !p.Sliced {
		return nil, errors.New("it draws a screen, and the driver ends what takes seconds there")
	}
	m := d.modules[&p.PTX[0]]
	if m == nil {
		var err error
		if m, err = d.card.Load(p.PTX); err != nil {
			return nil, err
		}
		d.modules[&p.PTX[0]] = m
	}
	f, err := m.Function(p.Entry, p.Threads, p.Shared)
	if err != nil {
		return nil, err
	}
	l := &loaded{function: f}
	if l.tables, err = d.upload(p.Tables); err != nil {
		return nil, err
	}
	d.loaded[p] = l
	return l, nil
}

// upload copies bytes to memory of the card.
func (d *Device) upload(b []byte) (Address, error) {
	s, err := d.card.Stream()
	if err != nil {
		return 0, err
	}
	at, err := d.card.Allocate(aligned(len(b)))
	if err == nil {
		err = s.Upload(at, b)
	}
	return at, cmp.Or(err, s.Wait(), s.Close())
}

// fail has the GPU take nothing any more, and says why, once.
func (d *Device) fail(err error) {
	d.queue.mu.Lock()
	before := d.failed
	d.failed = true
	d.queue.assign()
	d.queue.mu.Unlock()
	if before {
		return
	}
	if d.card != nil {
		err = fmt.Errorf("%s, %w", d.card.Properties().Name, err)
	}
	d.queue.warn(fmt.Errorf("%s is not used any more: %w; the processor takes over", d.Name(), err))
}

// close gives everything back. Of a GPU that has failed nothing else can be expected than that it fails.
func (d *Device) close() (err error) {
	if d.card == nil {
		return nil
	}
	for _, l := range d.loaded {
		err = cmp.Or(err, d.card.Release(l.tables))
	}
	for _, m := range d.modules {
		err = cmp.Or(err, m.Unload())
	}
	return cmp.Or(err, d.card.Close())
}

// nextFree is in how many seconds the GPU can begin with a segment; ok says whether it can at all.
func (d *Device) nextFree(r *Request, now time.Time) (seconds float64, ok bool) {
	for _, l := range d.lanes {
		if d.failed || l.ended || r.bytes() > l.room {
			continue
		}
		if s := max(0, l.ends.Sub(now).Seconds()); !ok || s < seconds {
			seconds, ok = s, true
		}
	}
	return seconds, ok
}

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
	// lanes is how many lanes a GPU has at most: with the stream that has kernels stop as many as CUDA has queues for streams. Each takes few
	// segments at a time, so that they end one after the other, and new ones take their place.
	lanes = 31
	// ready is how much memory is reserved for each segment, which is more than most need: a GPU that is to give more while it works ends first what
	// it does.
	ready = 16 << 20
	// usedMemory is the share of what is free on the card that is used: one of so many is left to others.
	usedMemory = 5
	// copying is how many lanes copy at the same time.
	copying = 3
	// looking is how often a lane looks whether its GPU is done, or its segments are not wanted any more.
	looking = 3 * time.Millisecond
	// lingering is how long a lane waits for more segments than there are, after the last one came.
	lingering = 100 * time.Millisecond
)

// Device is a GPU that takes segments out of a queue.
type Device struct {
	driver   Driver
	ordinal  int
	programs []*Program // that it is opened with
	queue    *Queue
	card     Card
	control  Stream // has kernels at work stop
	// buffers are where copies pass through.
	buffers chan []byte

	loading sync.Mutex // guards what is on the card for all lanes
	modules map[*byte]Module
	tables  map[*byte]Address
	loaded  map[*Program]*loaded

	// The queue's lock guards what follows.
	name   string
	room   int64 // bytes of its memory for segments that are not in work
	most   int64 // bytes for all
	lanes  []*lane
	speeds speeds
	failed bool
}

// loaded is a program on the card.
type loaded struct {
	form     *Form
	function Function
	tables   Address
	wrong    error // what its check has found
}

// NewDevice returns a GPU that is to run some programs first, and may be given others. Queue.Add opens it.
func NewDevice(driver Driver, ordinal int, programs ...*Program) *Device {
	d := &Device{
		driver: driver, ordinal: ordinal, programs: programs, name: fmt.Sprintf("cuda:%d", ordinal), speeds: speeds{},
		modules: map[*byte]Module{}, tables: map[*byte]Address{}, loaded: map[*Program]*loaded{}, buffers: make(chan []byte, copying),
	}
	for range copying {
		d.buffers <- nil
	}
	return d
}

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
	d.queue.mu.Lock()
	d.name += " (" + d.card.Properties().Name + ")"
	d.queue.mu.Unlock()
	if err := Usable(version, d.card.Properties()); err != nil {
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
	if d.control, err = d.card.Stream(); err != nil {
		return nil, err
	}
	for _, p := range d.programs {
		if _, err := d.load(p); err != nil {
			return nil, err
		}
	}
	blocks, err := d.resident()
	if err != nil {
		return nil, err
	}
	held := Held(blocks)
	if err := d.card.Reserve(min(free/2, ready*int64(held))); err != nil && !isOutOfMemory(err) {
		return nil, err
	}
	d.queue.mu.Lock()
	defer d.queue.mu.Unlock()
	for each := (held + lanes - 1) / lanes; held > 0; held -= each {
		s, err := d.card.Stream()
		if err != nil {
			return nil, err
		}
		d.lanes = append(d.lanes, &lane{device: d, blocks: min(held, each), stream: s})
	}
	d.room, d.most = free, free
	return d.lanes, nil
}

// Held is how many segments a GPU has that works on so many at the same time: more of them, so that there is one for the place of each that ends before
// the others of its batch, and no place is free meanwhile.
func Held(blocks int) int { return blocks + blocks/2 }

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

// load returns a program on the card, which has passed its check.
func (d *Device) load(p *Program) (*loaded, error) {
	d.loading.Lock()
	defer d.loading.Unlock()
	l := d.loaded[p]
	if l == nil {
		var err error
		if l, err = d.loadNew(p); err != nil {
			return nil, err
		}
		s, err := d.card.Stream()
		if err != nil {
			return nil, err
		}
		d.loaded[p] = l
		first := &lane{device: d, stream: s}
		l.wrong = cmp.Or(first.known(l, p.Check), s.Close())
	}
	return l, l.wrong
}

// loadNew loads a program.
func (d *Device) loadNew(p *Program) (l *loaded, err error) {
	f, err := p.form(d.card.Properties())
	if err != nil {
		return nil, err
	}
	m := d.modules[&f.PTX[0]]
	if m == nil {
		if m, err = d.card.Load(f.PTX); err != nil {
			return nil, err
		}
		d.modules[&f.PTX[0]] = m
	}
	l = &loaded{form: f}
	if l.function, err = m.Function(f.Entry, f.Threads, f.Shared); err != nil {
		return nil, err
	}
	at, ok := d.tables[&p.Tables[0]]
	if !ok {
		if at, err = d.upload(p.Tables); err != nil {
			return nil, err
		}
		d.tables[&p.Tables[0]] = at
	}
	l.tables = at
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
	before, name := d.failed, d.name
	d.failed = true
	d.queue.assign()
	d.queue.mu.Unlock()
	if !before {
		d.queue.warn(fmt.Errorf("%s is not used any more: %w; the processor takes over", name, err))
	}
}

// close gives everything back. Of a GPU that has failed nothing else can be expected than that it fails.
func (d *Device) close() (err error) {
	if d.card == nil {
		return nil
	}
	if d.control != nil {
		err = d.control.Close()
	}
	for _, at := range d.tables {
		err = cmp.Or(err, d.card.Release(at))
	}
	for _, m := range d.modules {
		err = cmp.Or(err, m.Unload())
	}
	return cmp.Or(err, d.card.Close())
}

// nextFree is in how many seconds the GPU can begin with a segment; ok says whether it can at all.
func (d *Device) nextFree(r *Request, now time.Time) (seconds float64, ok bool) {
	for _, l := range d.lanes {
		if d.failed || l.ended || r.bytes() > d.most {
			continue
		}
		if s := max(0, l.ends.Sub(now).Seconds()); !ok || s < seconds {
			seconds, ok = s, true
		}
	}
	return seconds, ok
}

package cuda

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"time"
)

// lane codes one batch of segments after the other, beside the other lanes of its GPU.
type lane struct {
	device *Device
	blocks int // segments at a time

	stream Stream
	memory Address // of the batch in work

	// The queue's lock guards what follows.
	batch  []*ticket // in work
	number int       // of its launch, in their order
	ends   time.Time // when it will be free again, about
	ended  bool
}

// run codes until the queue is closed or the GPU fails.
func (l *lane) run() {
	runtime.LockOSThread() // see Device.run
	q, d := l.device.queue, l.device
	err := d.card.Bind()
	for err == nil {
		batch := q.take(l)
		if batch == nil {
			break
		}
		var left []*ticket
		if left, err = l.code(batch); err != nil {
			q.giveBack(left, errors.Is(err, errNonsense))
		}
		q.finished(l, batch)
	}
	if isOutOfMemory(err) && q.end(l) {
		err = nil // the others go on
	}
	if err = cmp.Or(err, l.stream.Close()); err != nil {
		d.fail(err)
	}
}

// errNonsense is wrapped by errors about what a GPU has computed.
var errNonsense = errors.New("it has computed nonsense")

// begins notes what a batch takes: memory, and time.
func (l *lane) begins(batch []*ticket) {
	seconds := 0.0
	for _, t := range batch {
		l.device.room -= t.bytes
		seconds = max(seconds, l.device.seconds(t))
	}
	l.batch, l.ends = batch, time.Now().Add(time.Duration(seconds*float64(time.Second)))
}

// finished notes that the lane is free.
func (q *Queue) finished(l *lane, batch []*ticket) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range batch {
		l.device.room += t.bytes
	}
	l.batch, l.ends = nil, time.Time{}
	q.assign()
}

// end ends a lane, and says whether its GPU has others.
func (q *Queue) end(l *lane) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	l.ended = true
	for _, o := range l.device.lanes {
		if !o.ended {
			return true
		}
	}
	return false
}

// known has the GPU pass the check of a program.
func (l *lane) known(p *loaded, check func(do func(*Request) error) error) error {
	return check(func(r *Request) error {
		t := &ticket{request: r, samples: r.Samples, turn: make(chan turn, 1), left: make(chan struct{})}
		_, err := l.codeWith(p, []*ticket{t})
		return err
	})
}

// code codes a batch, and tells those who wait for it. After an error it returns those that are still not coded.
func (l *lane) code(batch []*ticket) (left []*ticket, err error) {
	program, err := l.device.load(batch[0].request.Program)
	if err != nil {
		return batch, err
	}
	return l.codeWith(program, batch)
}

func (l *lane) codeWith(program *loaded, batch []*ticket) (left []*ticket, err error) {
	if err := l.allocate(batch); err != nil {
		return batch, err
	}
	left, err = l.codeIn(program, batch)
	return left, cmp.Or(err, l.stream.Release(l.memory))
}

// codeIn is codeWith in memory that is there.
func (l *lane) codeIn(program *loaded, batch []*ticket) (left []*ticket, err error) {
	places, err := l.upload(batch)
	if err != nil {
		return batch, err
	}
	begin := time.Now()
	if err := l.compute(program, batch, places); err != nil {
		return batch, err
	}
	l.device.queue.took(l, batch, time.Since(begin))
	for i, t := range batch {
		if !l.device.queue.settle(t) {
			continue
		}
		if err := l.download(t.request, places[i].output); err != nil {
			l.device.queue.unsettle(t)
			return batch[i:], err
		}
		t.turn <- done
	}
	return nil, nil
}

// wait waits until the GPU is done. It has it stop segments that nobody waits for any more.
func (l *lane) wait(batch []*ticket, places []place) error {
	stopped := make([]bool, len(batch))
	for {
		if ended, err := l.stream.Done(); ended || err != nil {
			return err
		}
		for i, t := range batch {
			if !stopped[i] && t.abandoned() {
				stopped[i] = true
				if err := l.device.control.Upload(places[i].input+Address(t.request.Stop), []byte{1, 0, 0, 0}); err != nil {
					return err
				}
			}
		}
		time.Sleep(looking)
	}
}

// took notes how long a batch took.
func (q *Queue) took(l *lane, batch []*ticket, time time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range batch {
		if !t.abandoned() {
			l.device.speeds.measured(t.key, t.samples, time.Seconds())
		}
	}
}

// place is where in the GPU's memory parts of a request are.
type place struct{ input, output Address }

// slab is the length of an element of the list of a batch's requests: the addresses of input, output and scratch.
const slab = 3 * 8

// allocate gets memory for a batch.
func (l *lane) allocate(batch []*ticket) (err error) {
	size := aligned(slab * len(batch)) // a little more than the queue knows of
	for _, t := range batch {
		size += t.request.bytes()
	}
	l.memory, err = l.stream.Allocate(size)
	return err
}

// upload copies the requests, and a list of where they are before them. It returns where they are.
func (l *lane) upload(batch []*ticket) (places []place, err error) {
	var list []byte
	at := l.memory + Address(aligned(slab*len(batch)))
	for _, t := range batch {
		r := t.request
		output := at + Address(aligned(len(r.Input)))
		scratch := output + Address(aligned(r.Output))
		for _, a := range [...]Address{at, output, scratch} {
			list = binary.LittleEndian.AppendUint64(list, uint64(a))
		}
		if err := l.stream.Upload(at, r.Input); err != nil {
			return nil, err
		}
		places = append(places, place{at, output})
		at = scratch + Address(aligned(r.Scratch))
	}
	return places, l.stream.Upload(l.memory, list)
}

// download reads what has come of a request.
func (l *lane) download(r *Request, output Address) error {
	buffer := <-l.device.buffers
	defer func() { l.device.buffers <- buffer }()
	if len(buffer) < r.Output {
		buffer = make([]byte, r.Output+r.Output/8)
	}
	b := buffer[:r.Output]
	if err := cmp.Or(l.stream.Download(b, output), l.stream.Wait()); err != nil {
		return err
	}
	if err := r.Take(b); err != nil {
		return fmt.Errorf("%w: %w", errNonsense, err)
	}
	return nil
}

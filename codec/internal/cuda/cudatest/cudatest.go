// Package cudatest has GPUs that are not there: their kernels are Go functions, and they fail when a test wants them to.
package cudatest

import (
	"encoding/binary"
	"fmt"
	"slices"
	"sync"
	"time"

	"trilobyte/codec/internal/cuda"
)

// Kernel computes the output of one request.
type Kernel func(entry string, tables, input, output []byte)

// Driver is a driver of some cards.
type Driver struct {
	CUDA  int // its version
	Cards []*Card
}

// New returns a driver of so many cards, with room for so many segments at a time and so much memory each.
func New(cards, blocks int, memory int64, kernel Kernel) *Driver {
	d := &Driver{CUDA: 12000}
	for i := range cards {
		d.Cards = append(d.Cards, &Card{
			Is:     cuda.Properties{Name: fmt.Sprintf("Pretended %d", i), Memory: memory, Major: 8, Multiprocessors: blocks, Shared: 227 << 10},
			kernel: kernel, memory: map[cuda.Address][]byte{}, next: 1 << 20, calls: map[string]int{}, places: make([]time.Time, blocks),
		})
	}
	return d
}

// Version implements cuda.Driver.
func (d *Driver) Version() (int, error) { return d.CUDA, nil }

// Devices implements cuda.Driver.
func (d *Driver) Devices() (int, error) { return len(d.Cards), nil }

// Open implements cuda.Driver.
func (d *Driver) Open(ordinal int) (cuda.Card, error) {
	if ordinal >= len(d.Cards) {
		return nil, &cuda.Error{Call: "Open", Code: 101, Name: "CUDA_ERROR_INVALID_DEVICE"}
	}
	c := d.Cards[ordinal]
	return c, c.call("Open")
}

// Card is a GPU. What is exported of it may be set only while it does not work.
type Card struct {
	Is cuda.Properties
	// Fail, which may be nil, is asked before each call what it returns: n is how often it was called before, successfully.
	Fail func(call string, n int) error
	// Time, which may be nil, is how long a segment takes with an input, instead of what Takes says; of a slice its steps, or 0.
	Time func(input []byte, steps int) time.Duration

	kernel Kernel

	mu      sync.Mutex
	takes   time.Duration // a segment
	places  []time.Time   // when each is free again: one for each multiprocessor
	waiting []*block      // for a place, in order
	calls   map[string]int
	memory  map[cuda.Address][]byte
	next    cuda.Address
	used    int64
	coded   int // segments
	slices  []Slice
}

// Slice is what a launch does of a kernel that codes in slices.
type Slice struct{ Steps, Number int }

// Slices are all launches of such kernels.
func (c *Card) Slices() []Slice {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.slices)
}

// Lost is what everything returns when a card is not there any more.
var Lost = &cuda.Error{Call: "call", Code: 999, Name: "CUDA_ERROR_UNKNOWN"}

func (c *Card) call(name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.Fail != nil {
		if err := c.Fail(name, c.calls[name]); err != nil {
			return err
		}
	}
	c.calls[name]++
	return nil
}

// Left is how much memory has not been given back.
func (c *Card) Left() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.used
}

// Takes says how long a segment takes from now on, once there is a place for it, unless all of its launch are stopped.
func (c *Card) Takes(time time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.takes = time
}

// Count is how often a call succeeded.
func (c *Card) Count(call string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.calls[call]
}

// Coded is how many segments it has begun to code.
func (c *Card) Coded() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.coded
}

// Properties implements cuda.Card.
func (c *Card) Properties() cuda.Properties { return c.Is }

// Bind implements cuda.Card.
func (c *Card) Bind() error { return c.call("Bind") }

// Free implements cuda.Card.
func (c *Card) Free() (int64, error) { return c.Is.Memory - c.Left(), c.call("Free") }

// Load implements cuda.Card.
func (c *Card) Load([]byte) (cuda.Module, error) { return module{c}, c.call("Load") }

// Allocate implements cuda.Card.
func (c *Card) Allocate(size int64) (cuda.Address, error) {
	if err := c.call("Allocate"); err != nil {
		return 0, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used+size > c.Is.Memory {
		return 0, &cuda.Error{Call: "Allocate", Code: 2, Name: "CUDA_ERROR_OUT_OF_MEMORY"}
	}
	at := c.next
	c.memory[at] = make([]byte, size)
	c.next += cuda.Address(size + 4096)
	c.used += size
	return at, nil
}

// Reserve implements cuda.Card.
func (c *Card) Reserve(size int64) error {
	if size > c.Is.Memory-c.Left() {
		return &cuda.Error{Call: "Reserve", Code: 2, Name: "CUDA_ERROR_OUT_OF_MEMORY"}
	}
	return c.call("Reserve")
}

// Release implements cuda.Card.
func (c *Card) Release(at cuda.Address) error {
	if err := c.call("Release"); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.memory[at] == nil {
		return fmt.Errorf("no memory was allocated at %d", at)
	}
	c.used -= int64(len(c.memory[at]))
	delete(c.memory, at)
	return nil
}

// at returns the memory from an address on.
func (c *Card) at(a cuda.Address) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.read(a)
}

func (c *Card) read(a cuda.Address) []byte {
	for start, b := range c.memory {
		if a >= start && a < start+cuda.Address(len(b)) {
			return b[a-start:]
		}
	}
	panic(fmt.Sprintf("no memory at %d", a))
}

// Stream implements cuda.Card.
func (c *Card) Stream() (cuda.Stream, error) { return &stream{card: c}, c.call("Stream") }

// Close implements cuda.Card.
func (c *Card) Close() error { return c.call("Close") }

type module struct{ card *Card }

// Function implements cuda.Module.
func (m module) Function(name string, _, _ int) (cuda.Function, error) {
	return function{m.card, name}, m.card.call("Function")
}

// Unload implements cuda.Module.
func (m module) Unload() error { return m.card.call("Unload") }

type function struct {
	card *Card
	name string
}

// Resident implements cuda.Function.
func (f function) Resident() (int, error) { return 1, f.card.call("Resident") }

// StopAt is where in their inputs segments are stopped.
const StopAt = 8

// stream does what it is told at once, but for launches.
type stream struct {
	card   *Card
	blocks []*block // of the launch in work
	finish func()   // ends it
}

// Allocate implements cuda.Stream.
func (s *stream) Allocate(size int64) (cuda.Address, error) { return s.card.Allocate(size) }

// Release implements cuda.Stream.
func (s *stream) Release(at cuda.Address) error { return s.card.Release(at) }

// Upload implements cuda.Stream.
func (s *stream) Upload(to cuda.Address, from []byte) error {
	if err := s.card.call("Upload"); err != nil {
		return err
	}
	s.card.mu.Lock()
	defer s.card.mu.Unlock()
	copy(s.card.read(to)[:len(from)], from)
	return nil
}

// Download implements cuda.Stream.
func (s *stream) Download(to []byte, from cuda.Address) error {
	if err := s.card.call("Download"); err != nil {
		return err
	}
	copy(to, s.card.at(from)[:len(to)])
	return nil
}

// Launch implements cuda.Stream.
func (s *stream) Launch(f cuda.Function, blocks int, arguments ...uint64) error {
	if err := s.card.call("Launch"); err != nil {
		return err
	}
	list, tables := s.card.at(cuda.Address(arguments[0])), s.card.at(cuda.Address(arguments[1]))
	address := func(i, k int) cuda.Address { return cuda.Address(binary.LittleEndian.Uint64(list[24*i+8*k:])) }
	s.card.mu.Lock()
	defer s.card.mu.Unlock()
	steps := 0
	if len(arguments) > 3 {
		steps = int(arguments[3])
		s.card.slices = append(s.card.slices, Slice{steps, int(arguments[4])})
	}
	s.blocks = nil
	for i := range blocks {
		b := &block{input: s.card.read(address(i, 0)), launched: time.Now(), takes: s.card.takes}
		if s.card.Time != nil {
			b.takes = s.card.Time(b.input, steps)
		}
		s.blocks, s.card.waiting = append(s.blocks, b), append(s.card.waiting, b)
	}
	s.finish = func() {
		for i := range blocks {
			s.card.kernel(f.(function).name, slices.Clone(tables), s.card.at(address(i, 0)), s.card.at(address(i, 1)))
		}
		s.card.mu.Lock()
		s.card.coded += blocks
		s.card.mu.Unlock()
	}
	return nil
}

// block is a segment that was launched.
type block struct {
	input    []byte
	launched time.Time
	takes    time.Duration
	place    *time.Time // once it has begun
	ends     time.Time
}

// advance has the segments begin for which places became free, in their order, and ends those that are to stop. The card is locked.
func (c *Card) advance(now time.Time) {
	c.waiting = slices.DeleteFunc(c.waiting, func(b *block) bool { return b.stopped(now) })
	for len(c.waiting) > 0 {
		b, first := c.waiting[0], &c.places[0]
		for i := range c.places {
			if c.places[i].Before(*first) {
				first = &c.places[i]
			}
		}
		if first.After(now) {
			return
		}
		if first.Before(b.launched) {
			*first = b.launched
		}
		*first = first.Add(b.takes)
		b.place, b.ends = first, *first
		c.waiting = c.waiting[1:]
	}
}

// stopped reports whether a segment was to stop, and ends it.
func (b *block) stopped(now time.Time) bool {
	if b.input[StopAt] == 0 {
		return false
	}
	if b.place == nil {
		b.place, b.ends = &b.ends, now
	} else if b.ends.After(now) {
		*b.place, b.ends = now, now
	}
	return true
}

// Done implements cuda.Stream.
func (s *stream) Done() (bool, error) {
	if err := s.card.call("Done"); err != nil || s.finish == nil {
		return true, err
	}
	switch ended, wanted := s.ended(time.Now()); {
	case !ended:
		return false, nil
	case wanted:
		s.finish()
	}
	s.finish = nil
	return true, nil
}

// ended says whether all segments of the launch have ended, and any of them was not to stop.
func (s *stream) ended(now time.Time) (ended, wanted bool) {
	s.card.mu.Lock()
	defer s.card.mu.Unlock()
	s.card.advance(now)
	ended = true
	for _, b := range s.blocks {
		wanted = !b.stopped(now) || wanted
		ended = ended && b.place != nil && !b.ends.After(now)
	}
	return ended, wanted
}

// Wait implements cuda.Stream.
func (s *stream) Wait() error { return s.card.call("Wait") }

// Close implements cuda.Stream.
func (s *stream) Close() error { return s.card.call("CloseStream") }

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

	mu     sync.Mutex
	takes  time.Duration // a segment
	places []time.Time   // when each is free again: one for each multiprocessor
	calls  map[string]int
	memory map[cuda.Address][]byte
	next   cuda.Address
	used   int64
	coded  int // segments
	slices []Slice
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
	card *Card
	// The launch in work.
	inputs []cuda.Address
	ends   time.Time
	finish func()
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
	s.inputs = nil
	steps := 0
	if len(arguments) > 3 {
		steps = int(arguments[3])
		s.card.slices = append(s.card.slices, Slice{steps, int(arguments[4])})
	}
	s.card.mu.Unlock()
	s.ends = time.Now()
	for i := range blocks {
		input := address(i, 0)
		s.inputs = append(s.inputs, input)
		if end := s.card.place(s.card.at(input), steps); end.After(s.ends) {
			s.ends = end
		}
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

// place gives a segment the first place that is free, and returns when it ends there.
func (c *Card) place(input []byte, steps int) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	takes := c.takes
	if c.Time != nil {
		takes = c.Time(input, steps)
	}
	first := &c.places[0]
	for i := range c.places {
		if c.places[i].Before(*first) {
			first = &c.places[i]
		}
	}
	if now := time.Now(); first.Before(now) {
		*first = now
	}
	*first = first.Add(takes)
	return *first
}

// Done implements cuda.Stream.
func (s *stream) Done() (bool, error) {
	if err := s.card.call("Done"); err != nil || s.finish == nil {
		return true, err
	}
	if s.stopped() {
		s.finish = nil
		return true, nil
	}
	if time.Now().Before(s.ends) {
		return false, nil
	}
	s.finish()
	s.finish = nil
	return true, nil
}

// stopped says whether all segments of the launch are.
func (s *stream) stopped() bool {
	s.card.mu.Lock()
	defer s.card.mu.Unlock()
	for _, a := range s.inputs {
		if s.card.read(a)[StopAt] == 0 {
			return false
		}
	}
	return true
}

// Wait implements cuda.Stream.
func (s *stream) Wait() error { return s.card.call("Wait") }

// Close implements cuda.Stream.
func (s *stream) Close() error { return s.card.call("CloseStream") }

// Package backend chooses what computes: plain Go, assembly, NVIDIA GPUs that code whole segments beside the
// processor, or ONNX Runtime, which computes the language model on the processor or a GPU. All of them give the same
// bits, so that the choice only matters for speed: an archive made with one is the same as an archive made with
// another, and decodes with any.
//
// What cannot be used is told in one line, and what is built in takes over.
package backend

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"trilobyte/codec"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/onnx"
	"trilobyte/codec/internal/simd"
)

// The backends, as the command line calls them.
const (
	Auto = "auto" // the fastest
	Go   = "go"   // plain Go
	SIMD = "simd" // the processor's vector instructions
	CUDA = "cuda" // NVIDIA GPUs, which code whole segments, and the processor
	ONNX = "onnx" // ONNX Runtime
)

// Names are the backends.
var Names = []string{Auto, Go, SIMD, CUDA, ONNX}

// ErrNoRuntime is wrapped by errors that say that there is no ONNX Runtime.
var ErrNoRuntime = onnx.ErrNotFound

// Choice is what the user wants. The zero value is the fastest backend.
type Choice struct {
	Backend string // one of Names; "" is Auto
	// Device is "cuda:0", or several such with commas between them: all GPUs if it is "". Of ONNX Runtime it is what
	// onnx.ParseDevice reads, or "": the fastest that there is.
	Device  string
	Library string // path of ONNX Runtime or of the folder that it is in; "" is where onnx.Find looks
}

// Check returns an error if the choice means nothing.
func (c Choice) Check() error {
	if c.Backend != "" && !slices.Contains(Names, c.Backend) {
		return fmt.Errorf("there is no backend called %q: it is auto, go, simd, cuda or onnx", c.Backend)
	}
	if c.Device == "" {
		return nil
	}
	if c.Backend == Go || c.Backend == SIMD {
		return fmt.Errorf("the backend %s has no devices: a device is for the backend onnx", c.Backend)
	}
	if len(c.cudaDevices()) > 0 {
		return nil
	}
	if c.Backend == CUDA {
		return fmt.Errorf("the backend cuda has no device %q: it is cuda:0, or cuda:0,cuda:1", c.Device)
	}
	_, err := onnx.ParseDevice(c.Device)
	return err
}

// wantsONNX says whether the user has asked for ONNX Runtime.
func (c Choice) wantsONNX() bool { return c.Backend == ONNX || c.Device != "" && !c.wantsCUDA() }

// devices returns the devices to try, in order.
func (c Choice) devices() []onnx.Device {
	if d, err := onnx.ParseDevice(c.Device); err == nil {
		return []onnx.Device{d}
	}
	return onnx.Devices()
}

// Purpose is what a job does with the language model.
type Purpose int

const (
	// Encoding jobs encode, and decode only to verify. The user's choice is for encoding; decoding takes the fastest.
	Encoding Purpose = iota
	// Decoding jobs only decode, with what the user has chosen.
	Decoding
)

// Backends makes the coders of models. It is safe for concurrent use.
type Backends struct {
	choice  Choice
	purpose Purpose
	warn    func(error)
	gpus    *gpus

	mu     sync.Mutex
	opened []*onnx.Runner
}

// New returns the backends for a choice that passes its Check. What cannot be used is told to warn, which may be called
// on any goroutine.
func New(c Choice, p Purpose, warn func(error)) *Backends {
	return &Backends{choice: c, purpose: p, warn: warn, gpus: newGPUs(c, p, warn)}
}

// Coder returns the coder of a model on the backends chosen.
func (b *Backends) Coder(m *codec.Model) *codec.Coder {
	encoding, decoding := b.Runners(m.Network())
	c := codec.NewCoderOn(m, encoding, decoding)
	if b.choice.wantsCUDA() || b.choice.mayUseCUDA() {
		b.gpus.know(c, m.Network())
	}
	return c
}

// Runners returns the runners with which a model encodes and decodes.
func (b *Backends) Runners(m *network.Model) (encoding, decoding network.Runner) {
	chosen := b.chosen(m)
	if b.purpose == Decoding {
		return chosen, chosen
	}
	if _, isONNX := chosen.(*onnx.Runner); isONNX && !fasterAtOneRow(m, chosen, m.BuiltIn()) {
		return chosen, m.BuiltIn()
	}
	return chosen, chosen
}

// Close ends the runners, once none of them is in use.
func (b *Backends) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var failure error
	for _, r := range b.opened {
		failure = errors.Join(failure, r.Close())
	}
	b.opened = nil
	return failure
}

// chosen returns the runner of the user's choice, for the job's purpose.
func (b *Backends) chosen(m *network.Model) network.Runner {
	switch {
	case b.choice.Backend == Go:
		if plain, err := m.On(simd.Go); err == nil {
			return plain
		}
	case b.choice.Backend == SIMD:
		if simd.InUse() == simd.Go {
			b.warn(errors.New("this processor has no vector instructions that Trilobyte could use: the backend go takes over"))
		}
	case b.choice.wantsCUDA(): // cores help with the fastest that they have
	case b.choice.wantsONNX():
		if r := b.open(m); r != nil {
			return r
		}
	default:
		return b.fastest(m)
	}
	return m.BuiltIn()
}

// open puts a model on the first device that works, and says why the others do not if it is asked for by name or none
// works.
func (b *Backends) open(m *network.Model) network.Runner {
	library, err := loadLibrary(b.choice.Library)
	var failures []error
	if err != nil {
		failures = append(failures, err)
	} else {
		for _, d := range b.choice.devices() {
			r, err := library.Open(m, d, onnx.Options{Warn: b.warn})
			if err == nil {
				b.mu.Lock()
				b.opened = append(b.opened, r)
				b.mu.Unlock()
				return r
			}
			failures = append(failures, err)
		}
	}
	for _, err := range failures {
		b.warn(fmt.Errorf("%w; %s takes over", err, m.BuiltIn().Name()))
	}
	return nil
}

// loadLibrary finds ONNX Runtime and loads it.
func loadLibrary(named string) (*onnx.Library, error) {
	find := onnx.Find
	if named != "" {
		find = func() (string, error) { return onnx.FindIn(named) }
	}
	path, err := find()
	if err != nil {
		return nil, err
	}
	return onnx.Load(path)
}

// fastest returns the fastest runner for the job, by measurement. ONNX Runtime is only considered if it is installed,
// and for decoding only where the built-in runner is slow.
func (b *Backends) fastest(m *network.Model) network.Runner {
	builtIn := m.BuiltIn()
	if _, err := onnx.Find(); errors.Is(err, onnx.ErrNotFound) && b.choice.Library == "" {
		return builtIn
	}
	rows := 1
	if b.purpose == Encoding {
		rows = encodingRows
	} else if speed(m, builtIn, 1) >= fastEnough {
		return builtIn
	}
	library, err := loadLibrary(b.choice.Library)
	if err != nil {
		if !errors.Is(err, onnx.ErrNotInBuild) {
			b.warn(fmt.Errorf("%w; %s takes over", err, builtIn.Name()))
		}
		return builtIn
	}
	best, bestSpeed := builtIn, speed(m, builtIn, rows)
	for _, d := range onnx.Devices() {
		r, err := library.Open(m, d, onnx.Options{Warn: b.warn})
		if err != nil {
			continue // nobody has asked for it, and "trilobyte devices" says why
		}
		b.mu.Lock()
		b.opened = append(b.opened, r)
		b.mu.Unlock()
		at := rows
		if b.purpose == Encoding {
			at = r.Rows()
		}
		if s := speed(m, r, at); s > bestSpeed {
			best, bestSpeed = r, s
		}
	}
	return best
}

// Package cuda has NVIDIA GPUs code segments, beside the processor's cores, through NVIDIA's driver alone.
//
// A Queue has all segments that wait to be coded. Cores take them one by one, the oldest first; GPUs take batches. Both take
// only what the others would not have finished sooner, by the speeds that are measured meanwhile, so that all finish together.
// What a GPU computes is what the processor would have computed, to the bit; when a GPU fails, in whatever way, it is not used any
// more, that is said in one line, and what it had taken is given to the others.
//
// This package knows nothing of what is computed: see package kernel. It copies bytes to the GPU's memory, has a kernel run, and copies
// bytes back.
package cuda

import (
	"errors"
	"fmt"
	"math"
)

// ErrNoDriver is wrapped by the error of Load where there is no driver of NVIDIA's.
var ErrNoDriver = errors.New("no NVIDIA driver")

// ErrNotBuilt is the error of Load in builds that cannot load a driver: those with the tag static, and of other systems.
var ErrNotBuilt = fmt.Errorf("%w: this build of the program cannot use one", ErrNoDriver)

const (
	oldestVersion = 12000 // of CUDA that the driver must know: CUDA 12
	oldestMajor   = 8     // compute capability: Ampere and newer
)

// Program is a kernel, with the tables of a model. All segments of a batch have the same.
type Program struct {
	Forms  []Form // a GPU takes the first one that it can run
	Tables []byte // in the GPU's memory, for all segments
	// Check makes sure of a GPU that it computes what it should, with known answers: do has it code a request.
	Check func(do func(*Request) error) error
}

// Form is one of the ways in which a kernel was compiled, as a module of its own. The kernel's parameters are where a list of requests is, where
// the tables are, how many requests there are, and two more if it codes in slices: see Slices.
type Form struct {
	PTX             []byte // of the module
	Entry           string // the kernel's name
	Threads, Shared int    // a block's threads, and bytes of shared memory
	Blocks          int    // that a multiprocessor has at a time, at most
	// Slices says that a launch does only so many steps of each request, and is told which launch it is, from 0.
	Slices bool
}

// form returns the form that runs on a GPU, or why there is none.
func (p *Program) form(is Properties) (*Form, error) {
	least := math.MaxInt
	for i := range p.Forms {
		f := &p.Forms[i]
		if f.Shared <= is.Shared && (f.Slices || !is.Limited) {
			return f, nil
		}
		least = min(least, f.Shared)
	}
	if least > is.Shared {
		return nil, fmt.Errorf("it gives a block %d bytes of shared memory, and %d are needed", is.Shared, least)
	}
	return nil, errors.New("it draws a screen, and its driver ends there what takes seconds")
}

// Together is how many requests a GPU codes at the same time, at most; none if it cannot run the program.
func (p *Program) Together(is Properties) int {
	f, err := p.form(is)
	if err != nil {
		return 0
	}
	return f.Blocks * is.Multiprocessors
}

// Request is a segment to be coded.
type Request struct {
	Program *Program
	Samples int    // over all channels: how much work it is
	Steps   int    // how many a kernel does that codes in slices
	Input   []byte // copied to the GPU
	Stop    int    // where in the input 4 bytes are that make the kernel stop soon when they are not 0
	// Bytes in the GPU's memory: of what is copied back, and for its work.
	Output, Scratch int
	// Take reads what came back, which it must not keep. An error says that the GPU has computed nonsense.
	Take func(output []byte) error
}

// alignment is that of the parts of requests, in bytes.
const alignment = 256

// aligned rounds up.
func aligned(n int) int64 { return int64(n+alignment-1) &^ (alignment - 1) }

// bytes is how much memory of the GPU the request takes.
func (r *Request) bytes() int64 {
	return aligned(len(r.Input)) + aligned(r.Output) + aligned(r.Scratch)
}

// Usable says why a GPU cannot be used with a driver of that version, or returns nil.
func Usable(version int, p Properties) error {
	switch {
	case version < oldestVersion:
		return fmt.Errorf("its driver is for CUDA %d.%d, and version 12 is needed: update it", version/1000, version%1000/10)
	case p.Major < oldestMajor:
		return fmt.Errorf("it is too old: its compute capability is %d.%d, and 8.0 is needed", p.Major, p.Minor)
	}
	return nil
}

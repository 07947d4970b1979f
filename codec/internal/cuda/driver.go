package cuda

import (
	"errors"
	"fmt"
)

// Driver is NVIDIA's driver, as far as this package needs it: CUDA's driver API, with its terms. Tests have another one.
type Driver interface {
	// Version is the newest CUDA that the driver knows: 12040 stands for 12.4.
	Version() (int, error)
	// Devices is the number of GPUs.
	Devices() (int, error)
	// Open returns a GPU, from 0.
	Open(ordinal int) (Card, error)
}

// Card is a GPU with a context. Its methods, and those of what it makes, may be called by several goroutines, on threads that have
// called Bind.
type Card interface {
	Properties() Properties
	// Bind prepares the calling thread, which the goroutine has locked, for the others.
	Bind() error
	// Free is how many bytes of memory are free.
	Free() (int64, error)
	// Load compiles PTX. The driver keeps what it has compiled once.
	Load(ptx []byte) (Module, error)
	// Allocate and Release may wait for all that the card is doing.
	Allocate(size int64) (Address, error)
	Release(Address) error
	Stream() (Stream, error)
	// Reserve has so many bytes of memory ready for streams.
	Reserve(size int64) error
	// Close gives up the context. Nothing that the card has made can be used any more.
	Close() error
}

// Properties are those of a GPU that matter here.
type Properties struct {
	Name            string
	Memory          int64 // bytes
	Major, Minor    int   // compute capability
	Multiprocessors int
	Shared          int // bytes of shared memory that a block may have
	Doubles         int // how many times as long as those of 32 bits its numbers of 64 bits take
	// Limited says that the driver ends a kernel that takes seconds: the GPU draws a screen.
	Limited bool
}

// Module is compiled PTX.
type Module interface {
	// Function returns a kernel of so many threads a block, which take so many bytes of shared memory.
	Function(name string, threads, shared int) (Function, error)
	Unload() error
}

// Function is a kernel.
type Function interface {
	// Resident is how many blocks a multiprocessor works on at the same time.
	Resident() (int, error)
}

// Stream has things done one after the other, and beside those of other streams. Upload and Download are done with the memory of the
// computer when they return.
type Stream interface {
	// Allocate waits for nothing as long as there is memory that was reserved or given back; otherwise it may wait for all that the card is doing.
	Allocate(size int64) (Address, error)
	Release(Address) error
	Upload(to Address, from []byte) error
	Download(to []byte, from Address) error
	// Launch starts blocks of a kernel with arguments of 8 bytes each.
	Launch(f Function, blocks int, arguments ...uint64) error
	// Wait returns when all is done, Done says whether it is.
	Wait() error
	Done() (bool, error)
	Close() error
}

// Address is a place in a GPU's memory.
type Address uint64

// Error is what a call of the driver returned.
type Error struct {
	Call string
	Code int // CUresult
	Name string
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s: %s (%d)", e.Call, e.Name, e.Code) }

// Codes of errors: CUDA_ERROR_OUT_OF_MEMORY and CUDA_ERROR_NOT_READY.
const outOfMemory, notReady = 2, 600

// isOutOfMemory reports whether an error says that there is too little memory on the card.
func isOutOfMemory(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == outOfMemory
}

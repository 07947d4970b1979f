// Package kernel is the codec of segments as a kernel for NVIDIA GPUs: its source in CUDA C++, what a driver compiles of it, and the bytes
// that go to it and come back. It decodes and encodes with the same bits as package segment, which is its definition; what is to be coded how, the
// processor decides. No driver is in here: package cuda has that. A program in the folder emulator runs the same source on a processor.
package kernel

import (
	"errors"
	"fmt"
	"sync"

	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

// ErrRefused is wrapped by the errors that say why the kernel does not take something, and the processor has to.
var ErrRefused = errors.New("kernel: refused")

// Kernel is what there is for one model.
type Kernel struct {
	shape   *shape
	preset  preset
	tables  []byte
	windows map[toneWindow][]byte // tables of the tones
	ptx     [len(suffixes)]func() []byte
}

// New returns the kernel for a model. It fails with ErrRefused if there is none: the model's description and the sizes of its network must be
// those of a preset of this program.
func New(m *network.Model) (*Kernel, error) {
	defines, err := Defines(m, Large)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	p, ok := presetOf(joined(defines))
	if !ok {
		return nil, fmt.Errorf("%w: no kernel was compiled for this model's predictors", ErrRefused)
	}
	s, err := newShape(m)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	k := &Kernel{shape: s, preset: p, tables: s.tables(m), windows: s.toneTables()}
	for f := range k.ptx {
		k.ptx[f] = sync.OnceValue(func() []byte { return p.code(Form(f)) })
	}
	return k, nil
}

// Tables are what all segments of the model have in common. On the device they are to be aligned to 256 bytes.
func (k *Kernel) Tables() []byte { return k.tables }

// Kept is how many bytes the small form has at the beginning of scratch.
func (k *Kernel) Kept() int { return k.preset.kept }

// Launch says how a form of the kernel is launched. Its parameters are the address of the Slabs, that of the tables (both 64 bits), and the
// number of the segments (32 bits), each of which has one block of threads. A Slab is the addresses of a request's input, output and scratch,
// each aligned to 256 bytes.
//
// A form that codes in slices has two more: how many steps of each segment it does (32 bits), and the number of the launch, from 0 (32 bits). It is
// launched until all Steps of all requests are done.
type Launch struct {
	PTX     []byte // the code that the driver compiles, with a zero behind it
	Entry   string // its name
	Threads int    // of a block
	Shared  int    // bytes of dynamic shared memory of a block
	Blocks  int    // that a multiprocessor has at a time, at most
	Slices  bool   // it codes in slices
}

// Launches returns those of all forms, for encoding or for decoding, the fastest one first.
func (k *Kernel) Launches(encode bool) (list []Launch) {
	entry := "decode"
	if encode {
		entry = "encode"
	}
	for _, f := range [...]Form{Large, Small} {
		if ptx := k.ptx[f](); ptx != nil {
			list = append(list, Launch{ptx, entry, 32 * (7 + k.shape.squareWarps()), k.preset.shared[f], k.shape.blocks(), f == Small})
		}
	}
	return list
}

// Segment is all tracks of a segment, the channels that are coded sample by sample, in the order of coding.
type Segment struct {
	Encode bool
	Frames int
	Groups []Group
}

// Group is a track that is coded alone, or a pair: see segment.Group.
type Group struct {
	Tracks     []Track // one or two
	Offset     int     // so many frames the second one is coded behind the first one
	Lags       predictor.Lags
	References []Reference
}

// Reference is a track before that tells of a group of one, by its number in the order of coding.
type Reference struct{ Track, Delay int }

// Track is a channel in steps of its lattice.
type Track struct {
	Low, High int64 // the least and the greatest step
	Start     predictor.Start
	Window    predictor.Window
	SSE       bool // to decode: it is coded with secondary symbol estimation; to encode: it may be

	// List is the steps that occur, ascending. To decode: if it is coded over them; its stream begins with them. To encode: if that may be
	// worth it. Otherwise it is nil.
	List   []int64
	Stream []byte  // to decode
	Steps  []int32 // to encode
}

// TrackResult is what became of a track.
type TrackResult struct {
	Steps       []int32 // decoded
	Stream      []byte  // encoded
	Listed, SSE bool    // how it is encoded
}

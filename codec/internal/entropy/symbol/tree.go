package symbol

import (
	"unsafe"

	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/simd"
)

//go:generate go run -C ../../simd/neon . -source kernels/symbol.c -with "-mllvm -disable-machine-licm" -pkg symbol -out ../../entropy/symbol/neon_arm64.s

// kernels are Encode and Decode in assembly, for one path of the processor; those of plain Go are nil.
type kernels struct {
	// decode takes a *tree and a *rangecoder.SymbolDecoder and returns a rank.
	decode func(state, decoder *byte) int64
	// decodeTree takes a *tree and a *rangecoder.Decoder and returns a rank.
	decodeTree func(state, decoder *byte) int64
	// encodeTree takes a *tree and a rank. For each bit it gives twice the probability of a zero, plus the bit, and returns
	// how many bits there are.
	encodeTree func(state *byte, bits *uint32, rank int64) int
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

// tree is what the kernels know of a channel and of a sample. They expect the fields in this order, 8 bytes each
// (codec/internal/simd/asm/tree.go).
type tree struct {
	count  int64
	low    int64  // step of rank 0 of a dense set
	used   *int64 // steps of a listed set
	digits int64

	floor float64 // mass of each rank besides the distribution's
	total float64
	level int64

	nodes    *[logitBuckets]bucket
	widths   *[logitBuckets]bucket
	mixers   *[mixerInputs]int32
	shares   *[256]int32
	stretch  *[2048]int16
	squash   *[129]int32
	logistic *float64
	mixture  *float64

	// Of symbols.
	quantiles *[64]float64
	scale     float64 // of the quantiles, in units of the distribution's spread
	ranks     *int32  // of a listed set's index, nil for a dense one
	shift     int64
	span      int64
}

func newTree(set *alphabet.Set, digits int) tree {
	t := tree{count: set.Len(), low: set.Low, digits: int64(digits), logistic: mixture.Table()}
	if used := set.Steps(); used != nil {
		x := set.Index()
		t.used, t.ranks, t.shift, t.span = &used[0], &x.Ranks[0], int64(x.Shift), x.Span
	}
	return t
}

// correctedBy adds the tables of secondary symbol estimation.
func (t *tree) correctedBy(s *estimation) {
	t.nodes, t.widths, t.mixers = &s.nodes[0], &s.widths[0], &s.mixers[0]
	t.shares, t.stretch, t.squash = &shares, &stretchTable, &squashTable
}

// of prepares the tree for a sample whose distribution is d. floor is the mass of each rank besides.
func (t *tree) of(d *mixture.Distribution, floor float64) *byte {
	t.floor, t.total, t.mixture = floor, d.Total, &d.Weight[0]
	return (*byte)(unsafe.Pointer(t))
}

// decodeTree is Decode by a kernel.
func (c *Corrected) decodeTree(r *rangecoder.Decoder, d *mixture.Distribution, scale float64) int64 {
	c.tree.level = int64(c.level(scale))
	return active.decodeTree(c.tree.of(d, d.Total*c.floor), (*byte)(unsafe.Pointer(r)))
}

// encodeTree is Encode by a kernel.
func (c *Corrected) encodeTree(e *rangecoder.Encoder, d *mixture.Distribution, scale float64, rank int64) {
	c.tree.level = int64(c.level(scale))
	n := active.encodeTree(c.tree.of(d, d.Total*c.floor), &c.bits[0], rank)
	for _, b := range c.bits[:n] {
		e.Encode(int(b&1), b>>1)
	}
}

// decodeTree is Decode by a kernel.
func (w *Coder) decodeTree(r *rangecoder.SymbolDecoder, d *mixture.Distribution) int64 {
	return active.decode(w.tree.of(d, d.Total*w.floor), (*byte)(unsafe.Pointer(r)))
}

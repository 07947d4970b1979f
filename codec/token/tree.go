package token

import (
	"unsafe"

	"trilobyte/codec/kernel"
	"trilobyte/codec/mixture"
	"trilobyte/codec/rangecoder"
)

// kernels are Encode and Decode in assembly, for one path of the processor; those of plain Go are nil.
type kernels struct {
	// decode takes a *tree and a *rangecoder.Decoder and returns a rank.
	decode func(state, decoder *byte) int64
	// encode takes a *tree and a rank. For each bit it gives twice the probability of a zero, plus the bit, and returns
	// how many bits there are.
	encode func(state *byte, bits *uint32, rank int64) int
}

// tree is what the kernels know of a channel and of a sample. They expect the fields in this order, 8 bytes each
// (codec/kernel/asm/tree.go).
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
}

func newTree(c *Coder) tree {
	t := tree{
		count:    c.count,
		low:      c.set.Low,
		digits:   int64(c.digits),
		shares:   &shares,
		stretch:  &stretchTable,
		squash:   &squashTable,
		logistic: kernel.LogisticTable(),
	}
	if c.last != nil {
		t.nodes, t.widths, t.mixers = &c.last.nodes[0], &c.last.widths[0], &c.last.mixers[0]
	}
	if used := c.set.Steps(); used != nil {
		t.used = &used[0]
	}
	return t
}

// set prepares the tree for a sample.
func (t *tree) set(c *Coder, d *mixture.Distribution, scale float64) *byte {
	t.floor, t.total, t.level = d.Total*c.floor, d.Total, int64(c.level(scale))
	t.mixture = &d.Logistics().Weight[0]
	return (*byte)(unsafe.Pointer(t))
}

// decodeTree is Decode by a kernel.
func (c *Coder) decodeTree(r *rangecoder.Decoder, d *mixture.Distribution, scale float64) int64 {
	return c.kernels.decode(c.tree.set(c, d, scale), (*byte)(unsafe.Pointer(r)))
}

// encodeTree is Encode by a kernel.
func (c *Coder) encodeTree(e *rangecoder.Encoder, d *mixture.Distribution, scale float64, rank int64) {
	n := c.kernels.encode(c.tree.set(c, d, scale), &c.bits[0], rank)
	for _, b := range c.bits[:n] {
		e.Encode(int(b&1), b>>1)
	}
}

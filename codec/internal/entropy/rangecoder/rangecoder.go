// Package rangecoder holds arithmetic coders over bytes, with carry propagation, in integer arithmetic only: one of bits with
// 32-bit low and range, and a wider one of symbols. (Martin, Range encoding, 1979; the carry is handled as in the LZMA
// SDK's rc encoder.)
package rangecoder

import "trilobyte/codec/internal/cacheline"

// Probabilities are 16-bit: the chance, out of ProbabilityOne, that a bit is 0.
const (
	ProbabilityBits = 16
	ProbabilityOne  = 1 << ProbabilityBits
	bottom          = 1 << 24
)

// Encoder writes bits into memory.
type Encoder struct {
	low    uint64
	span   uint32
	output output
}

// NewEncoder makes an encoder that appends to out.
func NewEncoder(out []byte) *Encoder {
	e := cacheline.New[Encoder]()
	*e = Encoder{span: 0xFFFFFFFF, output: output{out: out, start: len(out), pending: 1}}
	return e
}

// Encode writes a bit whose probability of being 0 is p0/ProbabilityOne, 0 < p0 < ProbabilityOne.
func (e *Encoder) Encode(bit int, p0 uint32) {
	// Without branches on the bit: no processor could foresee them.
	zero := e.span >> ProbabilityBits * p0
	one := -uint32(bit) // all ones for a 1
	e.low += uint64(zero & one)
	e.span = zero + (e.span-2*zero)&one
	for e.span < bottom {
		e.span <<= 8
		e.shiftLow()
	}
}

func (e *Encoder) shiftLow() {
	e.output.add(byte(e.low>>32), byte(e.low>>24))
	e.low = e.low << 8 & 0xFFFFFFFF
}

// State is where a range coder stands, for backends that go on with it themselves.
type State struct {
	Low, Span      uint64 // or code and span, of a decoder
	Next           int    // bytes read, or written
	Cache, Pending int    // of an encoder: see output
}

// State returns where the encoder stands.
func (e *Encoder) State() State {
	o := &e.output
	return State{e.low, uint64(e.span), len(o.out) - o.start, int(o.cache), o.pending}
}

// State returns where the decoder stands.
func (d *Decoder) State() State {
	return State{Low: uint64(d.code), Span: uint64(d.span), Next: d.next}
}

// Written returns the bytes that an encoder has written so far, but those that it holds back.
func (e *Encoder) Written() []byte { return e.output.out[e.output.start:] }

// Len is about how many bytes Finish will return.
func (e *Encoder) Len() int { return len(e.output.out) - e.output.start + e.output.pending }

// Finish writes what is pending and returns the output. Trailing zero bytes are left out: a decoder reads zeros
// beyond the end.
func (e *Encoder) Finish() []byte {
	for range 5 {
		e.shiftLow()
	}
	return e.output.trimmed()
}

// Decoder reads bits. Vector kernels of package symbol know its layout.
type Decoder struct {
	code, span uint32
	in         []byte
	next       int
}

// NewDecoder makes a decoder of what an Encoder has written. Beyond the end of in it reads zeros.
func NewDecoder(in []byte) *Decoder {
	d := cacheline.New[Decoder]()
	*d = Decoder{span: 0xFFFFFFFF, in: in}
	for range 5 {
		d.code = d.code<<8 | uint32(d.nextByte())
	}
	return d
}

func (d *Decoder) nextByte() byte {
	d.next++
	if d.next > len(d.in) {
		return 0
	}
	return d.in[d.next-1]
}

// Decode reads a bit that was written with the probability p0.
func (d *Decoder) Decode(p0 uint32) int {
	// Without branches on the bit: no processor could foresee them.
	zero := d.span >> ProbabilityBits * p0
	bit := uint32((uint64(d.code)-uint64(zero))>>63) ^ 1
	one := -bit // all ones for a 1
	d.code -= zero & one
	span := zero + (d.span-2*zero)&one
	for span < bottom {
		span <<= 8
		d.code = d.code<<8 | uint32(d.nextByte())
	}
	d.span = span
	return int(bit)
}

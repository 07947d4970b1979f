// Package rangecoder is a binary arithmetic coder over bytes: 32-bit low and range with carry propagation, integer
// arithmetic only. (Martin, Range encoding, 1979; the carry is handled as in the LZMA SDK's rc encoder.)
package rangecoder

// Probabilities are 16-bit: the chance, out of ProbabilityOne, that a bit is 0.
const (
	ProbabilityBits = 16
	ProbabilityOne  = 1 << ProbabilityBits
	bottom          = 1 << 24
)

// Encoder writes bits into memory.
type Encoder struct {
	low     uint64
	span    uint32
	cache   byte
	pending int // bytes held back because a carry may still reach them
	out     []byte
	start   int // length of out at the beginning
}

// NewEncoder makes an encoder that appends to out.
func NewEncoder(out []byte) *Encoder {
	return &Encoder{span: 0xFFFFFFFF, pending: 1, out: out, start: len(out)}
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
	if e.low < 0xFF000000 || e.low > 0xFFFFFFFF {
		carry := byte(e.low >> 32)
		for ; e.pending > 0; e.pending-- {
			e.out = append(e.out, e.cache+carry)
			e.cache = 0xFF
		}
		e.cache = byte(e.low >> 24)
	}
	e.pending++
	e.low = e.low << 8 & 0xFFFFFFFF
}

// Finish writes what is pending and returns the output. Trailing zero bytes are left out: a decoder reads zeros
// beyond the end.
func (e *Encoder) Finish() []byte {
	for range 5 {
		e.shiftLow()
	}
	for len(e.out) > e.start && e.out[len(e.out)-1] == 0 {
		e.out = e.out[:len(e.out)-1]
	}
	return e.out
}

// Decoder reads bits. Vector kernels of package token know its layout.
type Decoder struct {
	code, span uint32
	in         []byte
	next       int
}

// NewDecoder makes a decoder of what an Encoder has written. Beyond the end of in it reads zeros.
func NewDecoder(in []byte) *Decoder {
	d := &Decoder{span: 0xFFFFFFFF, in: in}
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

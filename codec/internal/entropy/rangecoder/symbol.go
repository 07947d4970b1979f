package rangecoder

import "trilobyte/codec/internal/cacheline"

// FrequencyBits says how finely symbols are coded, each of which has an interval of frequencies: they are in units of
// 2^-FrequencyBits.
const FrequencyBits = 32

// One is the frequency of all values of a symbol together.
const One = 1 << FrequencyBits

// spanBits is the width of the coder's range: wide enough for what is lost by rounding to be negligible.
const spanBits = 56

// leastSpan is the least span between two symbols.
const leastSpan = 1 << (spanBits - 8)

// SymbolEncoder writes symbols of any alphabet into memory.
type SymbolEncoder struct {
	low, span uint64
	output    output
}

// NewSymbolEncoder makes an encoder that appends to out.
func NewSymbolEncoder(out []byte) *SymbolEncoder {
	e := cacheline.New[SymbolEncoder]()
	*e = SymbolEncoder{span: 1<<spanBits - 1, output: output{out: out, start: len(out)}}
	return e
}

// Encode writes the symbol whose interval is from..to, 0 <= from < to <= One.
func (e *SymbolEncoder) Encode(from, to uint64) {
	step := e.span >> FrequencyBits
	e.low += step * from
	e.span = step * (to - from)
	for e.span < leastSpan {
		e.span <<= 8
		e.shiftLow()
	}
}

func (e *SymbolEncoder) shiftLow() {
	e.output.add(byte(e.low>>spanBits), byte(e.low>>(spanBits-8)))
	e.low = e.low << 8 & (1<<spanBits - 1)
}

// State returns where the encoder stands.
func (e *SymbolEncoder) State() State {
	o := &e.output
	return State{e.low, e.span, len(o.out) - o.start, int(o.cache), o.pending}
}

// State returns where the decoder stands.
func (d *SymbolDecoder) State() State { return State{Low: d.code, Span: d.span, Next: d.next} }

// Len is about how many bytes Finish will return.
func (e *SymbolEncoder) Len() int { return len(e.output.out) - e.output.start + e.output.pending }

// Finish writes what is pending and returns the output. Trailing zero bytes are left out: a decoder reads zeros beyond the
// end.
func (e *SymbolEncoder) Finish() []byte {
	// Any number from low to low+span-1 will do: the one with most zeros at the end.
	e.low = (e.low + e.span - 1) &^ (leastSpan - 1)
	for range spanBits/8 + 1 {
		e.shiftLow()
	}
	return e.output.trimmed()
}

// SymbolDecoder reads symbols. Vector kernels of package symbol know its layout.
type SymbolDecoder struct {
	code, span uint64
	in         []byte
	next       int
}

// NewSymbolDecoder makes a decoder of what a SymbolEncoder has written. Beyond the end of in it reads zeros.
func NewSymbolDecoder(in []byte) *SymbolDecoder {
	d := cacheline.New[SymbolDecoder]()
	*d = SymbolDecoder{span: 1<<spanBits - 1, in: in}
	for range spanBits / 8 {
		d.code = d.code<<8 | uint64(d.nextByte())
	}
	return d
}

func (d *SymbolDecoder) nextByte() byte {
	d.next++
	if d.next > len(d.in) {
		return 0
	}
	return d.in[d.next-1]
}

// Next returns a number below One in the interval of the next symbol.
func (d *SymbolDecoder) Next() uint64 {
	return min(d.code/(d.span>>FrequencyBits), One-1)
}

// Take goes beyond the symbol that Next found, whose interval is from..to.
func (d *SymbolDecoder) Take(from, to uint64) {
	step := d.span >> FrequencyBits
	d.code -= step * from
	d.span = step * (to - from)
	for d.span < leastSpan {
		d.span <<= 8
		d.code = d.code<<8 | uint64(d.nextByte())
	}
}

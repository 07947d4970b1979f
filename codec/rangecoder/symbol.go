package rangecoder

import "trilobyte/codec/cacheline"

// Symbols says how finely symbols are coded, each of which has an interval of frequencies. The span is wide enough for what is
// lost by rounding to be negligible.
type Symbols struct {
	FrequencyBits int // frequencies are in units of 2^-FrequencyBits
	spanBits      int // of the coder's range
}

// The kinds of symbols: those of a byte, and those of two. They are what archives are coded with.
var (
	Bytes = Symbols{24, 48}
	Pairs = Symbols{32, 56}
)

// One is the frequency of all values of a symbol together.
func (s Symbols) One() uint64 { return 1 << s.FrequencyBits }

// bottom is the least span between two symbols.
func (s Symbols) bottom() uint64 { return 1 << (s.spanBits - 8) }

// SymbolEncoder writes symbols of any alphabet into memory.
type SymbolEncoder struct {
	low, span uint64
	output    output
	symbols   Symbols
}

// NewSymbolEncoder makes an encoder that appends to out.
func NewSymbolEncoder(s Symbols, out []byte) *SymbolEncoder {
	e := cacheline.New[SymbolEncoder]()
	*e = SymbolEncoder{span: 1<<s.spanBits - 1, output: output{out: out, start: len(out)}, symbols: s}
	return e
}

// Encode writes the symbol whose interval is from..to, 0 <= from < to <= One().
func (e *SymbolEncoder) Encode(from, to uint64) {
	step := e.span >> e.symbols.FrequencyBits
	e.low += step * from
	e.span = step * (to - from)
	for e.span < e.symbols.bottom() {
		e.span <<= 8
		e.shiftLow()
	}
}

func (e *SymbolEncoder) shiftLow() {
	bits := e.symbols.spanBits
	e.output.add(byte(e.low>>bits), byte(e.low>>(bits-8)))
	e.low = e.low << 8 & (1<<bits - 1)
}

// Len is about how many bytes Finish will return.
func (e *SymbolEncoder) Len() int { return len(e.output.out) - e.output.start + e.output.pending }

// Finish writes what is pending and returns the output. Trailing zero bytes are left out: a decoder reads zeros beyond the
// end.
func (e *SymbolEncoder) Finish() []byte {
	// Any number from low to low+span-1 will do: the one with most zeros at the end.
	e.low = (e.low + e.span - 1) &^ (e.symbols.bottom() - 1)
	for range e.symbols.spanBits/8 + 1 {
		e.shiftLow()
	}
	return e.output.trimmed()
}

// SymbolDecoder reads symbols. Vector kernels of package token know its layout.
type SymbolDecoder struct {
	code, span uint64
	in         []byte
	next       int
	symbols    Symbols
}

// NewSymbolDecoder makes a decoder of what a SymbolEncoder of the same kind of symbols has written. Beyond the end of in it
// reads zeros.
func NewSymbolDecoder(s Symbols, in []byte) *SymbolDecoder {
	d := cacheline.New[SymbolDecoder]()
	*d = SymbolDecoder{span: 1<<s.spanBits - 1, in: in, symbols: s}
	for range s.spanBits / 8 {
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

// Next returns a number below One() in the interval of the next symbol.
func (d *SymbolDecoder) Next() uint64 {
	return min(d.code/(d.span>>d.symbols.FrequencyBits), d.symbols.One()-1)
}

// Take goes beyond the symbol that Next found, whose interval is from..to.
func (d *SymbolDecoder) Take(from, to uint64) {
	step := d.span >> d.symbols.FrequencyBits
	d.code -= step * from
	d.span = step * (to - from)
	for d.span < d.symbols.bottom() {
		d.span <<= 8
		d.code = d.code<<8 | uint64(d.nextByte())
	}
}

package rangecoder

// Symbols are coded in units of 2^-24: each has an interval of them. The span is wide enough for what is lost by rounding to
// be negligible.
const (
	FrequencyBits = 24
	FrequencyOne  = 1 << FrequencyBits

	symbolBits   = 48
	symbolBottom = 1 << (symbolBits - 8)
)

// SymbolEncoder writes symbols of any alphabet into memory.
type SymbolEncoder struct {
	low    uint64
	span   uint64
	output output
}

// NewSymbolEncoder makes an encoder that appends to out.
func NewSymbolEncoder(out []byte) *SymbolEncoder {
	return &SymbolEncoder{span: 1<<symbolBits - 1, output: output{out: out, start: len(out)}}
}

// Encode writes the symbol whose interval is from..to in units of 1/FrequencyOne, 0 <= from < to <= FrequencyOne.
func (e *SymbolEncoder) Encode(from, to uint32) {
	step := e.span >> FrequencyBits
	e.low += step * uint64(from)
	e.span = step * uint64(to-from)
	for e.span < symbolBottom {
		e.span <<= 8
		e.shiftLow()
	}
}

func (e *SymbolEncoder) shiftLow() {
	e.output.add(byte(e.low>>symbolBits), byte(e.low>>(symbolBits-8)))
	e.low = e.low << 8 & (1<<symbolBits - 1)
}

// Len is about how many bytes Finish will return.
func (e *SymbolEncoder) Len() int { return len(e.output.out) - e.output.start + e.output.pending }

// Finish writes what is pending and returns the output. Trailing zero bytes are left out: a decoder reads zeros beyond the
// end.
func (e *SymbolEncoder) Finish() []byte {
	// Any number from low to low+span-1 will do: the one with most zeros at the end.
	e.low = (e.low + e.span - 1) &^ (symbolBottom - 1)
	for range symbolBits/8 + 1 {
		e.shiftLow()
	}
	return e.output.trimmed()
}

// SymbolDecoder reads symbols. Vector kernels of package token know its layout.
type SymbolDecoder struct {
	code, span uint64
	in         []byte
	next       int
}

// NewSymbolDecoder makes a decoder of what a SymbolEncoder has written. Beyond the end of in it reads zeros.
func NewSymbolDecoder(in []byte) *SymbolDecoder {
	d := &SymbolDecoder{span: 1<<symbolBits - 1, in: in}
	for range symbolBits / 8 {
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

// Next returns a number below FrequencyOne in the interval of the next symbol.
func (d *SymbolDecoder) Next() uint32 {
	return uint32(min(d.code/(d.span>>FrequencyBits), FrequencyOne-1))
}

// Take goes beyond the symbol that Next found, whose interval is from..to.
func (d *SymbolDecoder) Take(from, to uint32) {
	step := d.span >> FrequencyBits
	d.code -= step * uint64(from)
	d.span = step * uint64(to-from)
	for d.span < symbolBottom {
		d.span <<= 8
		d.code = d.code<<8 | uint64(d.nextByte())
	}
}

package rangecoder

// output collects the bytes of an encoder, whose newest ones a carry may still change.
type output struct {
	out     []byte
	start   int // length of out at the beginning
	cache   byte
	pending int // bytes held back: cache, and after it such as a carry would make 0
}

// add appends a byte. A carry of 1 is added to the bytes before it.
func (o *output) add(carry, b byte) {
	if carry != 0 || b != 0xFF || o.pending == 0 {
		for ; o.pending > 0; o.pending-- {
			o.out = append(o.out, o.cache+carry)
			o.cache = 0xFF
		}
		o.cache = b
	}
	o.pending++
}

// trimmed returns all bytes but zeros at the end: decoders read zeros beyond the end.
func (o *output) trimmed() []byte {
	for len(o.out) > o.start && o.out[len(o.out)-1] == 0 {
		o.out = o.out[:len(o.out)-1]
	}
	return o.out
}

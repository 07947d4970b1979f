package float

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"trilobyte/codec/internal/segment"
)

// header is what stands before the whole numbers of a segment.
type header struct {
	size  int // bytes that a whole number fits in: 1 to 4
	coded int // bytes that all whole numbers are coded in
	plans []plan
}

// plan is how one channel is coded.
type plan struct {
	scale   scale
	remains bool // there are remainders
}

// The flags of a channel. The rest of the byte is the formula.
const (
	hasRemainders = 1 << 0
	isPower       = 1 << 1 // the gain is a power of two
	formulaFrom   = 2
)

// remains reports whether there are any remainders.
func (h *header) remains() bool {
	return slices.ContainsFunc(h.plans, func(p plan) bool { return p.remains })
}

func (h *header) append(out []byte) []byte {
	out = append(out, byte(h.size))
	for i := range h.plans {
		out = h.plans[i].append(out)
	}
	return binary.AppendUvarint(out, uint64(h.coded))
}

func (p *plan) append(out []byte) []byte {
	s := &p.scale
	flags := byte(s.formula) << formulaFrom
	if p.remains {
		flags |= hasRemainders
	}
	fraction, exponent := math.Frexp(s.gain)
	if fraction == 0.5 {
		flags |= isPower
	}
	out = append(out, flags)
	if s.formula != product {
		out = binary.AppendUvarint(out, uint64(s.divisor))
	}
	if fraction == 0.5 {
		return binary.AppendVarint(out, int64(exponent-1))
	}
	return binary.LittleEndian.AppendUint64(out, math.Float64bits(s.gain))
}

// readHeader is the inverse of header.append; it returns the data behind the header, too.
func (d *decoder) readHeader(data []byte) (header, []byte, error) {
	r := reader{data: data}
	h := header{size: int(r.byte()), plans: make([]plan, d.channels)}
	for i := range h.plans {
		h.plans[i].remains, h.plans[i].scale = r.plan(d.width)
	}
	coded := r.uvarint()
	if r.failed || h.size < 1 || h.size > 4 || coded > uint64(len(r.data)) {
		return header{}, nil, fmt.Errorf("%w: the header of its floats is impossible", segment.ErrDamaged)
	}
	h.coded = int(coded)
	return h, r.data, nil
}

// reader reads the fields of a header; after the first failure they mean nothing.
type reader struct {
	data   []byte
	failed bool
}

// take returns the next n bytes.
func (r *reader) take(n int) []byte {
	if n <= 0 || n > len(r.data) {
		r.data, r.failed = nil, true
		return make([]byte, 8)
	}
	taken := r.data[:n]
	r.data = r.data[n:]
	return taken
}

func (r *reader) byte() byte { return r.take(1)[0] }

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data)
	r.take(n)
	return v
}

func (r *reader) plan(w width) (remains bool, s scale) {
	flags := r.byte()
	s = scale{width: w, formula: formula(flags >> formulaFrom), divisor: 1}
	if s.formula != product {
		s.divisor = float64(r.uvarint())
	}
	if flags&isPower != 0 {
		v, n := binary.Varint(r.data)
		r.take(n)
		r.failed = r.failed || v < -1074 || v > 1023
		s.gain = math.Ldexp(1, int(min(max(v, -1074), 1023)))
	} else {
		s.gain = math.Float64frombits(binary.LittleEndian.Uint64(r.take(8)))
	}
	r.failed = r.failed || s.formula >= formulas || !(s.divisor >= 1 && s.divisor <= 1<<31) ||
		!(s.gain > 0 && s.gain <= math.MaxFloat64)
	return flags&hasRemainders != 0, s
}

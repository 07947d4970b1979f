package segment

import (
	"encoding/binary"
	"fmt"
	"math"

	"trilobyte/codec/internal/entropy/alphabet"
)

// The flags beside a coded channel's kind, which takes the lower two bits of the byte.
const (
	kindMask     = 3
	hasGap       = 1 << 2
	hasGain      = 1 << 3
	isSingle     = 1 << 4
	roundingFrom = 5 // two bits
	hasSSE       = 1 << 7
)

// maxSpan is the largest difference of two steps of a channel: that of two samples of 32 bits.
const maxSpan = 1<<32 - 1

// append appends the channel's part of the segment header.
func (p *channelPlan) append(out []byte) []byte {
	switch p.kind {
	case constant:
		return binary.AppendVarint(append(out, constant), p.value)
	case copied:
		return p.appendCopied(out)
	}
	flags := byte(p.kind)
	if p.sse {
		flags |= hasSSE
	}
	g := p.lattice
	if g.Gap != 1 {
		flags |= hasGap
	}
	if g.Gain != 1 {
		flags |= hasGain | byte(g.Rounding)<<roundingFrom
		if g.Single {
			flags |= isSingle
		}
	}
	out = append(out, flags)
	if g.Gap != 1 {
		out = binary.AppendUvarint(out, uint64(g.Gap))
		out = binary.AppendUvarint(out, uint64(g.Offset))
	}
	if g.Gain != 1 {
		out = binary.LittleEndian.AppendUint64(out, math.Float64bits(g.Gain))
	}
	out = binary.AppendVarint(out, p.set.Low)
	return binary.AppendUvarint(out, uint64(p.set.High-p.set.Low))
}

func (p *channelPlan) appendCopied(out []byte) []byte {
	m := p.factor
	if m == same {
		return binary.AppendUvarint(append(out, copied), uint64(p.source))
	}
	out = append(out, copied|hasGain|byte(m.Rounding)<<roundingFrom)
	out = binary.AppendUvarint(out, uint64(p.source))
	out = binary.LittleEndian.AppendUint64(out, math.Float64bits(m.Gain))
	for _, v := range [...]int64{m.Offset, m.Low, m.High} {
		out = binary.AppendVarint(out, v)
	}
	return out
}

// reader reads the header's fields; after the first failure all of them are zero.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail() { r.data, r.err = nil, fmt.Errorf("%w: its header is impossible", ErrDamaged) }

func (r *reader) byte() byte {
	if len(r.data) == 0 {
		r.fail()
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.fail()
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) float64() float64 {
	if len(r.data) < 8 {
		r.fail()
		return 0
	}
	v := math.Float64frombits(binary.LittleEndian.Uint64(r.data))
	r.data = r.data[8:]
	return v
}

// readPlans reads the plans of all channels and returns the data after them. sse says whether there may be secondary symbol
// estimation.
func readPlans(data []byte, channels, bits int, sse bool) ([]channelPlan, []byte, error) {
	r := &reader{data: data}
	plans := make([]channelPlan, channels)
	low, high := sampleRange(bits)
	for i := range plans {
		p := &plans[i]
		flags := r.byte()
		switch p.kind = int(flags & kindMask); {
		case p.kind == constant && flags == constant:
			if p.value = r.varint(); p.value < low || p.value > high {
				r.fail()
			}
		case p.kind == copied:
			source := r.uvarint()
			if source >= uint64(i) {
				r.fail()
				break
			}
			p.source, p.factor = int(source), r.multiple(flags&^kindMask, low, high)
		case p.coded():
			if p.sse = flags&hasSSE != 0; p.sse && !sse {
				r.fail()
				break
			}
			r.codedPlan(p, flags&^hasSSE)
		default:
			r.fail()
		}
		if r.err != nil {
			return nil, nil, r.err
		}
	}
	return plans, r.data, nil
}

// multiple reads by which multiple a channel, whose samples are from low to high, follows from another one.
func (r *reader) multiple(flags byte, low, high int64) multiple {
	if flags == 0 {
		return same
	}
	m := multiple{Rounding: alphabet.Rounding(flags >> roundingFrom), Gain: r.float64(), Offset: r.varint(), Low: r.varint(), High: r.varint()}
	size := math.Abs(m.Gain)
	switch {
	case flags&(hasGap|isSingle) != 0 || flags&hasGain == 0 || m.Rounding > alphabet.TowardZero,
		!(size > 0 && size <= maxMultiple), m.Offset < -alphabet.MaxProduct || m.Offset > alphabet.MaxProduct,
		m.Low < low || m.Low > m.High || m.High > high:
		r.fail()
		return same
	}
	return m
}

// codedPlan reads the lattice and the range of steps of a coded channel.
func (r *reader) codedPlan(p *channelPlan, flags byte) {
	const limit = alphabet.MaxProduct
	g := alphabet.Unit
	if flags&hasGap != 0 {
		gap, offset := r.uvarint(), r.uvarint()
		if gap < 2 || gap > limit || offset >= gap {
			r.fail()
			return
		}
		g.Gap, g.Offset = int64(gap), int64(offset)
	}
	if flags&hasGain != 0 {
		g.Gain = r.float64()
		g.Rounding = alphabet.Rounding(flags >> roundingFrom & 3)
		g.Single = flags&isSingle != 0
		if !(g.Gain > 1 && g.Gain <= alphabet.MaxGain) || g.Rounding > alphabet.TowardZero {
			r.fail()
			return
		}
	} else if flags>>4 != 0 {
		r.fail()
		return
	}
	low, span := r.varint(), r.uvarint()
	if low < -limit || low > limit || span == 0 || span > maxSpan {
		r.fail()
		return
	}
	high := low + int64(span)
	if math.Max(math.Abs(float64(low)), math.Abs(float64(high)))*g.Gain*float64(g.Gap) > limit {
		r.fail()
		return
	}
	p.lattice, p.set = g, alphabet.Dense(low, high)
}

// appendStream appends a channel's stream, its length before it.
func appendStream(out, stream []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(stream))), stream...)
}

// readStream is the inverse of appendStream; it also returns the data after the stream.
func readStream(data []byte) (stream, rest []byte, err error) {
	length, n := binary.Uvarint(data)
	if n <= 0 || length > uint64(len(data)-n) {
		return nil, nil, fmt.Errorf("%w: a channel is cut off", ErrDamaged)
	}
	data = data[n:]
	return data[:length], data[length:], nil
}

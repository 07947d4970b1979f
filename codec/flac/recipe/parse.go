package recipe

import (
	"errors"
	"fmt"
	"math"
	"math/bits"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/internal/syntax"
)

// errShort says that a frame goes on beyond the bytes that were given.
var errShort = errors.New("the frame is not complete")

// errLong says that a frame takes more bytes than any encoder would have it take.
const errLong = fault("the frame is absurdly long")

// errNoFrame says that there is no frame at all.
const errNoFrame = fault("there is no frame where one is expected")

// A parser reads frames. (The reader of mewkiz/flac would not do: it takes
// neither 32-bit samples nor a 33-bit side nor blocks of 65,536, wraps sums
// round, and does not tell which of several codes a header uses.)
type parser struct {
	format  flac.Format
	frame   frame
	signals [maxChannels][]int64 // what the subframes hold, of frame.length samples each
	reader  bitReader
}

// parse reads the frame that data begins with into p and returns its size in
// bytes. The error is errShort if data ends too early, errNoFrame, or another
// fault.
func (p *parser) parse(data []byte) (int, error) {
	headerSize, err := p.parseHeader(data)
	if err != nil {
		return 0, err
	}
	end, err := p.parseSubframes(data, headerSize)
	if err != nil {
		return 0, err
	}
	want := p.reader.read(16)
	if p.reader.short {
		return 0, errShort
	}
	if uint16(want) != syntax.CRC16(data[:end]) {
		return 0, fault("the checksum of the frame is wrong")
	}
	return end + 2, nil
}

// parseSubframes reads the subframes of a frame whose length and assignment are
// known, and which begin at a byte of data, and returns where they end.
func (p *parser) parseSubframes(data []byte, start int) (end int, err error) {
	p.reader = newBitReader(data)
	p.reader.next = start
	f := &p.frame
	limit := frameLimit(p.format, f.length)
	for i := range channels(f.assignment) {
		if err := p.parseSubframe(i); err != nil {
			if p.reader.short && len(data) < limit { // what was read there was no part of the file
				return 0, errShort
			}
			return 0, err
		}
	}
	if !p.reader.align() {
		return 0, fault("the bits that fill up the frame's last byte are not zero")
	}
	if end = p.reader.position(); end > limit {
		return 0, errLong
	}
	return end, nil
}

// parseHeader reads a frame's header and returns its size in bytes (RFC 9639,
// section 9.1).
func (p *parser) parseHeader(data []byte) (int, error) {
	r := newBitReader(data)
	f := &p.frame
	sync := r.read(15)
	f.variable = r.read(1) == 1
	f.sizeCode = int(r.read(4))
	f.rateCode = int(r.read(4))
	f.assignment = int(r.read(4))
	f.bitsCode = int(r.read(3))
	reserved := r.read(1)
	number, minimal, ok := readNumber(&r)
	f.number = number
	var extraBytes int
	f.length, extraBytes = sizeOfCode(f.sizeCode)
	if extraBytes > 0 {
		f.length = int(r.read(8*extraBytes)) + 1
	}
	f.rateValue = int(r.read(8 * rateBytes(f.rateCode)))
	size := r.position()
	crc := byte(r.read(8))
	switch {
	case len(data) >= 2 && sync != syncCode:
		return 0, errNoFrame
	case r.short:
		return 0, errShort
	case crc != syntax.CRC8(data[:size]):
		return 0, fault("the checksum of the frame's header is wrong")
	case f.sizeCode == 0 || f.rateCode == 15 || f.assignment > assignmentMidSide || reserved != 0 || !ok:
		return 0, fault("the frame's header uses codes that FLAC reserves")
	case !minimal:
		return 0, fault("the frame's number is stored in more bytes than it needs")
	case channels(f.assignment) != p.format.Channels:
		return 0, fault(fmt.Sprintf("the frame has %d channels, but the file's header says %d",
			channels(f.assignment), p.format.Channels))
	case f.bitsCode != 0 && bitsOfCode[f.bitsCode] != p.format.Bits:
		return 0, fault(fmt.Sprintf("the frame has %d bits per sample, but the file's header says %d",
			bitsOfCode[f.bitsCode], p.format.Bits))
	}
	return size + 1, nil
}

// readNumber reads the frame's number (RFC 9639, section 9.1.5). It reports
// whether it is stored in as few bytes as can be, and whether it is one at all.
func readNumber(r *bitReader) (number uint64, minimal, ok bool) {
	first := byte(r.read(8))
	ones := bits.LeadingZeros8(^first)
	if ones == 0 {
		return uint64(first), true, true
	}
	if ones == 1 || ones == 8 {
		return 0, false, false
	}
	number = uint64(first) & (1<<(7-ones) - 1)
	for range ones - 1 {
		b := r.read(8)
		if b>>6 != 2 {
			return 0, false, false
		}
		number = number<<6 | b&0x3F
	}
	return number, len(syntax.AppendNumber(nil, number)) == ones, true
}

// parseSubframe reads subframe i and its signal (RFC 9639, section 9.2).
func (p *parser) parseSubframe(i int) error {
	f, r := &p.frame, &p.reader
	s := &f.subframes[i]
	if r.read(1) != 0 {
		return fault("a subframe does not begin with a zero")
	}
	code := int(r.read(6))
	width := signalBits(p.format, f.assignment, i)
	s.wasted = 0
	if r.read(1) == 1 {
		s.wasted = int(min(r.unary(), math.MaxInt16)) + 1
	}
	if width -= s.wasted; width < 1 {
		return fault("a subframe says that all bits of its samples are wasted")
	}
	s.order, s.shift = 0, 0
	x := resize(p.signals[i], f.length)
	p.signals[i] = x
	switch {
	case code == 0:
		s.kind = constantSubframe
		value := r.signed(width)
		for j := range x {
			x[j] = value
		}
	case code == 1:
		s.kind = verbatimSubframe
		for j := range x {
			x[j] = r.signed(width)
		}
	case code >= 8 && code <= 8+maxFixedOrder:
		s.kind = fixedSubframe
		s.setFixed(code - 8)
	case code >= 32:
		s.kind = linearSubframe
		s.order = code - 31
	default:
		return fault("a subframe has a type that FLAC reserves")
	}
	if s.order > f.length {
		return fault("a subframe's predictor is longer than its block")
	}
	if s.kind == fixedSubframe || s.kind == linearSubframe {
		if err := p.parsePredicted(s, x, width); err != nil {
			return err
		}
	}
	if s.wasted > 0 {
		for j := range x {
			x[j] <<= s.wasted
		}
	}
	if r.short {
		return errShort
	}
	return nil
}

// parsePredicted reads the first samples, the coefficients of a linear
// predictor, and the residual of a subframe, and makes its signal x of them.
func (p *parser) parsePredicted(s *subframe, x []int64, width int) error {
	r := &p.reader
	for j := range s.order {
		x[j] = r.signed(width)
	}
	if s.kind == linearSubframe {
		s.precision = int(r.read(4)) + 1
		s.shift = int(r.signed(5))
		if s.precision > maxPrecision || s.shift < 0 {
			return fault("a subframe's predictor has a precision or shift that FLAC does not allow")
		}
		s.coefficients = [maxOrder]int64{}
		for j := range s.order {
			s.coefficients[j] = r.signed(s.precision)
		}
	}
	if err := p.parseResidual(s, x); err != nil {
		return err
	}
	restore(s, x)
	if !fit(x, width) {
		return errRange
	}
	return nil
}

const errRange = fault("a sample is outside the range of its bits")

// fit reports whether all samples have so many bits, at most 33.
func fit(x []int64, bits int) bool {
	limit, over := int64(1)<<(bits-1), uint64(0)
	for _, v := range x {
		over |= uint64(v + limit)
	}
	return over>>bits == 0
}

// parseResidual reads the residual of s into x, from its order on (RFC 9639,
// section 9.2.7).
func (p *parser) parseResidual(s *subframe, x []int64) error {
	r := &p.reader
	method := int(r.read(2))
	if method > 1 {
		return fault("a residual is coded in a way that FLAC reserves")
	}
	s.rice.parameterBits = 4 + method
	partitionOrder := int(r.read(4))
	if !divides(len(x), partitionOrder, s.order) {
		return fault("a block cannot be divided into as many partitions as it says")
	}
	s.rice.reset(partitionOrder)
	for i := range s.rice.partitions {
		part := &s.rice.partitions[i]
		start, end := s.rice.span(i, len(x), s.order)
		parameter := int(r.read(s.rice.parameterBits))
		part.escaped = parameter == s.rice.escape()
		if part.escaped {
			part.value = uint8(r.read(5))
			for j := start; j < end; j++ {
				x[j] = 0
				if part.value > 0 {
					x[j] = r.signed(int(part.value))
				}
			}
			continue
		}
		part.value = uint8(parameter)
		if !readRice(r, x[start:end], parameter) {
			return fault("a residual is too large")
		}
		if r.short {
			return errShort
		}
	}
	return nil
}

// readRice reads values with a Rice parameter. It reports whether they all fit
// in 32 bits.
func readRice(r *bitReader, values []int64, parameter int) bool {
	for j := range values {
		if r.count < 40 {
			r.fill()
		}
		var upper, lower uint64
		zeros := bits.LeadingZeros64(r.cache)
		if size := zeros + 1 + parameter; size <= r.count { // all of it is there, as mostly
			upper, lower = uint64(zeros), r.cache<<(zeros+1)>>(64-parameter)
			r.cache <<= size
			r.count -= size
		} else {
			upper = r.unary()
			lower = r.read(parameter)
		}
		if upper > math.MaxUint32>>parameter {
			return false
		}
		folded := upper<<parameter | lower
		values[j] = int64(folded>>1) ^ -int64(folded&1)
	}
	return true
}

// appendSamples appends the samples of the frame that was parsed last to those
// of each channel, or, if it fails, to none.
func (p *parser) appendSamples(samples [][]int32) error {
	start, fit := len(samples[0]), true
	for c := range samples {
		samples[c] = append(samples[c], make([]int32, p.frame.length)...)
		fit = p.channel(c, samples[c][start:]) && fit
	}
	if fit {
		return nil
	}
	for c := range samples {
		samples[c] = samples[c][:start]
	}
	return errRange
}

// channel computes channel c of the frame (RFC 9639, section 4.2). It reports
// whether all samples are within their range.
func (p *parser) channel(c int, out []int32) bool {
	limit, over := int64(1)<<(p.format.Bits-1), uint64(0)
	take := func(i int, v int64) {
		over |= uint64(v + limit)
		out[i] = int32(v)
	}
	if p.frame.assignment < assignmentLeftSide {
		for i, v := range p.signals[c][:len(out)] {
			take(i, v)
		}
		return over>>p.format.Bits == 0
	}
	a, b := p.signals[0][:len(out)], p.signals[1][:len(out)]
	switch p.frame.assignment {
	case assignmentLeftSide:
		for i, v := range a {
			take(i, v-int64(c)*b[i])
		}
	case assignmentSideRight:
		for i, v := range b {
			take(i, v+int64(1-c)*a[i])
		}
	default: // mid and side
		for i, side := range b {
			sum := a[i]<<1 | side&1
			take(i, (sum+int64(1-2*c)*side)>>1)
		}
	}
	return over>>p.format.Bits == 0
}

// resize returns a slice of n values that reuses buffer where it is long enough.
func resize[T any](buffer []T, n int) []T {
	if cap(buffer) < n {
		return make([]T, n)
	}
	return buffer[:n]
}

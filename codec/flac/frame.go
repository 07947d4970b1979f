package flac

import (
	"bytes"

	"github.com/icza/bitio"
)

// A frame is a block that has been analysed (RFC 9639, section 9).
type frame struct {
	format     Format
	length     int    // samples of each channel
	number     int64  // 0 to 2^31-1
	assignment uint64 // 4 bits: channels less one, or one of the decorrelations
	signals    []*signal
	header     []byte // buffer of appendHeader
}

// Channel assignments of decorrelated stereo (RFC 9639, section 9.1.3).
const (
	assignmentLeftSide  = 8
	assignmentSideRight = 9
	assignmentMidSide   = 10
)

// footerSize is the number of bytes of the CRC-16 at the end of a frame.
const footerSize = 2

// size returns the number of bytes that write writes.
func (f *frame) size() int64 {
	bits := int64(0)
	for _, s := range f.signals {
		bits += s.best.bits
	}
	f.header = f.appendHeader(f.header[:0])
	return int64(len(f.header)) + (bits+7)/8 + footerSize
}

// write appends the frame to out. (The writer of mewkiz/flac would not do: it
// takes neither 32-bit samples nor a 33-bit side, and no escape codes.)
func (f *frame) write(out *bytes.Buffer) error {
	start := out.Len()
	f.header = f.appendHeader(f.header[:0])
	out.Write(f.header)
	w := bitio.NewWriter(out)
	for _, s := range f.signals {
		s.write(w)
	}
	w.TryAlign()
	if w.TryError != nil {
		return w.TryError
	}
	crc := crc16(out.Bytes()[start:])
	out.Write([]byte{byte(crc >> 8), byte(crc)})
	return nil
}

// appendHeader appends the frame's header to b (RFC 9639, section 9.1).
func (f *frame) appendHeader(b []byte) []byte {
	sizeCode, sizeBytes := blockSizeCode(f.length)
	rateCode, rateValue, rateBytes := sampleRateCode(f.format.SampleRate)
	b = append(b, 0xFF, 0xF8, // sync code, fixed block size
		byte(sizeCode<<4|rateCode),
		byte(f.assignment<<4|bitsCode(f.format.Bits)<<1))
	b = appendNumber(b, uint32(f.number))
	b = appendBigEndian(b, uint32(f.length-1), sizeBytes)
	b = appendBigEndian(b, rateValue, rateBytes)
	return append(b, crc8(b))
}

// blockSizeCode returns the 4-bit code of a block size, and the number of bytes
// that follow in the header to state the size (RFC 9639, section 9.1.1).
func blockSizeCode(length int) (code uint64, extraBytes int) {
	if length == 192 {
		return 1, 0
	}
	for code := range uint64(4) {
		if length == 576<<code {
			return 2 + code, 0
		}
	}
	for code := range uint64(8) {
		if length == 256<<code {
			return 8 + code, 0
		}
	}
	if length <= 256 {
		return 6, 1
	}
	return 7, 2
}

// sampleRates are the rates in Hz with a code of their own, in the codes' order
// from 1 on (RFC 9639, section 9.1.2).
var sampleRates = [...]uint32{88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}

// sampleRateCode returns the 4-bit code of a sample rate, and the value that
// follows in the header with its number of bytes. Code 0 refers to STREAMINFO.
func sampleRateCode(rate uint32) (code uint64, value uint32, extraBytes int) {
	for i, r := range sampleRates {
		if rate == r {
			return uint64(i + 1), 0, 0
		}
	}
	switch {
	case rate%1000 == 0 && rate <= 255_000:
		return 12, rate / 1000, 1
	case rate%10 == 0 && rate <= 655_350:
		return 14, rate / 10, 2
	case rate <= 65_535:
		return 13, rate, 2
	}
	return 0, 0, 0
}

// bitsCode returns the 3-bit code of a sample width. Code 0 refers to
// STREAMINFO (RFC 9639, section 9.1.4).
func bitsCode(sampleBits int) uint64 {
	switch sampleBits {
	case 8:
		return 1
	case 12:
		return 2
	case 16:
		return 4
	case 20:
		return 5
	case 24:
		return 6
	case 32:
		return 7
	}
	return 0
}

// appendNumber appends a number below 2^31 in the manner of UTF-8, extended to
// six bytes (RFC 9639, section 9.1.5).
func appendNumber(b []byte, number uint32) []byte {
	if number < 0x80 {
		return append(b, byte(number))
	}
	following := 1 // each following byte holds 6 bits, the first one 6-following
	for number>>(6*following+6-following) != 0 {
		following++
	}
	b = append(b, byte(0xFF<<(7-following))|byte(number>>(6*following)))
	for following > 0 {
		following--
		b = append(b, 0x80|byte(number>>(6*following)&0x3F))
	}
	return b
}

// appendBigEndian appends the low n bytes of value, most significant first.
func appendBigEndian(b []byte, value uint32, n int) []byte {
	for n > 0 {
		n--
		b = append(b, byte(value>>(8*n)))
	}
	return b
}

// write writes the subframe of s (RFC 9639, section 9.2). Errors stay in w.
func (s *signal) write(w *bitio.Writer) {
	b := &s.best
	w.TryWriteBits(subframeType(b.kind, b.predictor.order), 7) // with the zero bit before it
	w.TryWriteBool(s.wasted > 0)
	if s.wasted > 0 {
		writeUnary(w, uint64(s.wasted-1))
		w.TryWriteBool(true)
	}
	switch b.kind {
	case constantSubframe:
		s.writeSamples(w, 1)
	case verbatimSubframe:
		s.writeSamples(w, len(s.samples))
	case fixedSubframe:
		s.writeSamples(w, b.predictor.order)
		b.rice.write(w, s.residual, b.predictor.order)
	case linearSubframe:
		s.writeSamples(w, b.predictor.order)
		b.predictor.write(w)
		b.rice.write(w, s.residual, b.predictor.order)
	}
}

// subframeType returns the 6-bit type of a subframe (RFC 9639, section 9.2.1).
func subframeType(kind subframeKind, order int) uint64 {
	switch kind {
	case verbatimSubframe:
		return 1
	case fixedSubframe:
		return uint64(8 + order)
	case linearSubframe:
		return uint64(32 + order - 1)
	}
	return 0
}

// writeSamples writes the first n samples of s uncoded.
func (s *signal) writeSamples(w *bitio.Writer, n int) {
	for _, x := range s.samples[:n] {
		w.TryWriteBits(uint64(x), byte(s.bits))
	}
}

// write writes the coefficients of a linear subframe with their precision and
// shift (RFC 9639, section 9.2.6).
func (p *predictor) write(w *bitio.Writer) {
	w.TryWriteBits(uint64(p.precision-1), precisionBits)
	w.TryWriteBits(uint64(p.shift), shiftBits)
	for _, c := range p.coefficients[:p.order] {
		w.TryWriteBits(uint64(c), byte(p.precision))
	}
}

// write writes the coded residual (RFC 9639, section 9.2.7).
func (r *rice) write(w *bitio.Writer, residual []int64, predictorOrder int) {
	parameterBits := r.parameterBits()
	w.TryWriteBits(uint64(parameterBits-4), 2) // coding method 0 or 1
	w.TryWriteBits(uint64(r.order), 4)
	size := len(residual) >> r.order
	start := predictorOrder
	for p := range 1 << r.order {
		end := (p + 1) * size
		if r.escaped[p] {
			w.TryWriteBits(1<<parameterBits-1, byte(parameterBits))
			w.TryWriteBits(uint64(r.raw[p]), escapeLengthBits)
			for _, v := range residual[start:end] {
				w.TryWriteBits(uint64(v), r.raw[p])
			}
		} else {
			w.TryWriteBits(uint64(r.parameters[p]), byte(parameterBits))
			for _, v := range residual[start:end] {
				writeRice(w, fold(v), r.parameters[p])
			}
		}
		start = end
	}
}

// writeRice writes the upper part of v in unary, then a one and the low k bits.
func writeRice(w *bitio.Writer, v uint64, k uint8) {
	upper := v >> k
	low := 1<<k | v&(1<<k-1)
	if width := upper + 1 + uint64(k); width <= 64 {
		w.TryWriteBits(low, byte(width))
		return
	}
	writeUnary(w, upper)
	w.TryWriteBits(low, 1+k)
}

// writeUnary writes n zeros.
func writeUnary(w *bitio.Writer, n uint64) {
	for ; n > 32; n -= 32 {
		w.TryWriteBits(0, 32)
	}
	w.TryWriteBits(0, byte(n))
}

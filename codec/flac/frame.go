package flac

import (
	"bytes"

	"github.com/icza/bitio"

	"trilobyte/codec/flac/internal/syntax"
)

// A frame is a block that has been analysed (RFC 9639, section 9).
type frame struct {
	format     Format
	length     int    // samples of each channel
	number     int64  // 0 to 2^31-1; that of the first sample, 0 to 2^36-1, if variable is set
	variable   bool   // the frames of the stream have different lengths
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
	if err := f.writeSubframes(out); err != nil {
		return err
	}
	crc := syntax.CRC16(out.Bytes()[start:])
	out.Write([]byte{byte(crc >> 8), byte(crc)})
	return nil
}

// writeSubframes appends what stands between the frame's header and its footer.
func (f *frame) writeSubframes(out *bytes.Buffer) error {
	w := bitio.NewWriter(out)
	for _, s := range f.signals {
		s.write(w)
	}
	w.TryAlign()
	return w.TryError
}

// appendHeader appends the frame's header to b (RFC 9639, section 9.1).
func (f *frame) appendHeader(b []byte) []byte {
	sizeCode, sizeBytes := syntax.BlockSizeCode(f.length)
	rateCode, rateValue, rateBytes := syntax.SampleRateCode(f.format.SampleRate)
	strategy := byte(0xF8)
	if f.variable {
		strategy = 0xF9
	}
	b = append(b, 0xFF, strategy, // sync code, fixed or variable block size
		byte(sizeCode<<4|rateCode),
		byte(f.assignment<<4|syntax.BitsCode(f.format.Bits)<<1))
	b = syntax.AppendNumber(b, uint64(f.number))
	b = syntax.AppendBigEndian(b, uint32(f.length-1), sizeBytes)
	b = syntax.AppendBigEndian(b, rateValue, rateBytes)
	return append(b, syntax.CRC8(b))
}

// write writes the subframe of s (RFC 9639, section 9.2). Errors stay in w.
func (s *signal) write(w *bitio.Writer) {
	b := &s.best
	w.TryWriteBits(subframeType(b.kind, b.predictor.order), 7) // with the zero bit before it
	w.TryWriteBool(s.wasted > 0)
	if s.wasted > 0 {
		syntax.WriteUnary(w, uint64(s.wasted-1))
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
func (r *rice) write(w *bitio.Writer, residual []int32, predictorOrder int) {
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
				syntax.WriteRice(w, fold(int64(v)), r.parameters[p])
			}
		}
		start = end
	}
}

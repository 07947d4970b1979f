package recipe

import (
	"bytes"

	"github.com/icza/bitio"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/internal/syntax"
)

// A writer writes frames to out.
type writer struct {
	out    *bytes.Buffer
	header []byte
}

// write appends f, whose subframes hold signals (without their wasted bits) and
// leave residuals,.
func (w *writer) write(format flac.Format, f *frame, signals, residuals [][]int64) error {
	start := w.out.Len()
	w.header = appendHeader(w.header[:0], f)
	w.out.Write(w.header)
	bits := bitio.NewWriter(w.out)
	left := int64(frameLimit(format, f.length)) * 8
	for i := range channels(f.assignment) {
		width := signalBits(format, f.assignment, i)
		if !writeSubframe(bits, &f.subframes[i], signals[i], residuals[i], width, &left) {
			return errRecipe
		}
	}
	bits.TryAlign()
	if bits.TryError != nil {
		return bits.TryError
	}
	crc := syntax.CRC16(w.out.Bytes()[start:])
	w.out.Write([]byte{byte(crc >> 8), byte(crc)})
	return nil
}

// appendHeader appends the header of f to b (RFC 9639, section 9.1).
func appendHeader(b []byte, f *frame) []byte {
	sync := uint32(syncCode) << 1
	if f.variable {
		sync |= 1
	}
	b = syntax.AppendBigEndian(b, sync, 2)
	b = append(b, byte(f.sizeCode<<4|f.rateCode), byte(f.assignment<<4|f.bitsCode<<1))
	b = syntax.AppendNumber(b, f.number)
	_, sizeBytes := sizeOfCode(f.sizeCode)
	b = syntax.AppendBigEndian(b, uint32(f.length-1), sizeBytes)
	b = syntax.AppendBigEndian(b, uint32(f.rateValue), rateBytes(f.rateCode))
	return append(b, syntax.CRC8(b))
}

// writeSubframe writes s (RFC 9639, section 9.2). It takes the bits of the
// residual from those that are left, and reports whether there were enough.
func writeSubframe(w *bitio.Writer, s *subframe, x, residual []int64, width int, left *int64) bool {
	w.TryWriteBits(typeCode(s), 7) // with the zero bit before it
	w.TryWriteBool(s.wasted > 0)
	if s.wasted > 0 {
		syntax.WriteUnary(w, uint64(s.wasted-1))
		w.TryWriteBool(true)
	}
	width -= s.wasted
	switch s.kind {
	case constantSubframe:
		writeSamples(w, x[:1], width)
	case verbatimSubframe:
		writeSamples(w, x, width)
	default:
		writeSamples(w, x[:s.order], width)
		if s.kind == linearSubframe {
			w.TryWriteBits(uint64(s.precision-1), 4)
			w.TryWriteBits(uint64(s.shift), 5)
			writeSamples(w, s.coefficients[:s.order], s.precision)
		}
		return s.rice.write(w, residual, s.order, left)
	}
	return true
}

// typeCode returns the 6-bit type of s (RFC 9639, section 9.2.1).
func typeCode(s *subframe) uint64 {
	switch s.kind {
	case verbatimSubframe:
		return 1
	case fixedSubframe:
		return uint64(8 + s.order)
	case linearSubframe:
		return uint64(32 + s.order - 1)
	}
	return 0
}

// writeSamples writes values of the given width.
func writeSamples(w *bitio.Writer, values []int64, width int) {
	for _, v := range values {
		w.TryWriteBits(uint64(v), byte(width))
	}
}

// write writes a residual (RFC 9639, section 9.2.7). It takes its bits from
// those that are left, and reports whether there were enough.
func (r *rice) write(w *bitio.Writer, residual []int64, order int, left *int64) bool {
	w.TryWriteBits(uint64(r.parameterBits-4), 2)
	w.TryWriteBits(uint64(r.partitionOrder), 4)
	for i, part := range r.partitions {
		start, end := r.span(i, len(residual), order)
		values := residual[start:end]
		if part.escaped {
			w.TryWriteBits(uint64(r.escape()), byte(r.parameterBits))
			w.TryWriteBits(uint64(part.value), 5)
			writeSamples(w, values, int(part.value))
			continue
		}
		for _, v := range values {
			if *left -= int64(fold(v) >> part.value); *left < 0 {
				return false
			}
		}
		w.TryWriteBits(uint64(part.value), byte(r.parameterBits))
		for _, v := range values {
			syntax.WriteRice(w, fold(v), part.value)
		}
	}
	return true
}

package recipe

import (
	"math"

	"trilobyte/codec/flac"
)

// Limits of the format (RFC 9639, sections 9.1 and 9.2).
const (
	maxChannels   = 8
	maxOrder      = 32
	maxFixedOrder = 4
	maxShift      = 15
	maxPrecision  = 15
	maxNumber     = 1<<36 - 1
	syncCode      = 0xFFF8 >> 1 // the first 15 bits of a frame; the next one is the blocking strategy
)

// A frame is what a FLAC frame says beside its samples (RFC 9639, section 9).
type frame struct {
	variable   bool   // number counts samples rather than frames
	length     int    // samples of each channel, 1 to 65536
	sizeCode   int    // 4 bits, not 0
	rateCode   int    // 4 bits, not 15
	rateValue  int    // what the header's end says of the rate, for rateCode 12 to 14
	assignment int    // channels less one, or one of the decorrelations
	bitsCode   int    // 3 bits
	number     uint64 // 0 to maxNumber
	subframes  [maxChannels]subframe
}

// Channel assignments of decorrelated stereo (RFC 9639, section 9.1.3).
const (
	assignmentLeftSide  = 8
	assignmentSideRight = 9
	assignmentMidSide   = 10
)

// channels returns the number of channels of a frame with this assignment.
func channels(assignment int) int {
	if assignment >= assignmentLeftSide {
		return 2
	}
	return assignment + 1
}

// signalBits returns the width in bits of the signal in subframe i.
func signalBits(format flac.Format, assignment, i int) int {
	side := i == 1
	if assignment == assignmentSideRight {
		side = i == 0
	}
	if assignment >= assignmentLeftSide && side {
		return format.Bits + 1
	}
	return format.Bits
}

// rateBytes returns the bytes at the end of a header that state the sample rate
// (RFC 9639, section 9.1.7).
func rateBytes(rateCode int) int {
	switch rateCode {
	case 12:
		return 1
	case 13, 14:
		return 2
	}
	return 0
}

// sizeOfCode returns the block size of a code, and the bytes at the end of a
// header that state it where the code does not (RFC 9639, section 9.1.1).
func sizeOfCode(code int) (length, extraBytes int) {
	switch {
	case code == 1:
		return 192, 0
	case code >= 2 && code <= 5:
		return 576 << (code - 2), 0
	case code == 6:
		return 0, 1
	case code == 7:
		return 0, 2
	case code >= 8:
		return 256 << (code - 8), 0
	}
	return 0, 0
}

// bitsOfCode returns the sample width of a code, 0 for that of STREAMINFO
// (RFC 9639, section 9.1.4).
var bitsOfCode = [8]int{0, 8, 12, reservedBits, 16, 20, 24, 32}

const reservedBits = -1

// A subframe is what a FLAC subframe says beside its samples (RFC 9639, section
// 9.2). Fixed predictors are kept as the linear predictors that they are.
type subframe struct {
	kind         kind
	wasted       int             // low bits of all samples that are zero and not stored
	order        int             // of fixed and linear subframes
	precision    int             // bits of a coefficient of linear subframes, 1 to 15
	shift        int             // 0 to 15
	coefficients [maxOrder]int64 // zero from order on
	rice         rice            // of fixed and linear subframes
}

type kind int

const (
	constantSubframe kind = iota
	verbatimSubframe
	fixedSubframe
	linearSubframe
)

// fixedCoefficients are the fixed predictors (RFC 9639, section 9.2.5).
var fixedCoefficients = [maxFixedOrder + 1][maxOrder]int64{
	{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1},
}

// setFixed makes s a fixed predictor of the given order.
func (s *subframe) setFixed(order int) {
	s.order, s.shift, s.coefficients = order, 0, fixedCoefficients[order]
}

// rice is the coding of a residual (RFC 9639, section 9.2.7).
type rice struct {
	parameterBits  int // width of a stored parameter: 4 or 5, for coding methods 0 and 1
	partitionOrder int // binary logarithm of the number of partitions, 0 to 15
	partitions     []partition
}

// A partition is a part of a residual that has a Rice parameter, or an escape
// code and the width of its values, which are then stored as they are.
type partition struct {
	escaped bool
	value   uint8 // the parameter, 0 to 30, or the width, 0 to 31
}

// reset has r hold 2^order partitions.
func (r *rice) reset(order int) {
	r.partitionOrder = order
	n := 1 << order
	if cap(r.partitions) < n {
		r.partitions = make([]partition, n)
	}
	r.partitions = r.partitions[:n]
}

// escape is the stored parameter that stands for an escape code.
func (r *rice) escape() int { return 1<<r.parameterBits - 1 }

// span returns the range of a residual of n values that partition i holds. The
// first one lacks those that the predictor of the given order starts with.
func (r *rice) span(i, n, order int) (start, end int) {
	size := n >> r.partitionOrder
	start, end = i*size, (i+1)*size
	if i == 0 {
		start = order
	}
	return start, end
}

// divides tells whether n values behind a predictor can be divided into
// 2^partitionOrder partitions.
func divides(n, partitionOrder, order int) bool {
	return n&(1<<partitionOrder-1) == 0 && n>>partitionOrder >= order
}

// frameLimit returns the most bytes that a frame may take. Every encoder stays
// far below, because it could store the samples as they are.
func frameLimit(format flac.Format, length int) int {
	const header, subframe, factor = 64, 128, 8
	return header + format.Channels*(subframe+factor*(length*(format.Bits+1)+7)/8)
}

// maxFrameSize is the most bytes that any frame may take.
func maxFrameSize(format flac.Format) int { return frameLimit(format, math.MaxUint16+1) }

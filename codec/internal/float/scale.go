package float

import "math"

// width is a format of IEEE 754: binary32 or binary64.
type width int

const (
	single width = 32
	double width = 64
)

// value returns the number that some bits are.
func (w width) value(bits uint64) float64 {
	if w == single {
		return float64(math.Float32frombits(uint32(bits)))
	}
	return math.Float64frombits(bits)
}

// bits returns the bits of a number, rounded to the format.
func (w width) bits(v float64) uint64 {
	if w == single {
		return uint64(math.Float32bits(float32(v)))
	}
	return math.Float64bits(v)
}

// round rounds a number to the format.
func (w width) round(v float64) float64 {
	if w == single {
		return float64(float32(v))
	}
	return v
}

// fraction is the number of bits of a number's fraction.
func (w width) fraction() int {
	if w == single {
		return 23
	}
	return 52
}

// order returns the place of some bits in the order of the numbers that they are: 0 for 0, -1 for -0, and one more for the next greater
// number. Infinity and what is not a number stand at the ends.
func (w width) order(bits uint64) int64 {
	order := int64(bits)
	if w == single {
		order = int64(int32(bits))
	}
	if order < 0 {
		order ^= 1<<(w-1) - 1
	}
	return order
}

// unordered is the inverse of order. ok is false if there are no such bits.
func (w width) unordered(order int64) (bits uint64, ok bool) {
	if w == single && order != int64(int32(order)) {
		return 0, false
	}
	if order < 0 {
		order ^= 1<<(w-1) - 1
	}
	if w == single {
		return uint64(uint32(order)), true
	}
	return uint64(order), true
}

// formula is how programs make floats of whole numbers. Archives hold these numbers.
type formula byte

const (
	product  formula = iota // n * gain
	quotient                // n / divisor * gain
	inverse                 // n * (1 / divisor) * gain
	formulas
)

// scale makes floats of whole numbers. Each operation of the formula is rounded to the format.
type scale struct {
	width   width
	formula formula
	divisor float64 // a whole number; 1 for a product
	gain    float64 // positive and finite
}

// powerOfTwo returns the scale of the multiples of 2^exponent.
func powerOfTwo(w width, exponent int) scale {
	least, greatest := leastExponent(w), 127
	if w == double {
		greatest = 1023
	}
	return scale{width: w, divisor: 1, gain: math.Ldexp(1, min(max(exponent, least), greatest))}
}

// leastExponent is the binary logarithm of the least positive number.
func leastExponent(w width) int {
	if w == single {
		return -149
	}
	return -1074
}

// before returns the number that the gain is applied to.
func (s *scale) before(n int32) float64 {
	switch s.formula {
	case quotient:
		return s.width.round(float64(n) / s.divisor)
	case inverse:
		return s.width.round(float64(n) * s.width.round(1/s.divisor))
	}
	return float64(n)
}

// at returns the float that the whole number n becomes.
func (s *scale) at(n int32) float64 {
	return s.width.round(s.before(n) * s.gain)
}

// unit is about the distance between the floats of successive whole numbers.
func (s *scale) unit() float64 { return s.gain / s.divisor }

// exponent returns the binary logarithm of a positive number, rounded down; numbers that are not normal are taken for the least normal
// one.
func exponent(v float64) int { return int(math.Float64bits(v)>>52&0x7FF) - 1023 }

// mantissa returns the bits of the fraction of a number.
func mantissa(v float64) uint64 { return math.Float64bits(v) & (1<<52 - 1) }

package float

import "math/bits"

// narrow returns the bits of the float of 32 bits that equals a float of 64 bits, given by its bits. ok is false if there is none.
// The payload of what is not a number counts, too.
func narrow(b uint64) (n uint32, ok bool) {
	const lower = 29 // bits that a fraction of 23 bits does not have
	sign := uint32(b >> 63 << 31)
	exponent, fraction := int(b>>52&0x7FF), b&(1<<52-1)
	switch {
	case exponent == 0:
		return sign, fraction == 0 // all others are too small
	case exponent == 0x7FF:
		return sign | 0xFF<<23 | uint32(fraction>>lower), fraction&(1<<lower-1) == 0
	}
	exponent -= 1023 - 127
	if exponent >= 0xFF {
		return 0, false
	}
	if exponent > 0 {
		return sign | uint32(exponent)<<23 | uint32(fraction>>lower), fraction&(1<<lower-1) == 0
	}
	shift := lower + 1 - exponent
	fraction |= 1 << 52
	return sign | uint32(fraction>>min(shift, 63)), bits.TrailingZeros64(fraction) >= shift
}

// broaden is the inverse of narrow.
func broaden(n uint32) uint64 {
	const lower = 29
	sign := uint64(n>>31) << 63
	exponent, fraction := int(n>>23&0xFF), uint64(n&(1<<23-1))
	switch {
	case exponent == 0xFF:
		return sign | 0x7FF<<52 | fraction<<lower
	case exponent > 0:
		return sign | uint64(exponent+1023-127)<<52 | fraction<<lower
	case fraction == 0:
		return sign
	}
	shift := bits.LeadingZeros32(uint32(fraction)) - 8
	return sign | uint64(1-shift+1023-127)<<52 | fraction<<(lower+shift)&(1<<52-1)
}

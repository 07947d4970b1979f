// Package fixed computes logarithms and powers from the bits of a float and small tables, so that every machine
// gets the same result. Precision is that of the step; nothing here calls the math library.
package fixed

import "math"

// Log2 returns the logarithm of x to base 2 in steps of 1/32, within one step. x is positive and normal; zero,
// negative and not-a-number give the logarithm of the smallest normal number.
func Log2(x float64) int {
	if !(x > 0x1p-1022) {
		return -1022 * 32
	}
	bits := math.Float64bits(x)
	return (int(bits>>52)-1023)*32 + int(log2Mantissa[bits>>46&63])
}

// PreciseLog2 returns the logarithm of a positive, normal number to base 2, within 1e-4. It is for the choices of encoders.
func PreciseLog2(x float64) float64 {
	bits := math.Float64bits(x)
	exponent := int(bits>>52) - 1023
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	if m > math.Sqrt2 {
		m /= 2
		exponent++
	}
	s := (m - 1) / (m + 1) // the natural logarithm of m is 2 artanh(s)
	q := s * s
	return float64(exponent) + float64(float64(2*math.Log2E*s)*(1+float64(q*(1./3+float64(q*(1./5+float64(q*(1./7))))))))
}

// Exp2 returns 2^(n/16) for n from -16000 to 16000.
func Exp2(n int) float64 {
	return float64(math.Float64frombits(uint64(1023+n>>4)<<52) * exp2Sixteenths[n&15])
}

// PowMinus08 returns x^-0.8, within 9 %, for positive normal x.
func PowMinus08(x float64) float64 {
	// x is 16 steps an octave, x^-0.8 is 20 steps an octave, the other way. Many octaves more keep the steps positive.
	const octaves = 4000
	steps := octaves*20 + 1023*16 - int(math.Float64bits(x)>>48)
	octave, step := steps/20-octaves, steps%20
	return float64(math.Float64frombits(uint64(1023+octave)<<52) * exp2Twentieths[step])
}

// Tables returns the tables of this package, for backends that compute with them themselves: that of Log2, and those of the powers of two by
// sixteenths and twentieths.
func Tables() (logarithms [64]uint8, sixteenths [16]float64, twentieths [20]float64) {
	return log2Mantissa, exp2Sixteenths, exp2Twentieths
}

// log2Mantissa[i] is 32*log2(1+(i+1/2)/64), rounded.
var log2Mantissa = [64]uint8{
	0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10,
	11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 17, 17, 18, 18, 18,
	19, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24, 24, 25, 25, 26,
	26, 26, 27, 27, 28, 28, 28, 29, 29, 30, 30, 30, 31, 31, 31, 32,
}

// exp2Sixteenths[i] is 2^(i/16).
var exp2Sixteenths = [16]float64{
	1.0, 1.0442737824274138, 1.0905077326652577, 1.1387886347566916,
	1.189207115002721, 1.241857812073484, 1.2968395546510096, 1.3542555469368927,
	1.4142135623730951, 1.4768261459394993, 1.5422108254079407, 1.6104903319492543,
	1.681792830507429, 1.7562521603732995, 1.8340080864093424, 1.9152065613971474,
}

// exp2Twentieths[i] is 2^(i/20), within one unit in the last place: these values, not the nearest ones, are the format's.
var exp2Twentieths = [20]float64{
	1.0, 1.0352649238413776, 1.0717734625362931, 1.109569472067845,
	1.148698354997035, 1.189207115002721, 1.2311444133449163, 1.2745606273192622,
	1.3195079107728942, 1.3660402567543954, 1.4142135623730951, 1.4640856959456254,
	1.515716566510398, 1.5691681957935015, 1.624504792712471, 1.681792830507429,
	1.7411011265922482, 1.8025009252216604, 1.8660659830736148, 1.931872657849691,
}

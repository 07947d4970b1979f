// Package strict holds the functions of FLAC's analysis that are the same on
// every machine. The standard library's logarithms and cosines differ in the
// last bit between machines; these are exact to about 15 digits, from + - * /
// alone, every product that feeds an addition rounded by itself.
package strict

import "math"

// artanh has the coefficients of the series below, the last one first.
var artanh = [...]float64{1.0 / 19, 1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1}

// Log2 returns the binary logarithm of x, which must be positive and finite.
func Log2(x float64) float64 {
	mantissa, exponent := math.Frexp(x)
	if mantissa < math.Sqrt2/2 {
		mantissa *= 2
		exponent--
	}
	// ln m = 2 artanh t = 2 (t + t^3/3 + t^5/5 + ...) with |t| < 0.172.
	t := (mantissa - 1) / (mantissa + 1)
	square := t * t
	sum := 0.0
	for _, c := range artanh {
		sum = float64(sum*square) + c
	}
	return float64(exponent) + float64(float64(t*sum)*(2/math.Ln2))
}

// RaisedCosine returns (1 - cos(pi x))/2 for x from 0 to 1.
func RaisedCosine(x float64) float64 {
	// This is sin^2(pi x/2), or by symmetry 1 - sin^2(pi (1-x)/2).
	if x > 0.5 {
		return 1 - RaisedCosine(1-x)
	}
	angle := x * (math.Pi / 2)
	square := angle * angle
	sum := 0.0 // the Taylor series of the sine: angle - angle^3/3! + ...
	for k := 17.0; k >= 1; k -= 2 {
		sum = 1 - float64(sum*square)/float64((k+1)*(k+2))
	}
	sine := angle * sum
	return float64(sine * sine)
}

package feature

import (
	"math"

	"trilobyte/codec/internal/fixed"
)

// SignedLogs puts numbers on a signed logarithmic axis, 8 steps an octave and linear around zero: to[i] is 128 plus
// fixed.Log2(1+4|x[i]*scale|)/4 with the sign of x[i]*scale, limited to -128..127. The slices are
// equally long, and apart.
func SignedLogs(x []float64, scale float64, to []uint8) {
	to = to[:len(x)]
	if lanes := active.logLanes; active.signedLogs != nil && len(x) >= lanes {
		active.signedLogs(&x[0], &to[0], len(x)/lanes*lanes, scale)
		if len(x)%lanes > 0 {
			active.signedLogs(&x[len(x)-lanes], &to[len(x)-lanes], lanes, scale)
		}
		return
	}
	for i, v := range x {
		to[i] = signedLog(v * scale)
	}
}

// signedLog has no branches on the sign, which nothing foretells.
func signedLog(v float64) uint8 {
	const signBit, zero = 63, 128
	sign := -int(math.Float64bits(v) >> signBit)
	size := fixed.Log2(1+float64(4*math.Abs(v))) >> 2
	return uint8(max(-128, min(127, size^sign-sign)) + zero)
}

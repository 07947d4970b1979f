package syntax

import "github.com/icza/bitio"

// WriteRice writes the upper part of v in unary, then a one and the low k bits
// (RFC 9639, section 9.2.7.2). Errors stay in w.
func WriteRice(w *bitio.Writer, v uint64, k uint8) {
	upper := v >> k
	low := 1<<k | v&(1<<k-1)
	if width := upper + 1 + uint64(k); width <= 64 {
		w.TryWriteBits(low, byte(width))
		return
	}
	WriteUnary(w, upper)
	w.TryWriteBits(low, 1+k)
}

// WriteUnary writes n zeros. Errors stay in w.
func WriteUnary(w *bitio.Writer, n uint64) {
	for ; n > 32; n -= 32 {
		w.TryWriteBits(0, 32)
	}
	w.TryWriteBits(0, byte(n))
}

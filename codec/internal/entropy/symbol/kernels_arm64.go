package symbol

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../../simd/neon . -source kernels/symbol.c -with "-mllvm -disable-machine-licm" -pkg symbol -out ../../entropy/symbol/neon_arm64.s

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{decodeSymbolsNEON, decodeTreeNEON, encodeTreeNEON}
	}
	return kernels{}
}

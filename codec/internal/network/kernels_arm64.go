package network

import "trilobyte/codec/internal/simd"

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON:
		return kernels{updateAverages: updateAveragesNEON, pack: packTwos}
	case simd.NEONDot:
		return kernels{updateAverages: updateAveragesNEON, pack: packFours}
	}
	return kernels{}
}

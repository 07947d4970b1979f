package network

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/network.c -pkg network -out ../../network/neon_arm64.s
//go:generate go run -C ../simd/neon . -source kernels/networkdot.c -with -march=armv8.2-a+dotprod -pkg network -out ../../network/neondot_arm64.s

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON:
		return kernels{updateAverages: updateAveragesNEON, pack: packTwos}
	case simd.NEONDot:
		return kernels{updateAverages: updateAveragesNEON, pack: packFours}
	}
	return kernels{}
}

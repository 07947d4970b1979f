package mixture

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../../simd/neon . -source kernels/mixture.c -pkg mixture -out ../../entropy/mixture/neon_arm64.s

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{below: belowNEON, setMixture: setMixtureNEON}
	}
	return kernels{}
}

package mixture

import "trilobyte/codec/internal/simd"

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{below: belowNEON, setMixture: setMixtureNEON}
	}
	return kernels{}
}

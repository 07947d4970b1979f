package mixture

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../../simd/asm . -for mixture -path avx2 -pkg mixture -out ../../entropy/mixture/avx2_amd64.s -stubs ../../entropy/mixture/avx2_amd64.go
//go:generate go run -C ../../simd/asm . -for mixture -path avx512 -pkg mixture -out ../../entropy/mixture/avx512_amd64.s -stubs ../../entropy/mixture/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{below: belowAVX2, setMixture: setMixtureAVX2}
	case simd.AVX512:
		return kernels{below: belowAVX512, setMixture: setMixtureAVX512}
	}
	return kernels{}
}

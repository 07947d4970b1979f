package network

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/asm . -for network -path avx2 -pkg network -out ../../network/avx2_amd64.s -stubs ../../network/avx2_amd64.go
//go:generate go run -C ../simd/asm . -for network -path avx512 -pkg network -out ../../network/avx512_amd64.s -stubs ../../network/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{updateAverages: updateAveragesAVX2, pack: packAVX2}
	case simd.AVX512:
		return kernels{updateAverages: updateAveragesAVX512, pack: packAVX512}
	}
	return kernels{}
}

package symbol

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../../simd/asm . -for symbol -path avx2 -pkg symbol -out ../../entropy/symbol/avx2_amd64.s -stubs ../../entropy/symbol/avx2_amd64.go
//go:generate go run -C ../../simd/asm . -for symbol -path avx512 -pkg symbol -out ../../entropy/symbol/avx512_amd64.s -stubs ../../entropy/symbol/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{decodeSymbolsAVX2, decodeTreeAVX2, encodeTreeAVX2}
	case simd.AVX512:
		return kernels{decodeSymbolsAVX512, decodeTreeAVX512, encodeTreeAVX512}
	}
	return kernels{}
}

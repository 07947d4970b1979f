package token

import "trilobyte/codec/kernel"

//go:generate go run -C ../kernel/asm . -for token -path avx2 -pkg token -out ../../token/avx2_amd64.s -stubs ../../token/avx2_amd64.go
//go:generate go run -C ../kernel/asm . -for token -path avx512 -pkg token -out ../../token/avx512_amd64.s -stubs ../../token/avx512_amd64.go

func kernelsOf(p kernel.Path) kernels {
	switch p {
	case kernel.AVX2:
		return kernels{decodeTreeAVX2, encodeTreeAVX2}
	case kernel.AVX512:
		return kernels{decodeTreeAVX512, encodeTreeAVX512}
	}
	return kernels{}
}

package token

import (
	"trilobyte/codec/kernel"
	"trilobyte/codec/rangecoder"
)

//go:generate go run -C ../kernel/asm . -for token -path avx2 -pkg token -out ../../token/avx2_amd64.s -stubs ../../token/avx2_amd64.go
//go:generate go run -C ../kernel/asm . -for token -path avx512 -pkg token -out ../../token/avx512_amd64.s -stubs ../../token/avx512_amd64.go

func kernelsOf(p kernel.Path, corrected bool) kernels {
	switch {
	case p == kernel.AVX2 && corrected:
		return kernels{decodeTreeAVX2, encodeTreeAVX2}
	case p == kernel.AVX2:
		return kernels{decodeTreeUncorrectedAVX2, encodeTreeUncorrectedAVX2}
	case p == kernel.AVX512 && corrected:
		return kernels{decodeTreeAVX512, encodeTreeAVX512}
	case p == kernel.AVX512:
		return kernels{decodeTreeUncorrectedAVX512, encodeTreeUncorrectedAVX512}
	}
	return kernels{}
}

func wholeKernelOf(p kernel.Path, symbols rangecoder.Symbols) wholeKernel {
	pairs := symbols == rangecoder.Pairs
	switch {
	case p == kernel.AVX2 && pairs:
		return decodePairsAVX2
	case p == kernel.AVX2:
		return decodeBytesAVX2
	case p == kernel.AVX512 && pairs:
		return decodePairsAVX512
	case p == kernel.AVX512:
		return decodeBytesAVX512
	}
	return nil
}

package flac

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../internal/simd/asm . -for flac -path avx2 -pkg flac -out ../../../flac/avx2_amd64.s -stubs ../../../flac/avx2_amd64.go
//go:generate go run -C ../internal/simd/asm . -for flac -path avx512 -pkg flac -out ../../../flac/avx512_amd64.s -stubs ../../../flac/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{
			midSide:       midSideAVX2,
			pack:          packAVX2,
			sumHalves:     sumHalvesAVX2,
			sumWords:      sumWordsAVX2,
			storeResidual: storeResidualAVX2,
			sumFixed:      sumFixedAVX2,
			sumRice:       sumRiceAVX2,
			estimateFine:  estimateFineAVX2,
			addLags:       addLagsAVX2,
		}
	case simd.AVX512:
		return kernels{
			midSide:       midSideAVX512,
			pack:          packAVX512,
			sumHalves:     sumHalvesAVX512,
			sumWords:      sumWordsAVX512,
			storeResidual: storeResidualAVX512,
			sumFixed:      sumFixedAVX512,
			sumRice:       sumRiceAVX512,
			estimateFine:  estimateFineAVX512,
			addLags:       addLagsAVX512,
		}
	}
	return kernels{}
}

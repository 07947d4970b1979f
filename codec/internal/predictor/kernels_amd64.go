package predictor

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/asm . -for predictor -path avx2 -pkg predictor -out ../../predictor/avx2_amd64.s -stubs ../../predictor/avx2_amd64.go
//go:generate go run -C ../simd/asm . -for predictor -path avx512 -pkg predictor -out ../../predictor/avx512_amd64.s -stubs ../../predictor/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{
			updateBlocks:     updateBlocksAVX2,
			finishBlocks:     finishBlocksAVX2,
			normalise:        normaliseAVX2,
			takeInput:        takeInputAVX2,
			learnCorrections: learnCorrectionsAVX2,
			mix:              mixAVX2,
			regress:          regressAVX2,
			updateAll:        updateAllAVX2,
			updateAllFour:    updateAllFourAVX2,
			factoriseAll:     factoriseAllAVX2,
			back4:            back4AVX2,
			weigh:            weighAVX2,
			correlate:        correlateAVX2,
			levinson:         levinsonAVX2,
			dotTone:          dotToneAVX2,
		}
	case simd.AVX512:
		return kernels{
			updateBlocks:     updateBlocksAVX512,
			finishBlocks:     finishBlocksAVX512,
			normalise:        normaliseAVX512,
			takeInput:        takeInputAVX512,
			correct:          correctAVX512,
			learnCorrections: learnCorrectionsAVX512,
			mix:              mixAVX512,
			regress:          regressAVX512,
			updateAll:        updateAllAVX512,
			updateAllFour:    updateAllFourAVX512,
			factoriseAll:     factoriseAllAVX2, // every processor with AVX-512 has AVX2
			back4:            back4AVX2,
			factorisePair:    factorisePairAVX512,
			back:             [len(substituteGroups)]func(*uintptr, int, int){back1AVX512, back2AVX512, back4AVX512, back6AVX512},
			solveEight:       solveEightAVX512,
			weigh:            weighAVX512,
			correlate:        correlateAVX512,
			levinson:         levinsonAVX512,
			dotTone:          dotToneAVX512,
		}
	}
	return kernels{}
}

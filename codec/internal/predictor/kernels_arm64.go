package predictor

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/predictor.c -pkg predictor -out ../../predictor/neon_arm64.s

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{
			updateBlocks:  updateBlocksNEON,
			finishBlocks:  finishBlocksNEON,
			normalise:     normaliseNEON,
			takeInput:     takeInputNEON,
			regress:       regressNEON,
			updateAll:     updateAllNEON,
			updateAllFour: updateAllFourNEON,
			factorise:     factoriseNEON,
			substitute:    substituteNEON,
			weigh:         weighNEON,
			correlate:     correlateNEON,
			levinson:      levinsonNEON,
			dotTone:       dotToneNEON,
		}
	}
	return kernels{}
}

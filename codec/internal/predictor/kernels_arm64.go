package predictor

import "trilobyte/codec/internal/simd"

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

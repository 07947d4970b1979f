package feature

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/feature.c -pkg feature -out ../../feature/neon_arm64.s

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{signedLogs: signedLogsNEON, logLanes: 8, learnMisses: learnMissesNEON, describe: describeNEON}
	}
	return kernels{}
}

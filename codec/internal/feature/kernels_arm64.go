package feature

import "trilobyte/codec/internal/simd"

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.NEON, simd.NEONDot:
		return kernels{signedLogs: signedLogsNEON, logLanes: 8, learnMisses: learnMissesNEON, describe: describeNEON}
	}
	return kernels{}
}

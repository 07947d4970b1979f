package feature

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/asm . -for feature -path avx2 -pkg feature -out ../../feature/avx2_amd64.s -stubs ../../feature/avx2_amd64.go
//go:generate go run -C ../simd/asm . -for feature -path avx512 -pkg feature -out ../../feature/avx512_amd64.s -stubs ../../feature/avx512_amd64.go

func kernelsOf(p simd.Path) kernels {
	switch p {
	case simd.AVX2:
		return kernels{signedLogs: signedLogsAVX2, logLanes: 4, learnMisses: learnMissesAVX2, describe: describeAVX2}
	case simd.AVX512:
		return kernels{signedLogs: signedLogsAVX512, logLanes: 8, learnMisses: learnMissesAVX512, describe: describeAVX512}
	}
	return kernels{}
}

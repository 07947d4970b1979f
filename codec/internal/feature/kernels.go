package feature

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/feature.c -pkg feature -out ../../feature/neon_arm64.s

// kernels are the inner loops of this package in assembly, for one path of the processor; those of plain Go, which define them, are
// all nil.
type kernels struct {
	signedLogs  func(x *float64, to *uint8, n int, scale float64)
	logLanes    int // n of signedLogs is a multiple of it
	learnMisses func(seen, miss, share *float64, n, all int, sample, base, low, high float64)
	describe    func(seen, miss *float64, differences *float32, levels *uint8, logs *int32, n int, base, scale, limit float64)
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

package mixture

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../../simd/neon . -source kernels/mixture.c -pkg mixture -out ../../entropy/mixture/neon_arm64.s

// kernels are the inner loops of this package in assembly, for one path of the processor; those of plain Go, which define them, are
// all nil.
type kernels struct {
	below      func(mixture, table, x, mass *float64, n int)
	setMixture func(mixture *float64, outputs *int32, disagreement *float32, base, scale float64)
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

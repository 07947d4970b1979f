package network

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/network.c -pkg network -out ../../network/neon_arm64.s
//go:generate go run -C ../simd/neon . -source kernels/networkdot.c -with -march=armv8.2-a+dotprod -pkg network -out ../../network/neondot_arm64.s

// kernels are the inner loops of this package in assembly, for one path of the processor; those of plain Go, which define them, are
// all nil.
type kernels struct {
	updateAverages func(state, rates *int32, units, to *uint8, n int)
	pack           func(*affine) packedWeights
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, kernelsAnswer) }

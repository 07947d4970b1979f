package flac

import "trilobyte/codec/internal/simd"

// kernels are the inner loops of the analysis in assembly, for one path of the
// processor; those of plain Go are all nil. Every kernel is defined by the plain
// Go code beside it, and gives the same bits: integers do not care in which
// order they are added, and sums of floats are a lane each, added to in order.
type kernels struct {
	midSide       func(left, right, mid, side *int32, n int)
	pack          func(words *int32, samples *int64, halves *int16, floats *float64, n int) (used, width uint64)
	sumHalves     func(samples *int16, pairs *uint32, shifts, sums *uint64, partitions int) // of predictorGroup predictors
	sumWords      func(samples *int32, coefficients *int64, shift int, sums *uint64, partitions int) (largest uint64)
	storeResidual func(samples *int32, coefficients *int64, shift int, residual *int32, n int)
	sumFixed      func(samples *int32, sums *uint64, partitions int)
	sumRice       func(residual *int32, shift int, high *uint64, partitions int) (used uint64)
	estimateFine  func(sums *uint64, largest int, totals *uint64)
	addLags       func(r, x *float64, n int)
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

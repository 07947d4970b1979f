package predictor

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/neon . -source kernels/predictor.c -pkg predictor -out ../../predictor/neon_arm64.s

// kernels are the inner loops of this package in assembly, for one path of the processor; those of plain Go are all nil, and a path
// may lack some of the others. Every kernel is defined by the plain Go code beside it: the order of every addition is fixed (sums
// run in 16 lanes of float32, 8 or 32 lanes of float64, and are then folded in halves), products are rounded before they are added, and
// nothing but + - * / and sqrt is used, so that vectors give the same bits. (Only the sign and payload of a not-a-number may
// differ; nothing depends on them.)
type kernels struct {
	updateBlocks     func(filters *byte, lanes, steps *float32, n, at int)
	finishBlocks     func(lanes, steps, newest *float32)
	normalise        func(normalisers *byte, decay *float32, n int)
	takeInput        func(normalisers *byte, decay *float32, n int, input float32)
	correct          func(lanes *byte, outputs *float32, predictions, to *float64)
	learnCorrections func(lanes, normalisers *byte, outputs, others, decay *float32, predictions, to *float64, sample float64)
	mix              func(lanes, mixers *byte, predictions, filtered, newest *float64, count int)
	regress          func(regressions *byte, own, other *float64, count int)
	updateAll        func(updates *byte, x *float64, n, row, count int)
	updateAllFour    func(updates *byte, x *float64, n, length, count int)
	factorise        func(systems *uintptr, n, stride int) bool                   // one system
	substitute       func(systems *uintptr, n, stride int)                        // forward and back
	factoriseAll     func(systems *uintptr, count, n, stride int) bool            // any number, and the forward substitution
	back4            func(systems *uintptr, count, n, stride int)                 // what is left of it, of up to four
	factorisePair    func(systems *uintptr, n, stride int) bool                   // two, and the forward substitution
	back             [len(substituteGroups)]func(systems *uintptr, n, stride int) // what is left of it
	solveEight       func(systems *uintptr, work *float64)                        // of eightUnknowns
	weigh            func(errs, means, weights *float64, n int, innovation float64)
	correlate        func(r0, r1, r2, scaled, x *float64, lags, samples int)
	levinson         func(a, b, r *float64, k float64, n int) float64
	dotTone          func(a, b *float64, n int) float64
}

// active are the kernels in use.
var active kernels

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

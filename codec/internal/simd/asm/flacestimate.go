package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// flacEstimate generates terms of flac.estimateFine.
type flacEstimate struct {
	width
	one, largest, magic, zero VecVirtual
	total                     VecVirtual
}

// estimateFine generates flac.estimateFine: sums lie in 8 rows of 8, neighbours below each other, so that whole rows are merged.
func estimateFine(w width) {
	TEXT("estimateFine"+w.suffix, NOSPLIT, "func(sums *uint64, largest int, totals *uint64)")
	Pragma("noescape")
	sums, to, largest := Load(Param("sums"), GP64()), Load(Param("totals"), GP64()), Load(Param("largest"), GP64())
	e := flacEstimate{w, w.vector(), w.vector(), w.vector(), w.vector(), w.vector()}
	w.move(integers64("one", 1), e.one)
	w.move(integers64("twoTo52", 0x4330000000000000), e.magic)
	w.zero(e.zero)
	VMOVQ(largest, e.largest.AsX())
	VPBROADCASTQ(e.largest.AsX(), e.largest)
	place := func(row, vector int) Mem { return Mem{Base: sums, Disp: 64*row + vector*w.bytes()} }
	bits := 6 // binary logarithm of a partition's samples
	for rows := 8; rows >= 1; rows /= 2 {
		w.zero(e.total)
		for row := 0; row < rows; row += 2 {
			for vector := range w.lanes8Of() {
				above, below := w.vector(), w.vector()
				w.move(place(row, vector), above)
				e.add(above, bits)
				if row+1 < rows {
					w.move(place(row+1, vector), below)
					e.add(below, bits)
					VPADDQ(above, below, below)
					w.move(below, place(row/2, vector))
				}
			}
		}
		MOVQ(w.fold64s(e.total, add64), Mem{Base: to, Disp: 8 * (bits - 6)})
		bits++
	}
	VZEROUPPER()
	RET()
}

// add adds what depends on the sums of partitions of so many samples, given the binary logarithm of their number.
func (e flacEstimate) add(sums VecVirtual, bits int) {
	// The length of sum-1 is in the exponent of the float that it makes.
	k := e.vector()
	VPMAXSD(e.one, sums, k)
	VPSUBQ(e.one, k, k)
	e.either(e.magic, k, k)
	VSUBPD(e.magic, k, k)
	VPSRLQ(U8(52), k, k)
	VPSUBD(integers64(fmt.Sprint("exponent", bits), uint64(1022+bits)), k, k)
	VPMAXSD(e.zero, k, k)
	VPMINSD(e.largest, k, k)
	shifted := e.vector()
	VPADDQ(sums, sums, shifted)
	VPSRLVQ(k, shifted, shifted)
	VPADDQ(shifted, e.total, e.total)
	VPSLLQ(U8(bits), k, k)
	VPADDQ(k, e.total, e.total)
}

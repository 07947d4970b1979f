package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// updateDot32 generates the NLMS step. Each turn of the loop takes 16 taps.
func updateDot32(w width) {
	for _, tapered := range []bool{true, false} {
		name, signature := "updateDot32", "func(w, taper, x *float32, taps int, step float32) float32"
		if !tapered {
			name, signature = "updateDot32Flat", "func(w, x *float32, taps int, step float32) float32"
		}
		TEXT(name+w.suffix, NOSPLIT, signature)
		Pragma("noescape")
		weights, x := Load(Param("w"), GP64()), Load(Param("x"), GP64())
		var taper Register
		if tapered {
			taper = Load(Param("taper"), GP64())
		}
		taps := Load(Param("taps"), GP64())
		stepAt, err := Param("step").Resolve()
		if err != nil {
			panic(err)
		}
		step := w.vector()
		VBROADCASTSS(stepAt.Addr, step)
		count := w.lanes8Of()
		sums := w.vectors(count)
		for _, s := range sums {
			w.zero(s)
		}
		at := GP64() // bytes into all three
		XORQ(at, at)
		// turn takes 16 taps, disp bytes behind at. now and next are the inputs before and after the newest sample.
		turn := func(disp int, now, next func(i int) Op) {
			for i := range count {
				offset := disp + i*w.bytes()
				scaled := step
				if tapered {
					scaled = w.vector()
					VMULPS(Mem{Base: taper, Index: at, Scale: 1, Disp: offset}, step, scaled)
				}
				change, product := w.vector(), w.vector()
				VMULPS(now(i), scaled, change)
				weight := Mem{Base: weights, Index: at, Scale: 1, Disp: offset}
				VADDPS(weight, change, change)
				VMOVUPS(change, weight)
				VMULPS(next(i), change, product)
				VADDPS(product, sums[i], sums[i])
			}
		}
		input := func(disp int) Mem { return Mem{Base: x, Index: at, Scale: 1, Disp: disp} }
		const unrolled = 4 // turns
		if w.bits == 512 {
			// One load of the inputs serves for both windows; the last turn must not read beyond their end.
			current := ZMM()
			VMOVUPS(input(0), current)
			forward := func(disp int, current, following VecVirtual) {
				window := ZMM()
				VMOVUPS(input(disp+64), following)
				VALIGND(U8(1), current, following, window)
				turn(disp, func(int) Op { return current }, func(int) Op { return window })
			}
			JMP(LabelRef("checkFour"))
			Label("four")
			inputs := []VecVirtual{current, ZMM(), ZMM(), ZMM(), current}
			for i := range unrolled {
				forward(64*i, inputs[i], inputs[i+1])
			}
			ADDQ(U32(unrolled*64), at)
			Label("checkFour")
			SUBQ(U8(unrolled*16), taps)
			JGT(LabelRef("four")) // leaves at least 16 taps
			ADDQ(U8(unrolled*16-16), taps)
			JEQ(LabelRef("last"))
			Label("one")
			following := ZMM()
			forward(0, current, following)
			VMOVAPS(following, current)
			ADDQ(U8(64), at)
			SUBQ(U8(16), taps)
			JNE(LabelRef("one"))
			Label("last")
			turn(0, func(i int) Op { return current }, func(i int) Op { return input(4) })
		} else {
			direct := func(disp int) func(int) Op {
				return func(i int) Op { return input(disp + i*w.bytes()) }
			}
			JMP(LabelRef("checkFour"))
			Label("four")
			for i := range unrolled {
				turn(64*i, direct(64*i), direct(64*i+4))
			}
			ADDQ(U32(unrolled*64), at)
			Label("checkFour")
			SUBQ(U8(unrolled*16), taps)
			JGE(LabelRef("four"))
			ADDQ(U8(unrolled*16), taps)
			JEQ(LabelRef("sum"))
			Label("one")
			turn(0, direct(0), direct(4))
			ADDQ(U8(64), at)
			SUBQ(U8(16), taps)
			JNE(LabelRef("one"))
			Label("sum")
		}
		sum := w.fold32(sums)
		Store(sum, ReturnIndex(0))
		VZEROUPPER()
		RET()
	}
}

// dot64 generates the inner product of float64 vectors in 8 lanes.
func dot64(w width) {
	TEXT("dot64"+w.suffix, NOSPLIT, "func(a, b *float64, n int) float64")
	Pragma("noescape")
	a, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	n := Load(Param("n"), GP64())
	sums := w.vectors(w.lanes8Of())
	for _, s := range sums {
		w.zero(s)
	}
	JMP(LabelRef("check"))
	Label("loop")
	for i, s := range sums {
		product := w.vector()
		VMOVUPD(Mem{Base: a, Disp: i * w.bytes()}, product)
		VMULPD(Mem{Base: b, Disp: i * w.bytes()}, product, product)
		VADDPD(product, s, s)
	}
	ADDQ(U8(64), a)
	ADDQ(U8(64), b)
	Label("check")
	SUBQ(U8(8), n)
	JGE(LabelRef("loop"))
	ADDQ(U8(8), n)
	JEQ(LabelRef("fold"))
	masks := w.tail(n)
	for i, s := range sums {
		product, other := w.vector(), w.vector()
		w.maskedLoad(Mem{Base: a, Disp: i * w.bytes()}, masks[i], product)
		w.maskedLoad(Mem{Base: b, Disp: i * w.bytes()}, masks[i], other)
		VMULPD(other, product, product)
		VADDPD(product, s, s)
	}
	Label("fold")
	Store(w.fold64(sums), ReturnIndex(0))
	VZEROUPPER()
	RET()
}

// tail returns the masks of the first n of 8 float64 lanes, 0 <= n <= 8.
func (w width) tail(n Register) []Register {
	if w.bits == 512 {
		bits, mask := GP64(), K()
		MOVQ(I32(-1), bits)
		BZHIQ(n, bits, bits)
		KMOVB(bits.As32(), mask)
		return []Register{mask}
	}
	table := GP64()
	LEAQ(tailTable(), table)
	masks := []Register{YMM(), YMM()}
	offset := GP64()
	MOVQ(n, offset)
	NEGQ(offset)
	for i, m := range masks {
		VMOVDQU(Mem{Base: table, Index: offset, Scale: 8, Disp: 64 + 32*i}, m)
	}
	return masks
}

var tails Mem

// tailTable is 8 words of ones, then 8 of zeros: from word 8-n on it is the mask of the first n of 8 lanes.
func tailTable() Mem {
	if tails.Symbol.Name == "" {
		tails = GLOBL("tails", RODATA|NOPTR)
		for i := range 16 {
			v := uint64(0)
			if i < 8 {
				v = 1<<64 - 1
			}
			DATA(8*i, U64(v))
		}
	}
	return tails
}

// maskedLoad loads the lanes of the mask and clears the others.
func (w width) maskedLoad(from Mem, mask Register, to VecVirtual) {
	if w.bits == 512 {
		VMOVUPD_Z(from, mask, to)
		return
	}
	VMASKMOVPD(from, mask, to)
}

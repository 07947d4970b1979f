package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// logTable is 32*log2(1+(i+1/2)/64), rounded, as in package fixed.
var logTable = [64]uint16{
	0, 1, 2, 2, 3, 4, 4, 5, 6, 6, 7, 8, 8, 9, 9, 10,
	11, 11, 12, 12, 13, 13, 14, 14, 15, 15, 16, 17, 17, 18, 18, 18,
	19, 19, 20, 20, 21, 21, 22, 22, 23, 23, 24, 24, 24, 25, 25, 26,
	26, 26, 27, 27, 28, 28, 28, 29, 29, 30, 30, 30, 31, 31, 31, 32,
}

// logarithms generates logarithms of float64 in whole vectors.
type logarithms struct {
	width
	low, high VecVirtual // the table in words, where a permutation can look it up
}

// integers64 is a vector of 8 equal integers in memory.
func integers64(name string, v uint64) Mem {
	if m, ok := constants[name]; ok {
		return m
	}
	constants[name] = GLOBL(name, RODATA|NOPTR)
	for i := range 8 {
		DATA(8*i, U64(v))
	}
	return constants[name]
}

func signedLogs(w width) {
	l := logarithms{width: w}
	TEXT("signedLogs"+w.suffix, NOSPLIT, "func(x *float64, to *uint8, n int, scale float64)")
	Pragma("noescape")
	x, to, n := Load(Param("x"), GP64()), Load(Param("to"), GP64()), Load(Param("n"), GP64())
	scale := w.vector()
	VBROADCASTSD(addressOf("scale"), scale)
	l.loadTable()
	Label("loop")
	v := w.vector()
	VMULPD(Mem{Base: x}, scale, v)
	l.storeSignedLog(v, Mem{Base: to})
	ADDQ(U8(w.bytes()), x)
	ADDQ(U8(w.lanes64()), to)
	SUBQ(U8(w.lanes64()), n)
	JNE(LabelRef("loop"))
	VZEROUPPER()
	RET()
}

// storeSignedLog stores the logarithm of each number on a signed axis.
func (l *logarithms) storeSignedLog(v VecVirtual, to Mem) {
	bytes := l.signedLog(v)
	if l.bits == 512 {
		VMOVQ(bytes, to)
	} else {
		VMOVD(bytes, to)
	}
}

// signedLog returns the logarithm of each number on a signed axis, as a byte each.
func (l *logarithms) signedLog(v VecVirtual) VecVirtual {
	w, size, sign := l.width, l.vector(), l.vector()
	w.and(integers64("magnitude", 1<<63-1), v, size)
	VMULPD(repeated("four", 4), size, size)
	VADDPD(repeated("ones", 1), size, size)
	result := l.log(size)
	if w.bits == 512 {
		VPSRAQ(U8(2), result, result)
		VPSRAQ(U8(63), v, sign)
		VPXORQ(sign, result, result)
		VPSUBQ(sign, result, result)
		return w.level(result)
	}
	w.zero(sign)
	VPCMPGTQ(v, sign, sign)
	small, signs := lowHalves(result), lowHalves(sign)
	VPSRAD(U8(2), small, small)
	VPXOR(signs, small, small)
	VPSUBD(signs, small, small)
	return w.level(small)
}

// level returns 128 plus each integer, limited to a byte. They are 64 bits each with AVX-512, else 32.
func (w width) level(v VecVirtual) VecVirtual {
	if w.bits == 512 {
		bytes := XMM()
		VPMOVSQB(v, bytes)
		VPXORQ(integers64("signBits", 0x8080808080808080), bytes, bytes)
		return bytes
	}
	VPACKSSDW(v, v, v)
	VPACKSSWB(v, v, v)
	VPXOR(integers64("signBits", 0x8080808080808080), v, v)
	return v
}

// lowHalves returns the lower 32 bits of each of 4 integers.
func lowHalves(v VecVirtual) VecVirtual {
	high, low := XMM(), XMM()
	VEXTRACTI128(U8(1), v, high)
	VSHUFPS(U8(0b10001000), high, v.AsX(), low)
	return low
}

func (w width) and(a, b Op, to VecVirtual) {
	if w.bits == 512 {
		VPANDQ(a, b, to)
		return
	}
	VPAND(a, b, to)
}

// loadTable prepares log: the table is two vectors of words for a permutation, or, for AVX2, is read from memory.
func (l *logarithms) loadTable() {
	if l.bits != 512 {
		return
	}
	m, ok := constants["logTable"]
	if !ok {
		m = GLOBL("logTable", RODATA|NOPTR)
		constants["logTable"] = m
		for i, v := range logTable {
			DATA(2*i, U16(v))
		}
	}
	l.low, l.high = ZMM(), ZMM()
	VMOVDQU16(m, l.low)
	VMOVDQU16(m.Offset(64), l.high)
}

// log returns fixed.Log2 of each number.
func (l *logarithms) log(v VecVirtual) VecVirtual {
	mantissa, exponent := l.vector(), l.vector()
	VPSRLQ(U8(46), v, mantissa)
	VPSRLQ(U8(52), v, exponent)
	VPSUBQ(integers64("bias", 1023), exponent, exponent)
	VPSLLQ(U8(5), exponent, exponent)
	smallest := repeated("smallestNormal", 0x1p-1022)
	if l.bits == 512 {
		VPERMI2W(l.high, l.low, mantissa) // the index is in the lowest six bits
		VPANDQ(integers64("word", 0xFFFF), mantissa, mantissa)
		VPADDQ(mantissa, exponent, exponent)
		normal, result := K(), ZMM()
		VCMPPD(U8(greater), smallest, v, normal)
		VMOVDQU64(integers64("smallestLog", 1<<64-1022*32), result)
		VPBLENDMQ(exponent, result, normal, result)
		return result
	}
	m, ok := constants["logTable"]
	if !ok {
		m = GLOBL("logTable", RODATA|NOPTR)
		constants["logTable"] = m
		for i, v := range logTable {
			DATA(8*i, U64(v))
		}
	}
	base, every, looked := GP64(), YMM(), YMM()
	LEAQ(m, base)
	VPAND(integers64("six", 63), mantissa, mantissa)
	VPCMPEQD(every, every, every)
	VPGATHERQQ(every, Mem{Base: base, Index: mantissa, Scale: 8}, looked)
	VPADDQ(looked, exponent, exponent)
	normal := YMM()
	VCMPPD(U8(greater), smallest, v, normal)
	result := YMM()
	VMOVDQU(integers64("smallestLog", 1<<64-1022*32), result)
	VBLENDVPD(normal, exponent, result, result)
	return result
}

package recording

import (
	"encoding/binary"
)

// Samples takes the whole frames of raw audio apart: result[channel][frame], in
// the order of the channels in the file. Bytes of a partial frame at the end
// are left out. Bytes is the inverse.
//
// Integers come at the full width of the container, -2^(ContainerBits-1) to
// 2^(ContainerBits-1)-1; unsigned ones minus 128. Companded samples come as
// their place among the codes in ascending order of the decoded values, -128 to
// 127 (see Kind.Values). Floats of 4 bytes come as their bits (see Bits32);
// floats of 8 bytes do not fit: use Bits64.
func (f Format) Samples(raw []byte) [][]int32 {
	return planar(f, raw, f.unpacker())
}

// Bytes is the inverse of Samples: the raw audio of samples[channel][frame], all
// channels of the same length. Bits above the container's are cut off.
func (f Format) Bytes(samples [][]int32) []byte {
	return interleave(f, samples, f.packer())
}

// Bits32 takes floats of 4 bytes apart, as Samples does, into their bits:
// sign, 8 bits of exponent, 23 bits of fraction, from the highest bit on.
func (f Format) Bits32(raw []byte) [][]uint32 {
	return planar(f, raw, choose(f.BigEndian, unpackBits32BE, unpackBits32LE))
}

// FromBits32 is the inverse of Bits32.
func (f Format) FromBits32(samples [][]uint32) []byte {
	return interleave(f, samples, choose(f.BigEndian, packBits32BE, packBits32LE))
}

// Bits64 takes floats of 8 bytes apart, as Samples does, into their bits:
// sign, 11 bits of exponent, 52 bits of fraction, from the highest bit on.
func (f Format) Bits64(raw []byte) [][]uint64 {
	return planar(f, raw, choose(f.BigEndian, unpackBits64BE, unpackBits64LE))
}

// FromBits64 is the inverse of Bits64.
func (f Format) FromBits64(samples [][]uint64) []byte {
	return interleave(f, samples, choose(f.BigEndian, packBits64BE, packBits64LE))
}

// planar gives each channel of raw to unpack, from its first sample on; a
// sample begins every stride bytes.
func planar[T any](f Format, raw []byte, unpack func(out []T, in []byte, stride int)) [][]T {
	stride := f.FrameBytes()
	frames := len(raw) / stride
	all := make([]T, frames*f.Channels)
	samples := make([][]T, f.Channels)
	for c := range samples {
		samples[c] = all[c*frames : (c+1)*frames : (c+1)*frames]
		if frames > 0 {
			unpack(samples[c], raw[c*f.Width:frames*stride], stride)
		}
	}
	return samples
}

// interleave is the inverse of planar.
func interleave[T any](f Format, samples [][]T, pack func(out []byte, in []T, stride int)) []byte {
	stride := f.FrameBytes()
	raw := make([]byte, len(samples[0])*stride)
	for c, s := range samples {
		if len(s) > 0 {
			pack(raw[c*f.Width:], s, stride)
		}
	}
	return raw
}

func choose[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// unpacker returns the function that takes one channel's samples out.
func (f Format) unpacker() func(out []int32, in []byte, stride int) {
	switch {
	case f.Kind == MuLaw:
		return unpackMuLaw
	case f.Kind == ALaw:
		return unpackALaw
	}
	switch f.Width {
	case 1:
		return choose(f.Unsigned, unpackUnsigned8, unpackSigned8)
	case 2:
		return choose(f.BigEndian, unpack16BE, unpack16LE)
	case 3:
		return choose(f.BigEndian, unpack24BE, unpack24LE)
	}
	return choose(f.BigEndian, unpack32BE, unpack32LE)
}

// packer returns the function that puts one channel's samples in.
func (f Format) packer() func(out []byte, in []int32, stride int) {
	switch {
	case f.Kind == MuLaw:
		return packMuLaw
	case f.Kind == ALaw:
		return packALaw
	}
	switch f.Width {
	case 1:
		return choose(f.Unsigned, packUnsigned8, packSigned8)
	case 2:
		return choose(f.BigEndian, pack16BE, pack16LE)
	case 3:
		return choose(f.BigEndian, pack24BE, pack24LE)
	}
	return choose(f.BigEndian, pack32BE, pack32LE)
}

func unpackUnsigned8(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(in[p]) - 128
		p += stride
	}
}

func unpackSigned8(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(int8(in[p]))
		p += stride
	}
}

func unpack16LE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(int16(binary.LittleEndian.Uint16(in[p:])))
		p += stride
	}
}

func unpack16BE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(int16(binary.BigEndian.Uint16(in[p:])))
		p += stride
	}
}

func unpack24LE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		b := in[p : p+3]
		out[i] = int32(b[0]) | int32(b[1])<<8 | int32(int8(b[2]))<<16
		p += stride
	}
}

func unpack24BE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		b := in[p : p+3]
		out[i] = int32(b[2]) | int32(b[1])<<8 | int32(int8(b[0]))<<16
		p += stride
	}
}

func unpack32LE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(in[p:]))
		p += stride
	}
}

func unpack32BE(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(binary.BigEndian.Uint32(in[p:]))
		p += stride
	}
}

// packUnsigned8 writes 128 more than each sample.
func packUnsigned8(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		out[p] = byte(v + 128)
		p += stride
	}
}

func packSigned8(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		out[p] = byte(v)
		p += stride
	}
}

func pack16LE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint16(out[p:], uint16(v))
		p += stride
	}
}

func pack16BE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.BigEndian.PutUint16(out[p:], uint16(v))
		p += stride
	}
}

func pack24LE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		b := out[p : p+3]
		b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16)
		p += stride
	}
}

func pack24BE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		b := out[p : p+3]
		b[0], b[1], b[2] = byte(v>>16), byte(v>>8), byte(v)
		p += stride
	}
}

func pack32LE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint32(out[p:], uint32(v))
		p += stride
	}
}

func pack32BE(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.BigEndian.PutUint32(out[p:], uint32(v))
		p += stride
	}
}

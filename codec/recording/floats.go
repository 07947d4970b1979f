package recording

import "encoding/binary"

func unpackBits32LE(out []uint32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = binary.LittleEndian.Uint32(in[p:])
		p += stride
	}
}

func unpackBits32BE(out []uint32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = binary.BigEndian.Uint32(in[p:])
		p += stride
	}
}

func unpackBits64LE(out []uint64, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(in[p:])
		p += stride
	}
}

func unpackBits64BE(out []uint64, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = binary.BigEndian.Uint64(in[p:])
		p += stride
	}
}

func packBits32LE(out []byte, in []uint32, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint32(out[p:], v)
		p += stride
	}
}

func packBits32BE(out []byte, in []uint32, stride int) {
	p := 0
	for _, v := range in {
		binary.BigEndian.PutUint32(out[p:], v)
		p += stride
	}
}

func packBits64LE(out []byte, in []uint64, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint64(out[p:], v)
		p += stride
	}
}

func packBits64BE(out []byte, in []uint64, stride int) {
	p := 0
	for _, v := range in {
		binary.BigEndian.PutUint64(out[p:], v)
		p += stride
	}
}

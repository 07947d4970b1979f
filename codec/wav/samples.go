package wav

import "encoding/binary"

// Samples takes the whole frames of raw audio apart: result[channel][frame],
// at the full width of the container, -2^(ContainerBits-1) to
// 2^(ContainerBits-1)-1. Samples of 8 bits, which WAV stores unsigned, become
// signed (minus 128). Bytes of a partial frame at the end are left out.
func (f Format) Samples(raw []byte) [][]int32 {
	stride := f.FrameBytes()
	frames := len(raw) / stride
	all := make([]int32, frames*f.Channels)
	samples := make([][]int32, f.Channels)
	width := f.ContainerBits / 8
	for c := range samples {
		samples[c] = all[c*frames : (c+1)*frames : (c+1)*frames]
		if frames == 0 {
			continue
		}
		// From the channel's first sample on, a frame begins every stride bytes.
		in := raw[c*width : frames*stride]
		switch f.ContainerBits {
		case 8:
			unpack8(samples[c], in, stride)
		case 16:
			unpack16(samples[c], in, stride)
		case 24:
			unpack24(samples[c], in, stride)
		case 32:
			unpack32(samples[c], in, stride)
		}
	}
	return samples
}

// Bytes is the inverse of Samples: the raw audio of samples[channel][frame],
// all channels of the same length. Bits above the container's are cut off.
func (f Format) Bytes(samples [][]int32) []byte {
	stride := f.FrameBytes()
	frames := len(samples[0])
	raw := make([]byte, frames*stride)
	width := f.ContainerBits / 8
	for c, s := range samples {
		if frames == 0 {
			continue
		}
		out := raw[c*width:]
		switch f.ContainerBits {
		case 8:
			pack8(out, s, stride)
		case 16:
			pack16(out, s, stride)
		case 24:
			pack24(out, s, stride)
		case 32:
			pack32(out, s, stride)
		}
	}
	return raw
}

func unpack8(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(in[p]) - 128
		p += stride
	}
}

func unpack16(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(int16(binary.LittleEndian.Uint16(in[p:])))
		p += stride
	}
}

func unpack24(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		b := in[p : p+3]
		out[i] = int32(b[0]) | int32(b[1])<<8 | int32(int8(b[2]))<<16
		p += stride
	}
}

func unpack32(out []int32, in []byte, stride int) {
	p := 0
	for i := range out {
		out[i] = int32(binary.LittleEndian.Uint32(in[p:]))
		p += stride
	}
}

func pack8(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		out[p] = byte(v + 128)
		p += stride
	}
}

func pack16(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint16(out[p:], uint16(v))
		p += stride
	}
}

func pack24(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		b := out[p : p+3]
		b[0], b[1], b[2] = byte(v), byte(v>>8), byte(v>>16)
		p += stride
	}
}

func pack32(out []byte, in []int32, stride int) {
	p := 0
	for _, v := range in {
		binary.LittleEndian.PutUint32(out[p:], uint32(v))
		p += stride
	}
}

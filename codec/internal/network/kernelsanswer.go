package network

import "trilobyte/codec/internal/simd"

// kernelsAnswerSum is the digest of what kernelsAnswer computes.
const kernelsAnswerSum = 0xec31272c08f638fd

// kernelsAnswer runs all kernels in use on fixed inputs and compares the digest of the results.
func kernelsAnswer() error {
	d := digest{new(simd.Digest)}
	d.layers()
	d.averages()
	return d.Check(kernelsAnswerSum)
}

type digest struct{ *simd.Digest }

func (d digest) layers() {
	for _, size := range [][3]int{{5, 3, 1}, {64, 48, 5}, {37, 129, 6}} {
		inputs, outputs, rows := size[0], size[1], size[2]
		weights, bias, shift := make([]int8, inputs*outputs), make([]int32, outputs), make([]uint8, outputs)
		for i := range weights {
			weights[i] = int8(d.Next() * 128)
		}
		for o := range bias {
			bias[o], shift[o] = int32(d.Next()*1e5), uint8(8+float64(4*d.Next()))
		}
		l := newAffine(inputs, outputs, weights, bias, shift)
		l.Dense = inputs == 64 // some kernels compute such a layer in another way
		x := make([]uint8, rows*l.PaddedInputs())
		for i := range x {
			x[i] = uint8(max(0, 256*d.Next()))
		}
		bytes, ints := make([]uint8, rows*l.PaddedOutputs()), make([]int32, rows*l.PaddedOutputs())
		l.Activate(rows, x, l.PaddedInputs(), bytes, l.PaddedOutputs())
		l.Finish(rows, x, l.PaddedInputs(), ints, l.PaddedOutputs())
		for r := range rows {
			for o := range outputs {
				at := r*l.PaddedOutputs() + o
				d.Add(float64(bytes[at]), float64(ints[at]))
			}
		}
		for r := range 2 { // a row alone; the second time it is all zeros
			l.Activate(1, x, l.PaddedInputs(), bytes, l.PaddedOutputs())
			l.Finish(1, x, l.PaddedInputs(), ints, l.PaddedOutputs())
			for o := range outputs {
				d.Add(float64(r), float64(bytes[o]), float64(ints[o]))
			}
			clear(x)
		}
	}
}

func (d digest) averages() {
	rates := make([]uint8, 50)
	for i := range rates {
		rates[i] = uint8(i) % 20
	}
	a := newAverages(rates)
	units, to := make([]uint8, paddedUnits(len(rates))), make([]uint8, paddedUnits(len(rates)))
	for range 40 {
		for i := range units {
			units[i] = uint8(max(0, min(255, 400*d.Next())))
		}
		a.Update(units, to)
		for i := range rates {
			d.Add(float64(to[i]))
		}
	}
}

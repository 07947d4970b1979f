package mixture

import "trilobyte/codec/internal/simd"

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0xa6f89606ea5953e8

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of the results.
func knownAnswer() error {
	d := digest{new(simd.Digest)}
	d.logistics()
	d.mixtures()
	return d.Check(knownAnswerSum)
}

type digest struct{ *simd.Digest }

func (d digest) logistics() {
	var l Distribution
	for range 4 {
		for k := range Components {
			l.Weight[k], l.Centre[k], l.InverseScale[k] = 2+d.Next(), float64(50*d.Next()), 0.5+float64(d.Next()/4)
		}
		x := d.Vector(16)
		for i := range x {
			x[i] = float64(x[i] * 100)
		}
		mass := make([]float64, len(x))
		l.Below(x, mass)
		d.Add(mass...)
	}
}

func (d digest) mixtures() {
	for range 8 {
		var outputs [Outputs]int32
		for i, v := range d.Vector(Outputs) {
			outputs[i] = int32(v * 3000)
			if i < Components || i >= 2*Components && i < 3*Components {
				outputs[i] >>= 4
			}
		}
		var l Distribution
		disagreement := [Disagreements]float32(d.Vector32(Disagreements))
		l.Set(&outputs, &disagreement, float64(1000*d.Next()), 2+d.Next())
		d.Add(l.Weight[:]...)
		d.Add(l.Centre[:]...)
		d.Add(l.InverseScale[:]...)
	}
}

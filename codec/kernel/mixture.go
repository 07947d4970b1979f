package kernel

import "trilobyte/codec/fixed"

const (
	// Disagreements is the number of predictions that can move the components of a mixture.
	Disagreements = 16
	// gateSets is the number of sets of gates; the components take turns at them.
	gateSets = 2
	// MixtureOutputs is the number of values that the language model gives for a sample: for each component a weight, an
	// offset and a scale, then the gates: for each set one for each disagreement.
	MixtureOutputs = 3*Components + gateSets*Disagreements
)

// The units and limits of the outputs.
const (
	LogLimit    = 127     // weights and scales are 2^(output/16), within 2^-8..2^8
	OffsetUnit  = 1. / 64 // offsets are in units of the scale/64
	OffsetLimit = 2047
	GateUnit    = 1. / 256 // gates are in 1/256
	GateLimit   = 1023
)

// Set makes the mixture of the language model's outputs for a sample, about which the reference expert says base, give or
// take scale. disagreement is by how much other experts differ from it, in units of scale. It is finite.
func (l *Logistics) Set(outputs *[MixtureOutputs]int32, disagreement *[Disagreements]float32, base, scale float64) {
	if active.setMixture != nil {
		active.setMixture(&l.Weight[0], &outputs[0], &disagreement[0], base, scale)
		return
	}
	shift := gateShifts((*[gateSets * Disagreements]int32)(outputs[3*Components:]), disagreement)
	inverse := 1 / scale
	for k := range Components {
		l.Weight[k] = fixed.Exp2(limit(outputs[k], LogLimit))
		offset := float64(float64(limit(outputs[Components+k], OffsetLimit))*OffsetUnit) + shift[k%gateSets]
		l.Centre[k] = base + float64(offset*scale)
		l.InverseScale[k] = inverse * fixed.Exp2(-limit(outputs[2*Components+k], LogLimit))
	}
}

// gateShifts returns how far each set of gates moves its components, in units of the scale.
func gateShifts(gates *[gateSets * Disagreements]int32, disagreement *[Disagreements]float32) [gateSets]float64 {
	var a, b float64 // two sums at a time: each waits for its last addition
	for i, v := range disagreement {
		d := float64(v)
		a += float64(float64(limit(gates[i], GateLimit)) * d)
		b += float64(float64(limit(gates[Disagreements+i], GateLimit)) * d)
	}
	return [gateSets]float64{float64(a * GateUnit), float64(b * GateUnit)}
}

func limit(v int32, most int) int { return max(-most, min(most, int(v))) }

package mixture

import (
	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/simd"
)

const (
	// Disagreements is the number of predictions that can move the components of a mixture.
	Disagreements = 16
	// gateSets is the number of sets of gates; the components take turns at them.
	gateSets = 2
	// Outputs is the number of values that the network gives for a sample: for each component a weight, an
	// offset and a scale, then the gates: for each set one for each disagreement.
	Outputs = 3*Components + gateSets*Disagreements
)

// The units and limits of the outputs.
const (
	LogLimit    = 127     // weights and scales are 2^(output/16), within 2^-8..2^8
	OffsetUnit  = 1. / 64 // offsets are in units of the scale/64
	OffsetLimit = 2047
	GateUnit    = 1. / 256 // gates are in 1/256
	GateLimit   = 1023
)

// Set makes the distribution of the network's outputs for a sample, about which the reference predictor says base, give or
// take scale. disagreement is by how much other predictors differ from it, in units of scale. It is finite.
func (d *Distribution) Set(outputs *[Outputs]int32, disagreement *[Disagreements]float32, base, scale float64) {
	if active.setMixture != nil {
		active.setMixture(&d.Weight[0], &outputs[0], &disagreement[0], base, scale)
	} else {
		d.set(outputs, disagreement, base, scale)
	}
	d.Total = simd.Fold8(&d.Weight)
}

func (d *Distribution) set(outputs *[Outputs]int32, disagreement *[Disagreements]float32, base, scale float64) {
	shift := gateShifts((*[gateSets * Disagreements]int32)(outputs[3*Components:]), disagreement)
	inverse := 1 / scale
	for k := range Components {
		d.Weight[k] = fixed.Exp2(limit(outputs[k], LogLimit))
		offset := float64(float64(limit(outputs[Components+k], OffsetLimit))*OffsetUnit) + shift[k%gateSets]
		d.Centre[k] = base + float64(offset*scale)
		d.InverseScale[k] = inverse * fixed.Exp2(-limit(outputs[2*Components+k], LogLimit))
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

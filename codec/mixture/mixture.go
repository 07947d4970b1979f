// Package mixture is the probability distribution of one sample: a weighted sum of logistic distributions whose
// parameters the language model gives. It is evaluated in IEEE double precision in a fixed order, from tables, so
// that every machine computes the same probabilities.
package mixture

import (
	"trilobyte/codec/feature"
	"trilobyte/codec/fixed"
	"trilobyte/codec/kernel"
)

const (
	// Components is the number of logistic distributions in a mixture.
	Components = kernel.Components
	// gateSets is the number of sets of gates; the components take turns at them.
	gateSets = 2
	// Outputs is the number of values that the language model gives for a sample: for each component a weight, an
	// offset and a scale, then the gates: for each set one for each disagreement.
	Outputs = 3*Components + gateSets*feature.Disagreements
)

// The units and limits of the outputs.
const (
	LogLimit    = 127     // weights and scales are 2^(output/16), within 2^-8..2^8
	OffsetUnit  = 1. / 64 // offsets are in units of Row.Scale/64
	OffsetLimit = 2047
	GateUnit    = 1. / 256 // gates are in 1/256
	GateLimit   = 1023
)

// Distribution is the density of a sample over the line of steps. Its total is the sum of its weights.
type Distribution struct {
	logistics kernel.Logistics
	Total     float64
}

// Set makes the distribution from the language model's outputs for a row.
func (d *Distribution) Set(outputs *[Outputs]int32, row *feature.Row) {
	shift := gateShifts((*[gateSets * feature.Disagreements]int32)(outputs[3*Components:]), row.Disagreement[:row.Shown])
	inverse := 1 / row.Scale
	l := &d.logistics
	for k := range Components {
		l.Weight[k] = fixed.Exp2(limit(outputs[k], LogLimit))
		offset := float64(float64(limit(outputs[Components+k], OffsetLimit))*OffsetUnit) + shift[k%gateSets]
		l.Centre[k] = row.Base + float64(offset*row.Scale)
		l.InverseScale[k] = inverse * fixed.Exp2(-limit(outputs[2*Components+k], LogLimit))
	}
	d.Total = l.Total()
}

// gateShifts returns how far each set of gates moves its components, in units of Row.Scale.
func gateShifts(gates *[gateSets * feature.Disagreements]int32, disagreement []float32) [gateSets]float64 {
	var a, b float64 // two sums at a time: each waits for its last addition
	for i, v := range disagreement {
		d := float64(v)
		a += float64(float64(limit(gates[i], GateLimit)) * d)
		b += float64(float64(limit(gates[feature.Disagreements+i], GateLimit)) * d)
	}
	return [gateSets]float64{float64(a * GateUnit), float64(b * GateUnit)}
}

// Mean returns the mean of the distribution.
func (d *Distribution) Mean() float64 { return d.logistics.Moment() / d.Total }

func limit(v int32, most int) int { return max(-most, min(most, int(v))) }

// Logistics is the mixture itself, for kernels that evaluate it.
func (d *Distribution) Logistics() *kernel.Logistics { return &d.logistics }

// Below sets mass[i] to the mass of the distribution below x[i], from 0 to Total. The slices are equally long.
func (d *Distribution) Below(x, mass []float64) { d.logistics.Below(x, mass) }

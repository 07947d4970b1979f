// Package mixture is the probability distribution of one sample: a weighted sum of logistic distributions whose
// parameters the language model gives. It is evaluated in IEEE double precision in a fixed order, from tables, so
// that every machine computes the same probabilities.
package mixture

import (
	"trilobyte/codec/feature"
	"trilobyte/codec/fixed"
)

const (
	// Components is the number of logistic distributions in a mixture.
	Components = 8
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

// The distribution function's table: span units of scale on each side of the centre, resolution points a unit.
const (
	span       = 24
	resolution = 16
	points     = 2 * span * resolution
)

// segment is a piece of the logistic distribution function: value + slope*fraction.
type segment struct{ value, slope float64 }

var logistic = func() (table [points]segment) {
	at := func(i int) float64 {
		const one = 1 << 52
		if i <= points/2 {
			return float64(lowerHalf[i]) / one
		}
		return 1 - float64(lowerHalf[points-i])/one
	}
	for i := range table {
		table[i] = segment{at(i), at(i+1) - at(i)}
	}
	return table
}()

// Distribution is the density of a sample over the line of steps. Its total is the sum of its weights.
type Distribution struct {
	weight, centre, inverseScale [Components]float64
	Total                        float64
}

// Set makes the distribution from the language model's outputs for a row.
func (d *Distribution) Set(outputs *[Outputs]int32, row *feature.Row) {
	var shift [gateSets]float64
	for s := range shift {
		gates := outputs[3*Components+s*feature.Disagreements:]
		for i, v := range row.Disagreement {
			shift[s] += float64(float64(limit(gates[i], GateLimit)) * float64(v))
		}
		shift[s] *= GateUnit
	}
	inverse := 1 / row.Scale
	for k := range Components {
		d.weight[k] = fixed.Exp2(limit(outputs[k], LogLimit))
		offset := float64(float64(limit(outputs[Components+k], OffsetLimit))*OffsetUnit) + shift[k%gateSets]
		d.centre[k] = row.Base + float64(offset*row.Scale)
		d.inverseScale[k] = inverse * fixed.Exp2(-limit(outputs[2*Components+k], LogLimit))
	}
	d.Total = fold(&d.weight)
}

func limit(v int32, most int) int { return max(-most, min(most, int(v))) }

// Below returns the mass of the distribution below x, from 0 to Total.
func (d *Distribution) Below(x float64) float64 {
	var mass [Components]float64
	for k := range mass {
		t := float64(float64((x-d.centre[k])*d.inverseScale[k])*resolution) + points/2
		if !(t > 0) {
			continue
		}
		if t >= points {
			mass[k] = d.weight[k]
			continue
		}
		i := int(t)
		s := &logistic[i]
		mass[k] = d.weight[k] * (s.value + float64(s.slope*(t-float64(i))))
	}
	return fold(&mass)
}

// fold adds the components up in a fixed order.
func fold(v *[Components]float64) float64 {
	return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]))
}

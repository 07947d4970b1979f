// Package mixture is the probability distribution of one sample: a weighted sum of logistic distributions whose parameters the
// network gives. It is evaluated in IEEE double precision in a fixed order, from tables, so that every machine computes the same
// probabilities.
package mixture

import (
	"math"

	"trilobyte/codec/internal/simd"
)

// Components is the number of logistic distributions in a mixture.
const Components = 8

// The distribution function's table: logisticSpan units of scale on each side of the centre, logisticResolution points
// a unit.
const (
	logisticSpan       = 24
	logisticResolution = 16
	logisticPoints     = 2 * logisticSpan * logisticResolution
)

// logistic is the logistic distribution function at the points.
var logistic = func() (table [logisticPoints + 1]float64) {
	const one = 1 << 52
	for i := range table {
		if i <= logisticPoints/2 {
			table[i] = float64(lowerHalf[i]) / one
		} else {
			table[i] = 1 - float64(float64(lowerHalf[logisticPoints-i])/one)
		}
	}
	return table
}()

// Table is the table of the logistic distribution function, for kernels that evaluate a Distribution.
func Table() *float64 { return &logistic[0] }

// Distribution is the density of a sample over the line of indices: a weighted sum of logistic distributions, evaluated by linear
// interpolation of a table. Vector kernels know its layout.
type Distribution struct {
	Weight, Centre, InverseScale [Components]float64
	// Total is the mass of the whole mixture, the sum of the weights.
	Total float64
}

// Shape returns about where the distribution lies, its mean, and how wide it is: the scale of a logistic distribution that might take
// its place. What is wide because its components are far apart, is a little narrower in the middle than its variance says: that of the
// centres counts 0.4, and not 3/pi^2.
func (d *Distribution) Shape() (mean, spread float64) {
	const apart = 0.4
	unit, centre := 1/d.Total, d.Centre[0] // distances from any of the centres are small
	var scale, square float64
	for k, weight := range d.Weight {
		distance := d.Centre[k] - centre
		scale += weight / d.InverseScale[k]
		mean += float64(weight * distance)
		square += float64(float64(weight*distance) * distance)
	}
	scale *= unit
	mean = float64(mean * unit)
	variance := float64(square*unit) - float64(mean*mean)
	return centre + mean, math.Sqrt(max(0, float64(scale*scale)+float64(apart*variance)))
}

// Below sets mass[i] to the mass of the mixture below x[i], from 0 to Total. The slices are equally long.
func (d *Distribution) Below(x, mass []float64) {
	mass = mass[:len(x)]
	if active.below != nil && len(x) > 0 {
		active.below(&d.Weight[0], &logistic[0], &x[0], &mass[0], len(x))
		return
	}
	for i, v := range x {
		mass[i] = d.below(v)
	}
}

func (d *Distribution) below(x float64) float64 {
	var mass [Components]float64
	for k := range mass {
		// The resolution is a power of two: when it enters makes no difference, but for numbers that no mixture has.
		t := float64((x-d.Centre[k])*float64(d.InverseScale[k]*logisticResolution)) + logisticPoints/2
		if !(t > 0) {
			continue
		}
		if t >= logisticPoints {
			mass[k] = d.Weight[k]
			continue
		}
		i := int(t)
		value := logistic[i]
		slope := logistic[i+1] - value
		mass[k] = float64(d.Weight[k] * (value + float64(slope*(t-float64(i)))))
	}
	return simd.Fold8(&mass)
}

// Package mixture is the probability distribution of one sample: a weighted sum of logistic distributions whose
// parameters the language model gives. It is evaluated in IEEE double precision in a fixed order, from tables, so
// that every machine computes the same probabilities.
package mixture

import (
	"trilobyte/codec/feature"
	"trilobyte/codec/kernel"
)

// Outputs is the number of values that the language model gives for a sample.
const Outputs = kernel.MixtureOutputs

// Distribution is the density of a sample over the line of steps. Its total is the sum of its weights.
type Distribution struct {
	logistics kernel.Logistics
	Total     float64
}

// Set makes the distribution from the language model's outputs for a row.
func (d *Distribution) Set(outputs *[Outputs]int32, row *feature.Row) {
	d.logistics.Set(outputs, &row.Disagreement, row.Base, row.Scale)
	d.Total = d.logistics.Total()
}

// Mean returns the mean of the distribution.
func (d *Distribution) Mean() float64 { return d.logistics.Moment() / d.Total }

// Logistics is the mixture itself, for kernels that evaluate it.
func (d *Distribution) Logistics() *kernel.Logistics { return &d.logistics }

// Below sets mass[i] to the mass of the distribution below x[i], from 0 to Total. The slices are equally long.
func (d *Distribution) Below(x, mass []float64) { d.logistics.Below(x, mass) }

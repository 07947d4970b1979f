package main

import (
	"math"
	"slices"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/feature"
	"trilobyte/codec/mixture"
	"trilobyte/codec/model"
	"trilobyte/codec/rangecoder"
	"trilobyte/codec/segment"
	"trilobyte/codec/token"
)

// plain returns the channels in groups, every value between the lowest and the highest being possible: without the
// alphabet's analysis.
func (c *clip) plain() [][]segment.Track {
	var tracks []segment.Track
	for i, s := range c.samples {
		low, high := slices.Min(s), slices.Max(s)
		tracks = append(tracks, segment.Track{Channel: i, Steps: s, Low: float64(low), High: float64(max(high, low+1))})
	}
	return segment.Group(tracks)
}

// distributions are the language model's, of the channels of a group.
type distributions struct {
	model    *model.Model
	memories []*model.Memory
	mixture.Distribution
}

func newDistributions(m *model.Model, channels int) *distributions {
	d := &distributions{model: m}
	for range channels {
		d.memories = append(d.memories, m.NewMemory())
	}
	return d
}

// set makes d the distribution for a channel's next row.
func (d *distributions) set(channel int, row *feature.Row) {
	var outputs [1]model.Outputs
	d.model.BuiltIn().Run(d.memories[channel].Next(&row.Features), outputs[:])
	d.Set(&outputs[0], row)
}

// withoutLastStage returns the ideal code lengths in bits: of an adaptive Laplace distribution around the reference
// expert's prediction, whose mean absolute deviation is the running mean error; and of the language model's mixture.
func (c *clip) withoutLastStage(m *model.Model) (laplace, mixed float64) {
	const floor = 1. / (1 << 18)
	for _, group := range c.plain() {
		d := newDistributions(m, len(group))
		segment.EachRow(m.Version(), group, func(t int, row *feature.Row, sample int32) {
			x := float64(sample)
			p := laplaceBelow((x+0.5-row.Base)/row.Scale) - laplaceBelow((x-0.5-row.Base)/row.Scale)
			laplace -= math.Log2(p + floor*math.Ldexp(1, -c.bits))
			d.set(t, row)
			points, masses := [2]float64{x - 0.5, x + 0.5}, [2]float64{}
			d.Below(points[:], masses[:])
			mixed -= math.Log2((masses[1]-masses[0])/d.Total + floor*math.Ldexp(1, -c.bits))
		})
	}
	return laplace, mixed
}

// laplaceBelow is the distribution function of the Laplace distribution with scale 1.
func laplaceBelow(x float64) float64 {
	if x < 0 {
		return math.Exp(x) / 2
	}
	return 1 - math.Exp(-x)/2
}

// withLastStage returns the bits of the token coder.
func (c *clip) withLastStage(m *model.Model) float64 {
	size := 0
	for _, group := range c.plain() {
		d := newDistributions(m, len(group))
		var coders []*token.Coder
		var encoders []*rangecoder.Encoder
		for _, t := range group {
			coders = append(coders, token.NewCoder(alphabet.Dense(int64(t.Low), int64(t.High)), true))
			encoders = append(encoders, rangecoder.NewEncoder(nil))
		}
		segment.EachRow(m.Version(), group, func(t int, row *feature.Row, sample int32) {
			d.set(t, row)
			coders[t].Encode(encoders[t], &d.Distribution, row.Scale, int64(sample)-int64(group[t].Low))
		})
		for _, e := range encoders {
			size += len(e.Finish())
		}
	}
	return 8 * float64(size)
}

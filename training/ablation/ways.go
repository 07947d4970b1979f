package main

import (
	"bytes"
	"math"

	"trilobyte/codec"
)

// coders are the default preset, as it is and with a part left out.
type coders struct {
	description       codec.Description
	withoutSSE, whole *codec.Coder
}

func newCoders() (c coders, err error) {
	file, err := codec.Preset(codec.DefaultPreset)
	if err != nil {
		return c, err
	}
	m, err := codec.Load(file)
	if err != nil {
		return c, err
	}
	c.description, c.whole = m.Description(), codec.NewCoder(m)
	without, err := codec.ParseDescription(bytes.Replace(c.description.Text(), []byte(`"sse":true`), []byte(`"sse":false`), 1))
	if err != nil {
		return c, err
	}
	if file, err = m.With(without); err != nil {
		return c, err
	}
	if m, err = codec.Load(file); err != nil {
		return c, err
	}
	c.withoutSSE = codec.NewCoder(m)
	return c, nil
}

// laplace returns the ideal code length in bits of an adaptive Laplace distribution around the reference prediction, whose mean
// absolute deviation is the running mean error.
func (c *clip) laplace(d codec.Description) (bits float64) {
	floor := math.Ldexp(1./(1<<18), -c.bits)
	codec.EachRow(d, c.samples, func(row codec.Row) {
		bits -= math.Log2(laplaceBelow(row.Error+row.Half) - laplaceBelow(row.Error-row.Half) + floor)
	})
	return bits
}

// laplaceBelow is the distribution function of the Laplace distribution with scale 1.
func laplaceBelow(x float64) float64 {
	if x < 0 {
		return math.Exp(x) / 2
	}
	return 1 - math.Exp(-x)/2
}

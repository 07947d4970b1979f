package main

import (
	"bytes"
	"fmt"
	"math"
	"regexp"

	"trilobyte/codec"
)

// coders are the default preset, as it is and with a part left out, by way.
type coders struct {
	description codec.Description
	ways        map[int]*codec.Coder
}

// without says what is taken out of the text of a description for each way.
var without = map[int]*regexp.Regexp{
	withoutSSE:     regexp.MustCompile(`true(}$)`),
	withoutTones:   regexp.MustCompile(`,"tonal":{"base":\d+,"stages":\[[^]]*\]}()`),
	withoutRepeats: regexp.MustCompile(`,"repeating":{[^}]*}()`),
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
	c.description, c.ways = m.Description(), map[int]*codec.Coder{whole: codec.NewCoder(m)}
	for way, part := range without {
		rest := "$1"
		if way == withoutSSE {
			rest = "false$1"
		}
		text := part.ReplaceAll(c.description.Text(), []byte(rest))
		if bytes.Equal(text, c.description.Text()) {
			return c, fmt.Errorf("the default preset has nothing like %s", part)
		}
		if c.ways[way], err = described(m, text); err != nil {
			return c, err
		}
	}
	return c, nil
}

// described makes a coder of a model with another description.
func described(m *codec.Model, text []byte) (*codec.Coder, error) {
	d, err := codec.ParseDescription(text)
	if err != nil {
		return nil, err
	}
	file, err := m.With(d)
	if err != nil {
		return nil, err
	}
	if m, err = codec.Load(file); err != nil {
		return nil, err
	}
	return codec.NewCoder(m), nil
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

package network

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// layerCase is a layer and rows of inputs for it.
type layerCase struct {
	inputs, outputs, rows int
	weights               []int8
	bias                  []int32
	shift                 []uint8
	x                     []uint8
}

// plain computes the layer as its definition says.
func (c *layerCase) plain() (bytes []uint8, ints []int32) {
	for r := range c.rows {
		for o := range c.outputs {
			sum := c.bias[o]
			for i := range c.inputs {
				sum += int32(c.weights[o*c.inputs+i]) * int32(c.x[r*c.inputs+i])
			}
			sum >>= c.shift[o]
			ints = append(ints, sum)
			bytes = append(bytes, uint8(max(0, min(255, sum))))
		}
	}
	return bytes, ints
}

// kernel computes it on the path in use, with rubbish in the padding.
func (c *layerCase) kernel(dense bool) (bytes []uint8, ints []int32) {
	l := newAffine(c.inputs, c.outputs, c.weights, c.bias, c.shift)
	l.Dense = dense
	xStride, stride := l.PaddedInputs()+4, l.PaddedOutputs()+16
	x := slices.Repeat([]uint8{99}, c.rows*xStride)
	for r := range c.rows {
		copy(x[r*xStride:], c.x[r*c.inputs:(r+1)*c.inputs])
	}
	paddedBytes, paddedInts := make([]uint8, c.rows*stride), make([]int32, c.rows*stride)
	l.Activate(c.rows, x, xStride, paddedBytes, stride)
	l.Finish(c.rows, x, xStride, paddedInts, stride)
	for r := range c.rows {
		bytes = append(bytes, paddedBytes[r*stride:][:c.outputs]...)
		ints = append(ints, paddedInts[r*stride:][:c.outputs]...)
	}
	return bytes, ints
}

func (c *layerCase) test(t *testing.T) {
	t.Helper()
	bytes, ints := c.plain()
	check := func(t *testing.T) {
		for _, dense := range []bool{false, true} {
			gotBytes, gotInts := c.kernel(dense)
			if !slices.Equal(gotBytes, bytes) || !slices.Equal(gotInts, ints) {
				t.Fatalf("a layer of %d inputs, %d outputs and %d rows, dense %t, differs on %s", c.inputs, c.outputs, c.rows, dense, simd.InUse())
			}
		}
	}
	simdtest.OnGo(t, func() { check(t) })
	simdtest.OnVectorPaths(t, check)
}

func TestLayer(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, inputs := range []int{1, 3, 4, 47, 64, 128, 192, 1024} {
		for _, outputs := range []int{1, 7, 16, 31, 48, 64, 128, 200, 1024} {
			if inputs*outputs > 300000 && testing.Short() {
				continue
			}
			for _, rows := range []int{1, 2, 3, 4, 5, 9} {
				c := randomLayer(r, inputs, outputs, rows)
				c.test(t)
			}
		}
	}
}

func randomLayer(r *rand.Rand, inputs, outputs, rows int) layerCase {
	c := layerCase{inputs: inputs, outputs: outputs, rows: rows}
	for range inputs * outputs {
		c.weights = append(c.weights, int8(r.IntN(256)-128))
	}
	for range outputs {
		c.bias = append(c.bias, int32(r.IntN(1<<20)-1<<19))
		c.shift = append(c.shift, uint8(r.IntN(25)))
	}
	for range rows * inputs {
		c.x = append(c.x, uint8(max(0, r.IntN(511)-255)))
	}
	return c
}

// Rows of which most is zero: a row alone leaves out the weights that belong to zeros.
func TestLayerSparse(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, inputs := range []int{4, 37, 128, 1024} {
		for _, zeros := range []int{2, 10, 1000} { // of one input that is not
			c := randomLayer(r, inputs, 70, 1)
			for i := range c.x {
				if r.IntN(1+zeros) > 0 {
					c.x[i] = 0
				}
			}
			c.test(t)
		}
	}
}

// All weights and inputs at their limits: what saturates in the wrong instruction shows here.
func TestLayerExtremes(t *testing.T) {
	for _, weight := range []int8{-128, 127} {
		for _, shift := range []uint8{0, 7, 24, 31} {
			c := layerCase{inputs: 1024, outputs: 33, rows: 5}
			c.weights = slices.Repeat([]int8{weight}, 1024*33)
			c.bias = slices.Repeat([]int32{-1}, 33)
			c.shift = slices.Repeat([]uint8{shift}, 33)
			c.x = slices.Repeat([]uint8{255}, 5*1024)
			c.test(t)
		}
	}
}

func FuzzLayer(f *testing.F) {
	f.Add(uint64(1), uint16(64), uint16(48), byte(3), int32(-5))
	f.Fuzz(func(t *testing.T, seed uint64, inputs, outputs uint16, rows byte, bias int32) {
		c := randomLayer(rand.New(rand.NewPCG(seed, 0)), 1+int(inputs%200), 1+int(outputs%100), 1+int(rows%8))
		c.bias[0] = bias % (1 << 24)
		c.test(t)
	})
}

// BenchmarkLayer computes one row at a time, as decoders do, and 32 at a time, as encoders do.
func BenchmarkLayer(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, size := range [][2]int{{144, 96}, {80, 64}, {96, 64}, {128, 128}, {256, 256}} {
		for _, rows := range []int{1, 32} {
			c := randomLayer(r, size[0], size[1], rows)
			for i := range c.weights {
				c.weights[i] = int8(max(-127, min(127, 12*r.NormFloat64()*r.ExpFloat64()))) // most are small, as in a trained network
			}
			b.Run(fmt.Sprintf("%dx%d/%d", size[0], size[1], rows), func(b *testing.B) {
				defer simd.Use(simd.InUse())
				for _, p := range simd.Paths() {
					b.Run(string(p), func(b *testing.B) {
						if err := simd.Use(p); err != nil {
							b.Fatal(err)
						}
						l := newAffine(c.inputs, c.outputs, c.weights, c.bias, c.shift)
						to := make([]uint8, rows*l.PaddedOutputs())
						for b.Loop() {
							l.Activate(rows, c.x, c.inputs, to, l.PaddedOutputs())
						}
						b.ReportMetric(float64(b.N*rows)/(b.Elapsed().Seconds()*2*44100), "x_realtime")
					})
				}
			})
		}
	}
}

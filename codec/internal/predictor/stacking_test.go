package predictor

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestStackingIsALeastSquares makes sure that a stacking computes what a group of one least squares does, to the bit.
func TestStackingIsALeastSquares(t *testing.T) {
	for _, ridge := range []float64{5, 0.001, -0.5} { // the last one is not always positive definite
		r := rand.New(rand.NewPCG(3, 3))
		setting := Solution{Memory{0.992, ridge}, 1, 1}
		b := stacking{Memory: setting.Memory}
		f := newGroup(2, 0, make([]regression, 1), make([]float64, 1), []Solution{setting})
		for i := range 3000 {
			scale := math.Exp2(10 * math.Sin(float64(i)/300))
			b.input = [2]float64{scale * r.NormFloat64(), scale * r.NormFloat64()}
			b.predict()
			regress(f.regressions, b.input[:], nil)
			if b.output != f.outputs[0] {
				t.Fatalf("ridge %g, sample %d: the stacking says %g, the least squares %g", ridge, i, b.output, f.outputs[0])
			}
			value := 0.7*b.input[0] - 0.2*b.input[1] + r.NormFloat64()
			weight := r.Float64()
			b.learn(value, weight)
			b.solve()
			solveAll(f.learn(value, []float64{weight}, nil))
		}
	}
}

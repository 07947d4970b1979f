package predictor

import (
	"math"
	"math/rand/v2"
	"testing"

	"trilobyte/codec/internal/simd/simdtest"
)

// tapsOfLanes are the sizes of the filters in the tests of Normalise: 19 of them, so that lanes are left over.
var tapsOfLanes = []int{2048, 1024, 256, 32, 16, 1, 3, 4, 5, 63, 64, 65, 1023, 4095, 255, 96, 48, 16, 700}

// testNormalise tells the filters of errors and inputs, in turns.
func testNormalise(t *testing.T, rate float32, values []float32) {
	run := func() (results []float32) {
		n := newNormalisers(len(tapsOfLanes))
		for i, taps := range tapsOfLanes {
			n.Set(i, taps, rate/float32(1+i))
		}
		for at := 0; at+2*len(tapsOfLanes) <= len(values); at += len(tapsOfLanes) {
			for i := range tapsOfLanes {
				n.Error[i], n.Input[i] = values[at+i], values[at+len(tapsOfLanes)+i]
			}
			n.Normalise()
			for i := range tapsOfLanes {
				results = append(results, n.Step[i], n.Power[i])
			}
		}
		return results
	}
	var want []float32
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare32(t, "Normalise", run(), want) })
}

func TestNormalise(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(10, 10))
			testNormalise(t, 0.05, simdtest.Vector32(r, number, 300*len(tapsOfLanes)))
		})
	}
}

// The power of a lane is what the plainest sum over all inputs gives.
func TestNormaliserPower(t *testing.T) {
	n := newNormalisers(4)
	n.Set(3, 5, 0.5) // levels of 1 and 4 samples
	var level1, level4, flat float64
	for i := range 50 {
		x := float64(i%7 - 3)
		n.Error[3], n.Input[3] = 2, float32(x)
		before := n.Power[3]
		n.Normalise()
		if want := 0.5 * 2 / before; n.Step[3] != want {
			t.Fatalf("sample %d: a step of %v, want %v", i, n.Step[3], want)
		}
		level1, level4, flat = level1/2+x*x, level4*0.8+x*x, flat*0.8+x*x
		if want := level1 + 0.32987698*level4 + 0.5*flat + 1; math.Abs(float64(n.Power[3])/want-1) > 1e-5 {
			t.Fatalf("sample %d: a power of %v, want %v", i, n.Power[3], want)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add(make([]byte, 4*3*19), float32(0.5))
	f.Fuzz(func(t *testing.T, data []byte, rate float32) {
		v := simdtest.Floats32(data)
		testNormalise(t, rate, v)
	})
}

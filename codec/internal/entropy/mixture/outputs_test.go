package mixture

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

func testSetMixture(t *testing.T, outputs *[Outputs]int32, disagreement *[Disagreements]float32, base, scale float64) {
	run := func() []float64 {
		var l Distribution
		l.Set(outputs, disagreement, base, scale)
		return append(append(append([]float64(nil), l.Weight[:]...), l.Centre[:]...), l.InverseScale[:]...)
	}
	var want []float64
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare(t, "Distribution.Set", run(), want) })
}

func TestSetMixture(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(12, 12))
			for range 300 {
				var outputs [Outputs]int32
				for i := range outputs {
					outputs[i] = int32(r.Uint32()) >> r.IntN(32)
				}
				var disagreement [Disagreements]float32
				for i := range r.IntN(Disagreements + 1) {
					disagreement[i] = float32(64 * r.NormFloat64())
				}
				testSetMixture(t, &outputs, &disagreement, number(r), math.Exp2(r.Float64()*40-6))
			}
		})
	}
}

// TestSetMixtureLimits makes sure on every path that outputs beyond their limits are as good as these.
func TestSetMixtureLimits(t *testing.T) {
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		var outputs [Outputs]int32
		outputs[0], outputs[1] = math.MaxInt32, math.MinInt32
		outputs[Components], outputs[Components+1] = 64, math.MinInt32
		outputs[2*Components], outputs[2*Components+1] = math.MaxInt32, -16
		outputs[3*Components+2], outputs[3*Components+Disagreements+15] = 5000, -128
		disagreement := [Disagreements]float32{2: 2, 15: 8}
		var l Distribution
		l.Set(&outputs, &disagreement, 100, 4)
		const most = 1023. / 256
		var want Distribution
		for k := range Components {
			want.Weight[k], want.InverseScale[k], want.Centre[k] = 1, 0.25, 100+4*[...]float64{2 * most, -4}[k%2]
		}
		const largest = 0x1p7 * 1.9152065613971474
		want.Weight[0], want.Weight[1] = largest, 0x1p-8*1.0442737824274138
		want.InverseScale[0], want.InverseScale[1] = 0.25*0x1p-8*1.0442737824274138, 0.5
		want.Centre[0] += 4
		want.Centre[1] -= 4 * 2047. / 64
		want.Total = simd.Fold8(&want.Weight)
		if l != want {
			t.Errorf("on %s: the mixture is %v, want %v", p, l, want)
		}
	}
}

func FuzzSetMixture(f *testing.F) {
	f.Add(make([]byte, 4*(Outputs+Disagreements)), 1.0, 2.0)
	f.Fuzz(func(t *testing.T, data []byte, base, scale float64) {
		if len(data) < 4*(Outputs+Disagreements) {
			return
		}
		next := func() uint32 {
			word := binary.LittleEndian.Uint32(data)
			data = data[4:]
			return word
		}
		var outputs [Outputs]int32
		for i := range outputs {
			outputs[i] = int32(next())
		}
		var disagreement [Disagreements]float32
		for i := range disagreement {
			if v := math.Float32frombits(next()); math.Abs(float64(v)) <= math.MaxFloat32 {
				disagreement[i] = v
			}
		}
		testSetMixture(t, &outputs, &disagreement, base, scale)
	})
}

package repeat

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkSearch looks in noise, which repeats nothing, for what repeats: the least that every recording costs.
func BenchmarkSearch(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	samples := [][]int32{make([]int32, 1<<18)}
	for i := range samples[0] {
		samples[0][i] = int32(1000 * r.NormFloat64())
	}
	for b.Loop() {
		if lags, _, err := Find(b.Context(), samples); err != nil || lags != nil {
			b.Fatalf("found %v (%v)", lags, err)
		}
	}
	b.ReportMetric(float64(len(samples[0]))*float64(b.N)/44100/b.Elapsed().Seconds(), "x_realtime")
}

// BenchmarkWhiten whitens a block.
func BenchmarkWhiten(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	w := newWhitener(stretch)
	for i := range w.samples {
		w.samples[i] = 1000 * r.NormFloat64()
	}
	for b.Loop() {
		w.whiten()
	}
	b.ReportMetric(float64(stretch)*float64(b.N)/44100/b.Elapsed().Seconds(), "x_realtime")
}

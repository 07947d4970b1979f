package backend

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"trilobyte/codec/internal/network"
)

const (
	encodingRows = 512 // of a batch that is encoded with a built-in runner
	// fastEnough is a speed, in rows a second and core, at which the language model takes so little of the time that
	// decoding takes, next to the predictors, that nothing faster is worth looking for.
	fastEnough  = 500_000
	measureTime = 20 * time.Millisecond
)

// speed measures a runner of a model: rows a second when all cores have it compute so many rows at a time. It is the best of some
// measurements, since whatever else runs on the machine makes them worse.
func speed(m *network.Model, r network.Runner, rows int) float64 {
	best := 0.0
	for range 3 {
		best = max(best, speedOnce(m, r, rows))
	}
	return best
}

func speedOnce(m *network.Model, r network.Runner, rows int) float64 {
	var done atomic.Int64
	var all sync.WaitGroup
	start := time.Now()
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			inputs, outputs := measuredRows(m, rows), make([]network.Outputs, rows)
			for first := true; first || time.Since(start) < measureTime; first = false {
				r.Run(inputs, outputs)
				done.Add(int64(rows))
			}
		})
	}
	all.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

// fasterAtOneRow says whether a runner decodes faster than another one. All cores decode a segment each, so that as many
// rows can be computed together.
func fasterAtOneRow(m *network.Model, a, b network.Runner) bool {
	return speed(m, a, 1) > speed(m, b, 1)
}

// measuredRows makes rows that are neither all zero nor all alike.
func measuredRows(m *network.Model, rows int) []uint8 {
	inputs := make([]uint8, rows*m.Inputs())
	for i := range inputs {
		inputs[i] = uint8(128 + i*i%97 - 48)
	}
	return inputs
}

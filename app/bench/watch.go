package bench

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// stopwatch adds up the times between start and stop.
type stopwatch struct {
	started time.Time
	total   time.Duration
}

func (s *stopwatch) start()           { s.started = time.Now() }
func (s *stopwatch) stop()            { s.total += time.Since(s.started) }
func (s *stopwatch) seconds() float64 { return s.total.Seconds() }

// watchInterval is how often memory is looked at.
const watchInterval = time.Millisecond

// watchPeak calls size again and again on a goroutine of its own until the
// function that it returns is called, which returns the largest result.
func watchPeak(size func() int64) (stop func() int64) {
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		most := size()
		ticker := time.NewTicker(watchInterval)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				most = max(most, size())
			case <-done:
				peak <- most
				return
			}
		}
	}()
	return func() int64 {
		close(done)
		return <-peak
	}
}

// watchHeap returns a function that returns by how much the heap has grown at
// most in between, garbage that has not been collected yet included.
func watchHeap() (stop func() int64) {
	runtime.GC()
	before := heap()
	peak := watchPeak(heap)
	return func() int64 { return max(peak(), heap()) - before }
}

// heap is how many bytes the objects on the heap have.
func heap() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return int64(sample[0].Value.Uint64())
}

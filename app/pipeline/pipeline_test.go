package pipeline_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"trilobyte/app/pipeline"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// numbers yields tasks that return 0 to n-1.
func numbers(n int, run func(i int)) func(yield func(func(context.Context) int) error) error {
	return func(yield func(func(context.Context) int) error) error {
		for i := range n {
			if err := yield(func(context.Context) int { run(i); return i }); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestResultsComeInTheOrderOfTheTasks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "tasks")
		workers := rapid.IntRange(0, 9).Draw(t, "workers")
		ahead := rapid.IntRange(0, 30).Draw(t, "ahead")
		yields := rapid.SliceOfN(rapid.IntRange(0, 20), n, n).Draw(t, "scheduling")
		next := 0
		err := pipeline.Ordered(context.Background(), workers, ahead, nil, numbers(n, func(i int) {
			for range yields[i] {
				runtime.Gosched()
			}
		}), func(i int) error {
			if i != next {
				t.Fatalf("result %d came as number %d", i, next)
			}
			next++
			return nil
		})
		if err != nil || next != n {
			t.Fatalf("%d of %d results, error %v", next, n, err)
		}
	})
}

func TestAtMostSoManyAreInFlight(t *testing.T) {
	const workers, ahead = 3, 7
	var begun, consumed, most atomic.Int64
	produce := func(yield func(func(context.Context) int) error) error {
		for range 100 {
			if err := yield(func(context.Context) int { return 0 }); err != nil {
				return err
			}
			most.Store(max(most.Load(), begun.Add(1)-consumed.Load()))
		}
		return nil
	}
	err := pipeline.Ordered(context.Background(), workers, ahead, nil, produce, func(int) error {
		time.Sleep(time.Millisecond) // the slow consumer is what lets work pile up
		consumed.Add(1)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// One more: consumed counts after the next task could begin.
	if got := most.Load(); got > ahead+1 {
		t.Errorf("%d tasks were in flight, want at most %d", got, ahead+1)
	}
}

func TestAllWorkersRunAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		err := pipeline.Ordered(context.Background(), 4, 8, nil, numbers(8, func(int) { time.Sleep(time.Second) }), func(int) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		if took := time.Since(start); took != 2*time.Second {
			t.Errorf("8 tasks of 1 s on 4 workers took %v, want 2s", took)
		}
	})
}

func TestErrorsStopEverything(t *testing.T) {
	failure := errors.New("failure")
	t.Run("of the consumer", func(t *testing.T) {
		var ran atomic.Int64
		err := pipeline.Ordered(context.Background(), 2, 4, nil, numbers(1000, func(int) { ran.Add(1) }), func(i int) error {
			if i == 3 {
				return failure
			}
			return nil
		})
		if !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
		if ran.Load() > 20 {
			t.Errorf("%d tasks ran after the consumer had failed at the fourth", ran.Load())
		}
	})
	t.Run("of the producer", func(t *testing.T) {
		err := pipeline.Ordered(context.Background(), 2, 4, nil, func(yield func(func(context.Context) int) error) error {
			if err := yield(func(context.Context) int { return 1 }); err != nil {
				return err
			}
			return failure
		}, func(int) error { return nil })
		if !errors.Is(err, failure) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("of the context, with all results there", func(t *testing.T) {
		for range 100 {
			ctx, cancel := context.WithCancel(context.Background())
			var ran, consumed atomic.Int64
			err := pipeline.Ordered(ctx, 2, 4, nil, numbers(3, func(int) { ran.Add(1) }), func(int) error {
				for ran.Load() < 3 {
					runtime.Gosched()
				}
				consumed.Add(1)
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) || consumed.Load() != 1 {
				t.Fatalf("%d results were consumed after it was cancelled, error %v", consumed.Load()-1, err)
			}
		}
	})
	t.Run("of the context", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		err := pipeline.Ordered(ctx, 2, 4, nil, func(yield func(func(context.Context) int) error) error {
			for {
				err := yield(func(ctx context.Context) int { <-ctx.Done(); return 0 })
				if err != nil {
					return err
				}
				cancel()
			}
		}, func(int) error { return nil })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
}

// TestEachWorkerEntersOnce counts how often the goroutines that do tasks enter.
func TestEachWorkerEntersOnce(t *testing.T) {
	var entered, early atomic.Int32
	err := pipeline.Ordered(context.Background(), 3, 6, func() { entered.Add(1) }, numbers(50, func(int) {
		if entered.Load() == 0 {
			early.Add(1)
		}
	}), func(int) error { return nil })
	if err != nil || entered.Load() != 3 || early.Load() > 0 {
		t.Errorf("%d of 3 have entered, %d tasks were done before, %v", entered.Load(), early.Load(), err)
	}
}

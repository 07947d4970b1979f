package cuda_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/cudatest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// invert is a kernel: the output is the input with all bits inverted, and a byte of the tables.
func invert(_ string, tables, input, output []byte) {
	for i := range segmentBytes {
		output[i] = ^input[i]
	}
	output[segmentBytes] = tables[0]
}

const segmentBytes = 1000

var program = &cuda.Program{
	Forms:  []cuda.Form{{PTX: []byte("PTX"), Entry: "invert", Threads: 32}},
	Tables: []byte{42},
}

func init() { program.Check = passed }

// request returns the request of segment i, which takes so many samples, and what it will have got.
func request(i, samples int) (r *cuda.Request, got *int) {
	got = new(int)
	input := make([]byte, segmentBytes)
	for k := range input {
		input[k] = byte(i)
	}
	input[cudatest.StopAt] = 0
	return &cuda.Request{
		Program: program, Samples: samples, Steps: samples, Input: input, Stop: cudatest.StopAt, Output: segmentBytes + 1, Scratch: 300,
		Take: func(output []byte) error {
			for k, b := range output[:segmentBytes] {
				if b != ^byte(i) && k != cudatest.StopAt {
					return errors.New("wrong")
				}
			}
			*got++
			return nil
		},
	}, got
}

// passed is a check of a GPU.
func passed(do func(*cuda.Request) error) error {
	r, _ := request(7, 100)
	return do(r)
}

// coded is what became of segments.
type coded struct {
	onGPU, onCores int
	warnings       []string
}

// code codes so many segments, of 20,000 samples each, on a core in so much time, and on GPUs. The time is not that of this machine,
// which may be slow: it goes on when all wait.
func code(t *testing.T, driver *cudatest.Driver, segments int, onCore time.Duration) (c coded) {
	synctest.Test(t, func(t *testing.T) { c = codeInBubble(t, driver, segments, onCore) })
	return c
}

func codeInBubble(t *testing.T, driver *cudatest.Driver, segments int, onCore time.Duration) coded {
	var mu sync.Mutex
	var c coded
	q := cuda.NewQueue(2, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		c.warnings = append(c.warnings, err.Error())
	})
	for i := range driver.Cards {
		q.Add(cuda.NewDevice(driver, i, program))
	}
	var all sync.WaitGroup
	last := q.Expect()
	defer time.AfterFunc(onCore, last).Stop()
	for i := range segments {
		all.Go(func() {
			r, got := request(i, 20_000)
			onGPU, release, err := q.Do(context.Background(), "coding", 20_000, r)
			if err != nil {
				t.Error(err)
				return
			}
			if !onGPU {
				time.Sleep(onCore)
				release()
			}
			mu.Lock()
			defer mu.Unlock()
			if onGPU {
				c.onGPU++
			} else {
				c.onCores++
			}
			if onGPU && *got != 1 {
				t.Errorf("segment %d was coded %d times", i, *got)
			}
		})
	}
	all.Wait()
	q.Close()
	if c.onGPU+c.onCores != segments {
		t.Errorf("%d segments were coded on GPUs and %d on cores, of %d", c.onGPU, c.onCores, segments)
	}
	return c
}

func TestQueue(t *testing.T) {
	driver := cudatest.New(4, 10, 1<<20, invert)
	for _, card := range driver.Cards {
		card.Takes(20 * time.Millisecond)
	}
	c := code(t, driver, 300, 50*time.Millisecond)
	if c.onGPU < 200 || c.onCores == 0 || len(c.warnings) > 0 {
		t.Errorf("%d segments were coded on GPUs, %d on cores, and it warns %q", c.onGPU, c.onCores, c.warnings)
	}
	for _, card := range driver.Cards {
		if card.Coded() < 20 || card.Left() != 0 {
			t.Errorf("%s has coded %d segments, and keeps %d bytes", card.Is.Name, card.Coded(), card.Left())
		}
	}
}

// TestFaults has GPUs fail: one clear line for each, and all segments are coded.
func TestFaults(t *testing.T) {
	const cards = 4
	outOfMemory := &cuda.Error{Call: "cuMemAlloc", Code: 2, Name: "CUDA_ERROR_OUT_OF_MEMORY"}
	after := func(n int, call string, err error) func(string, int) error {
		return func(name string, calls int) error {
			if name == call && calls >= n {
				return err
			}
			return nil
		}
	}
	cases := map[string]struct {
		break_ func(*cudatest.Card)
		says   string
		some   bool // it has coded something before
	}{
		"not there":  {func(c *cudatest.Card) { c.Fail = after(0, "Open", cudatest.Lost) }, "CUDA_ERROR_UNKNOWN", false},
		"no context": {func(c *cudatest.Card) { c.Fail = after(0, "Bind", outOfMemory) }, "OUT_OF_MEMORY", false},
		"bad PTX": {func(c *cudatest.Card) {
			c.Fail = after(0, "Load", &cuda.Error{Call: "cuModuleLoadData", Code: 218, Name: "CUDA_ERROR_INVALID_PTX"})
		}, "INVALID_PTX", false},
		"old card":  {func(c *cudatest.Card) { c.Is.Major, c.Is.Minor = 7, 5 }, "capability is 7.5", false},
		"no memory": {func(c *cudatest.Card) { c.Fail = after(0, "Allocate", outOfMemory) }, "OUT_OF_MEMORY", false},
		"no launch": {func(c *cudatest.Card) {
			c.Fail = after(5, "Launch", &cuda.Error{Call: "cuLaunchKernel", Code: 719, Name: "CUDA_ERROR_LAUNCH_FAILED"})
		}, "LAUNCH_FAILED", true},
		"failing kernel": {func(c *cudatest.Card) {
			c.Fail = after(100, "Done", &cuda.Error{Call: "cuStreamQuery", Code: 700, Name: "CUDA_ERROR_ILLEGAL_ADDRESS"})
		}, "ILLEGAL_ADDRESS", true},
		"no results": {func(c *cudatest.Card) { c.Fail = after(5, "Download", cudatest.Lost) }, "UNKNOWN", true},
		"no memory for some": {func(c *cudatest.Card) {
			n := 0
			c.Fail = func(name string, _ int) error {
				if name != "Allocate" {
					return nil
				}
				if n++; n > 3 && n < 7 {
					return outOfMemory
				}
				return nil
			}
		}, "", true},
		"no memory any more": {func(c *cudatest.Card) { c.Fail = after(4, "Allocate", outOfMemory) }, "OUT_OF_MEMORY", true},
		"unplugged": {func(c *cudatest.Card) {
			lost := false
			c.Fail = func(name string, calls int) error {
				if lost = lost || name == "Wait" && calls >= 25; lost {
					return cudatest.Lost
				}
				return nil
			}
		}, "UNKNOWN", true},
	}
	for name, f := range cases {
		t.Run(name, func(t *testing.T) {
			driver := cudatest.New(cards, 8, 1<<20, invert)
			for _, card := range driver.Cards {
				card.Takes(20 * time.Millisecond)
			}
			f.break_(driver.Cards[0])
			c := code(t, driver, 120, 40*time.Millisecond)
			if f.says == "" && len(c.warnings) > 0 || f.says != "" && (len(c.warnings) != 1 || !strings.Contains(c.warnings[0], f.says) ||
				!strings.HasPrefix(c.warnings[0], "cuda:0 ") || !strings.HasSuffix(c.warnings[0], "the processor takes over") || strings.Contains(c.warnings[0], "\n")) {
				t.Errorf("it warns %q", c.warnings)
			}
			if coded := driver.Cards[0].Coded() > 1; coded != f.some {
				t.Errorf("it has coded %d segments", driver.Cards[0].Coded())
			}
			if driver.Cards[1].Coded() < 10 {
				t.Errorf("the other GPU has coded %d segments", driver.Cards[1].Coded())
			}
		})
	}
}

// TestNonsense has GPUs compute what is wrong, from the beginning or later.
func TestNonsense(t *testing.T) {
	for _, good := range []int{0, 10} {
		t.Run(fmt.Sprint(good), func(t *testing.T) {
			var mu sync.Mutex
			n := 0
			driver := cudatest.New(1, 8, 1<<20, func(entry string, tables, input, output []byte) {
				invert(entry, tables, input, output)
				mu.Lock()
				defer mu.Unlock()
				if n++; n > good {
					output[500]++
				}
			})
			c := code(t, driver, 60, time.Millisecond)
			if len(c.warnings) != 1 || !strings.Contains(c.warnings[0], "nonsense") || c.onGPU > good {
				t.Errorf("%d segments were coded on the GPU, and it warns %q", c.onGPU, c.warnings)
			}
		})
	}
}

// TestOldDriver has a driver that is too old.
func TestOldDriver(t *testing.T) {
	driver := cudatest.New(1, 8, 1<<20, invert)
	driver.CUDA = 11080
	c := code(t, driver, 5, time.Millisecond)
	if len(c.warnings) != 1 || !strings.Contains(c.warnings[0], "CUDA 11.8") {
		t.Errorf("it warns %q", c.warnings)
	}
}

// TestCancelling leaves segments alone that wait, or are in work.
func TestCancelling(t *testing.T) {
	synctest.Test(t, cancelling)
}

func cancelling(t *testing.T) {
	driver := cudatest.New(1, 8, 1<<20, invert)
	q := cuda.NewQueue(1, func(err error) { t.Error(err) })
	q.Add(cuda.NewDevice(driver, 0, program))
	for q.Working() == nil {
		time.Sleep(time.Millisecond)
	}
	driver.Cards[0].Takes(time.Minute)
	launches := driver.Cards[0].Count("Launch")
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			r, _ := request(i, 2_000_000)
			_, release, err := q.Do(ctx, "coding", 2_000_000, r)
			if err == nil && release != nil {
				<-ctx.Done()
				release()
			} else if !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	for driver.Cards[0].Count("Launch") < launches+3 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	all.Wait()
	begin := time.Now()
	q.Close()
	if took := time.Since(begin); took > 10*time.Second { // a launch would take a minute
		t.Errorf("it took %s to end", took)
	}
}

// TestBound has only as much of a GPU's memory used as is there, and segments that do not fit coded by cores.
func TestBound(t *testing.T) {
	driver := cudatest.New(1, 8, 20_000, invert) // room for some segments, of 3 x 1,024 bytes
	driver.Cards[0].Takes(10 * time.Millisecond)
	c := code(t, driver, 60, 20*time.Millisecond)
	if len(c.warnings) > 0 || c.onGPU == 0 {
		t.Errorf("%d segments were coded on the GPU, and it warns %q", c.onGPU, c.warnings)
	}
	driver = cudatest.New(1, 8, 7_000, invert) // room for one at a time
	if c := code(t, driver, 60, time.Millisecond); len(c.warnings) > 0 {
		t.Errorf("it warns %q", c.warnings)
	}
}

// together is how long 16 cores take for some segments with so many GPUs, which code so many at a time. That there are no more is known after a while.
func together(t *testing.T, gpus, blocks, segments int, onCore, onGPU, reading time.Duration) time.Duration {
	driver := cudatest.New(gpus, blocks, 1<<30, invert)
	q := cuda.NewQueue(16, func(err error) { t.Error(err) })
	defer q.Close()
	for i := range gpus {
		q.Add(cuda.NewDevice(driver, i, program))
	}
	for len(q.Working()) < gpus {
		time.Sleep(time.Millisecond)
	}
	for _, card := range driver.Cards {
		card.Takes(onGPU)
	}
	begin, last := time.Now(), q.Expect()
	var all sync.WaitGroup
	for i := range segments {
		all.Go(func() {
			r, got := request(i, 16_540)
			coded, release, err := q.Do(context.Background(), "coding", 16_540, r)
			switch {
			case err != nil:
				t.Error(err)
			case coded && *got != 1:
				t.Errorf("segment %d was not coded as it should be", i)
			case !coded:
				time.Sleep(onCore)
				release()
			}
		})
	}
	time.Sleep(reading)
	last()
	all.Wait()
	return time.Since(begin)
}

// TestTogether has 16 cores, and a GPU that takes as long for 132 segments as seven of theirs take one after the other, code 288: both
// together take little more than half of the time that the cores alone do, because neither keeps the other waiting at the end.
func TestTogether(t *testing.T) {
	var took [2]time.Duration
	for gpus := range took {
		synctest.Test(t, func(t *testing.T) {
			took[gpus] = together(t, gpus, 132, 288, 44*time.Millisecond, 300*time.Millisecond, 0)
		})
	}
	if took[1] > took[0]*8/10 {
		t.Errorf("cores take %s alone, and %s with a GPU", took[0], took[1])
	}
}

// TestHelp has a GPU take all segments of a job at once, of which it codes 264 at a time: the cores, which have done those that they got at first
// long before, code those that it would have coded last.
func TestHelp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := together(t, 1, 264, 400, 35*time.Millisecond, 170*time.Millisecond, 10*time.Millisecond)
		if took > 325*time.Millisecond { // 342 if they waited for the GPU
			t.Errorf("it takes %s", took)
		}
	})
}

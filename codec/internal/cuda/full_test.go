package cuda_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/cudatest"
)

// machine is one to be pretended, with a GPU that codes so many segments at a time. Speeds are samples a second, of segments without tones.
type machine struct {
	cores, blocks int
	core, block   float64
	tones         bool // a third of the segments have some, and take longer; and a few files are in segments four times as long
	resting       bool // the cores code nothing
	limited       bool // the GPU draws a screen
}

// possible is how many samples a second it codes if nothing ever waits.
func (m machine) possible() float64 {
	if m.resting {
		return float64(m.blocks) * m.block
	}
	return float64(m.blocks)*m.block + float64(m.cores)*m.core
}

// seconds is how long so many samples take.
func seconds(samples int, speed float64) time.Duration {
	return time.Duration(float64(samples) / speed * float64(time.Second))
}

// code returns how many samples a second are coded of so many files, each in segments of a length of its own; those with tones count as longer by as
// much as they take longer. As in a job, some are looked into beforehand, and what comes of them is taken in their order, at most four times as many ahead.
func (m machine) code(t *testing.T, files int) float64 {
	driver := cudatest.New(1, m.blocks, 1<<30, invert)
	q := cuda.NewQueue(m.cores, func(err error) { t.Error(err) })
	defer q.Close()
	if m.resting {
		q.Rest()
	}
	driver.Cards[0].Is.Limited = m.limited
	p := twoForms()
	q.Add(cuda.NewDevice(driver, 0, p))
	for q.Working() == nil {
		time.Sleep(time.Millisecond)
	}
	driver.Cards[0].Time = func(input []byte, steps int) time.Duration {
		work := int(binary.LittleEndian.Uint32(input))
		if steps > 0 {
			work = min(work, steps)
		}
		return seconds(work, m.block)
	}
	const before, after = 60 * time.Millisecond, 30 * time.Millisecond // beside coding
	begin, last := time.Now(), q.Expect()
	random := rand.New(rand.NewPCG(1, 2))
	workers := 2*m.cores + cuda.Held(m.blocks) + m.blocks/2
	var all sync.WaitGroup
	free, inOrder := make(chan struct{}, workers), make(chan chan struct{}, 4*workers-1)
	all.Go(func() {
		for done := range inOrder {
			<-done
		}
	})
	worked := 0
	for file := range files {
		length, segments := 80_000+random.IntN(77_000), 8*(2+random.IntN(4))
		if m.tones && file%20 == 10 && file < files/2 {
			length, segments = 4*length, segments/4
		}
		for range segments {
			work := length
			if m.tones && random.IntN(3) == 0 {
				work += work * 2 / 3
			}
			worked += work
			done := make(chan struct{})
			inOrder <- done
			free <- struct{}{}
			all.Go(func() {
				defer close(done)
				defer func() { <-free }()
				time.Sleep(before)
				m.codeOne(t, q, p, length, work)
				time.Sleep(after)
			})
		}
	}
	last()
	close(inOrder)
	all.Wait()
	return float64(worked) / time.Since(begin).Seconds()
}

func (m machine) codeOne(t *testing.T, q *cuda.Queue, p *cuda.Program, samples, work int) {
	r, _ := request(0, samples)
	r.Program = p
	r.Take = func([]byte) error { return nil }
	binary.LittleEndian.PutUint32(r.Input, uint32(work))
	coded, release, err := q.Do(context.Background(), "coding", samples, r)
	if err != nil {
		t.Error(err)
	} else if !coded {
		time.Sleep(seconds(work, m.core))
		release()
	}
}

// TestFull has a job keep a GPU, and the cores beside it, busy, in a time that is not that of the machine: with segments a fifth as long as those of
// a job, so that it is over soon.
func TestFull(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes seconds with the race detector")
	}
	for name, m := range map[string]machine{
		"a GPU":               {cores: 16, blocks: 264, core: 300_000, block: 75_000, resting: true},
		"with tones":          {cores: 16, blocks: 264, core: 300_000, block: 75_000, tones: true, resting: true},
		"one with a screen":   {cores: 8, blocks: 92, core: 300_000, block: 50_000, resting: true, limited: true},
		"a GPU and few cores": {cores: 4, blocks: 264, core: 150_000, block: 75_000},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rate := m.code(t, m.blocks/4)
				t.Logf("%.0f%% of what is possible", 100*rate/m.possible())
				if rate < 0.82*m.possible() { // 0.78 of the GPU alone if it took the newest first
					t.Errorf("%.0f samples a second, of %.0f", rate, m.possible())
				}
			})
		})
	}
}

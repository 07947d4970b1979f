package backend

import (
	"context"
	"fmt"
	"sync"
	"time"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
)

// GPU is what is known of an NVIDIA GPU.
type GPU struct {
	Device string // as the command line calls it: cuda:0
	Name   string
	Memory int64  // bytes
	CUDA   string // what its driver is for, as in "13.0"
	Err    error  // why it cannot be used; nil if it passes the known-answer test
	// Decoding and Encoding are samples a second, of as many segments as it has room for.
	Decoding, Encoding float64
}

// lookAtGPUs tests and measures all GPUs with a model. The error says why there are none.
func lookAtGPUs(ctx context.Context, m *network.Model, load func() (cuda.Driver, error)) ([]GPU, error) {
	driver, version, n, err := count(load)
	if err != nil {
		return nil, err
	}
	k, err := kernel.New(m)
	if err != nil {
		return nil, err
	}
	programs := segment.NewPrograms(m, k)
	var list []GPU
	for i := range n {
		g := GPU{Device: fmt.Sprintf("cuda:%d", i), CUDA: fmt.Sprintf("%d.%d", version/1000, version%1000/10)}
		card, err := driver.Open(i)
		if err == nil {
			p := card.Properties()
			g.Name, g.Memory = p.Name, p.Memory
			if err = cuda.Usable(version, p); err == nil {
				err = g.measure(ctx, m, programs, cuda.NewDevice(driver, i, programs.Decoding, programs.Encoding), programs.Decoding.Together(p))
			}
		}
		g.Err = err
		list = append(list, g)
	}
	return list, ctx.Err()
}

// measuredFrames is how long the segments are with which a GPU is measured.
const measuredFrames = 1 << 13

// measure has a GPU code so many segments at a time.
func (g *GPU) measure(ctx context.Context, m *network.Model, programs *segment.Programs, d *cuda.Device, segments int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q := cuda.NewQueue(1, func(err error) { cancel(err) })
	defer q.Close()
	q.Rest()
	defer q.Expect()()
	q.Add(d)
	c := segment.New(m)
	c.Share(func() *cuda.Queue { return q }, func() *segment.Programs { return programs })
	samples := segment.KnownSound(2, measuredFrames, 16, 1)
	data, err := c.Encode(ctx, samples, 16, nil) // when the GPU is open
	if err != nil {
		return context.Cause(ctx)
	}
	rate := func(do func() error) float64 {
		begin := time.Now()
		var all sync.WaitGroup
		for range segments {
			all.Go(func() {
				if err := do(); err != nil {
					cancel(err)
				}
			})
		}
		all.Wait()
		return float64(segments*2*measuredFrames) / time.Since(begin).Seconds()
	}
	g.Decoding = rate(func() error {
		_, err := c.Decode(ctx, data, 2, measuredFrames, 16, nil)
		return err
	})
	g.Encoding = rate(func() error {
		_, err := c.Encode(ctx, samples, 16, nil)
		return err
	})
	return context.Cause(ctx)
}

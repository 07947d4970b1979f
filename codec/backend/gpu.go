package backend

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"trilobyte/codec"
	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/internal/simd"
)

// ErrNoDriver is wrapped by errors that say that there is no driver of NVIDIA's.
var ErrNoDriver = cuda.ErrNoDriver

// ErrNotBuilt is wrapped, and wraps ErrNoDriver, where this build of the program cannot use NVIDIA's GPUs.
var ErrNotBuilt = cuda.ErrNotBuilt

const (
	// alone is an environment variable: if it is set, cores code only what no GPU does.
	alone = "TRILOBYTE_GPU_ALONE"
	// assumedMemory is how much memory is free where the system does not tell.
	assumedMemory = 4 << 30
	// taskMemory is how much of it a segment takes, with its file's bytes and what becomes of them.
	taskMemory = 32 << 20
	// startTime and segmentTime are about how many seconds a GPU takes until it begins, and for a segment.
	startTime, segmentTime = 2, 17
)

// gpus are the GPUs that code segments of the jobs in work.
type gpus struct {
	choice  Choice
	purpose Purpose
	warn    func(error)
	load    func() (cuda.Driver, error)

	without  sync.Once // it is said that there are none
	mu       sync.Mutex
	users    int // jobs in work
	queue    atomic.Pointer[cuda.Queue]
	programs map[[32]byte]func() *segment.Programs // by model; they are nil if no GPU can code with it
}

// newGPUs returns the GPUs for a choice. Nothing is loaded before a job begins.
func newGPUs(c Choice, p Purpose, warn func(error)) *gpus {
	return &gpus{choice: c, purpose: p, warn: warn, load: cuda.Load, programs: map[[32]byte]func() *segment.Programs{}}
}

// know has GPUs code for the coder of a model, too.
func (g *gpus) know(c *codec.Coder, m *network.Model) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.programs[m.ID()]
	if p == nil {
		p = sync.OnceValue(func() *segment.Programs {
			k, err := kernel.New(m)
			if err != nil || len(k.Launches(false)) == 0 {
				return nil
			}
			return segment.NewPrograms(m, k)
		})
		g.programs[m.ID()] = p
	}
	c.Share(g.queue.Load, p)
}

// Crew is who codes the segments of a job.
type Crew struct {
	size  int
	gpus  *gpus
	queue *cuda.Queue // nil without GPUs
	last  func()
}

// Size is how many of the job's tasks are to be in work at the same time, so that nobody waits for one: what GPUs hold, and half as many again as they
// work on, since tasks need cores before and after they wait for a GPU, many at the same time.
func (c *Crew) Size() int { return c.size }

// Begin begins a job, over so many bytes of files, which has so many cores. The GPUs of the user's choice help with it; without one, all
// that there are, if there is so much to do that they pay. What is wrong with them is told to the function that New got.
func (b *Backends) Begin(bytes int64, cores int) *Crew {
	c := &Crew{size: cores, gpus: b.gpus}
	if g := b.gpus; g.choice.wantsCUDA() || g.choice.mayUseCUDA() && pays(bytes, cores) {
		if err := g.begin(c, cores); err != nil && g.choice.wantsCUDA() {
			g.without.Do(func() { g.warn(fmt.Errorf("%w; the processor takes over", err)) })
		}
	}
	return c
}

// pays says whether a GPU pays for a job, as far as that can be told before: whether the cores would be at work much longer than it takes
// for the first segment.
func pays(bytes int64, cores int) bool {
	perCore := 300_000. // samples a second
	switch simd.InUse() {
	case simd.Go:
		perCore = 30_000
	case simd.AVX2:
		perCore = 200_000
	}
	const bytesPerSample = 2
	return float64(bytes)/bytesPerSample/perCore/float64(cores) > 2*(startTime+segmentTime)
}

// begin gives a job the queue. The error says why there are no GPUs.
func (g *gpus) begin(c *Crew, cores int) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	devices, err := g.devices()
	if err != nil {
		return err
	}
	programs := g.first()
	if len(programs) == 0 {
		return errors.New("GPUs cannot code with this model")
	}
	q, blocks := g.queue.Load(), 0
	if q == nil {
		q = cuda.NewQueue(cores, g.warn)
		if os.Getenv(alone) != "" {
			q.Rest()
		}
		for _, d := range devices {
			q.Add(cuda.NewDevice(d.driver, d.ordinal, programs...))
		}
		g.queue.Store(q)
	}
	for _, d := range devices {
		most := 0
		for _, p := range programs {
			most = max(most, p.Together(d.Properties))
		}
		blocks += most
	}
	g.users++
	c.queue, c.last = q, sync.OnceFunc(q.Expect())
	c.size = int(min(int64(2*cores+cuda.Held(blocks)+blocks/2), max(int64(cores), freeMemory()/2/taskMemory)))
	return nil
}

// first returns the programs that GPUs are opened with.
func (g *gpus) first() (list []*cuda.Program) {
	for _, programs := range g.programs {
		p := programs()
		if p == nil {
			continue
		}
		if list = append(list, p.Decoding); g.purpose == Encoding {
			list = append(list, p.Encoding)
		}
	}
	return list
}

// Ahead is how many tasks may be begun, with those in work, before the result of the oldest one is taken. What has become of a segment takes a fraction of
// the memory of one in work. A long segment takes a core ten seconds, and most others of a folder one; a GPU, on which it takes half a minute, codes hundreds
// of others meanwhile, but has begun many as well. The header of a file is a task, too.
func (c *Crew) Ahead() int {
	if c.queue != nil {
		return 4 * c.size
	}
	return 16 * c.size
}

// Last says that the job has no more tasks than those that are in work.
func (c *Crew) Last() {
	if c.queue != nil {
		c.last()
	}
}

// End ends the job, once none of its tasks is in work. GPUs that no other job has are given back.
func (c *Crew) End() {
	if c.queue == nil {
		return
	}
	c.last()
	c.gpus.mu.Lock()
	defer c.gpus.mu.Unlock()
	if c.gpus.users--; c.gpus.users == 0 {
		c.gpus.queue.Store(nil)
		c.queue.Close()
	}
}

// gpu is a GPU that the user may use.
type gpu struct {
	driver  cuda.Driver
	ordinal int
	cuda.Properties
}

// count loads the driver, and asks it for its version and how many GPUs there are.
func count(load func() (cuda.Driver, error)) (driver cuda.Driver, version, n int, err error) {
	if driver, err = load(); err != nil {
		return nil, 0, 0, err
	}
	if version, err = driver.Version(); err != nil {
		return nil, 0, 0, err
	}
	n, err = driver.Devices()
	return driver, version, n, err
}

// devices returns the GPUs of the user's choice, or all that can be used. There is at least one.
func (g *gpus) devices() (all []gpu, err error) {
	driver, version, n, err := count(g.load)
	if err != nil {
		return nil, err
	}
	chosen := g.choice.cudaDevices()
	for _, i := range chosen {
		if i >= n {
			return nil, fmt.Errorf("there is no cuda:%d: NVIDIA's driver counts %d GPUs, from cuda:0", i, n)
		}
	}
	err = errors.New("NVIDIA's driver knows no GPU here")
	for i := range n {
		if len(chosen) > 0 && !slices.Contains(chosen, i) {
			continue
		}
		card, failure := driver.Open(i)
		if failure == nil {
			failure = cuda.Usable(version, card.Properties())
		}
		if failure != nil {
			err = fmt.Errorf("cuda:%d cannot be used: %w", i, failure)
			continue
		}
		all = append(all, gpu{driver, i, card.Properties()})
	}
	if len(all) == 0 {
		return nil, err
	}
	return all, nil
}

// wantsCUDA says whether the user has asked for GPUs that code whole segments.
func (c Choice) wantsCUDA() bool { return c.Backend == CUDA || len(c.cudaDevices()) > 0 }

// mayUseCUDA says whether the user leaves the choice to the program.
func (c Choice) mayUseCUDA() bool { return (c.Backend == "" || c.Backend == Auto) && c.Device == "" }

// cudaDevices returns the numbers in "cuda:0,cuda:1", if that is the choice, unless it is one for ONNX Runtime.
func (c Choice) cudaDevices() (list []int) {
	if c.Backend == ONNX {
		return nil
	}
	for name := range strings.SplitSeq(c.Device, ",") {
		number, ok := strings.CutPrefix(name, "cuda:")
		i, err := strconv.ParseUint(number, 10, 8)
		if !ok || err != nil {
			return nil
		}
		list = append(list, int(i))
	}
	return list
}

// Distrust has no GPU code anything more for the jobs in work: what one has computed was wrong.
func (b *Backends) Distrust() {
	if q := b.gpus.queue.Load(); q != nil {
		q.Distrust()
	}
}

// Using says who codes the segments of jobs now: so many GPUs, and so many cores beside them. Without GPUs it is 0 and 0.
func (b *Backends) Using() (gpus, cores int) {
	q := b.gpus.queue.Load()
	if q == nil {
		return 0, 0
	}
	if gpus = len(q.Working()); gpus > 0 {
		cores = q.Cores()
	}
	return gpus, cores
}

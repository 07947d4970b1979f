package segment

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/cudatest"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
)

// pretended lays out segments as numbers, under which a GPU that is not there finds them. It does not take those of so many channels.
type pretended struct {
	coder    *Coder
	refuse   int
	mu       sync.Mutex
	segments map[uint64]*kernel.Segment
	spoil    atomic.Int64 // after so many segments, results are wrong
}

func (p *pretended) programs(m *network.Model) *Programs {
	return newPrograms(m, p.lay, p.launches, []byte("tables"))
}

func (*pretended) launches(encode bool) []kernel.Launch {
	if encode {
		return []kernel.Launch{{PTX: []byte("PTX"), Entry: "encode"}}
	}
	return []kernel.Launch{{PTX: []byte("PTX"), Entry: "decode"}}
}

func (p *pretended) lay(s *kernel.Segment) (*laid, error) {
	if len(s.Groups[0].Tracks)+len(s.Groups) > p.refuse {
		return nil, errors.New("too many channels")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	id := uint64(len(p.segments))
	p.segments[id] = s
	return &laid{
		kernel.Request{Input: append(binary.LittleEndian.AppendUint64(nil, id), make([]byte, 8)...), Output: 100_000, Scratch: 10},
		func(output []byte) (results []kernel.TrackResult, err error) {
			err = gob.NewDecoder(bytes.NewReader(output)).Decode(&results)
			return results, err
		},
	}, nil
}

// run is the GPU's kernel: it computes with the processor.
func (p *pretended) run(_ string, _, input, output []byte) {
	p.mu.Lock()
	s := p.segments[binary.LittleEndian.Uint64(input)]
	p.mu.Unlock()
	results := p.compute(s)
	if p.spoil.Add(-1) < 0 {
		for i := range results {
			results[i].Steps, results[i].Stream = slices.Clone(results[i].Steps), slices.Clone(results[i].Stream)
			for k := range results[i].Steps {
				results[i].Steps[k] ^= 1
			}
			for k := range results[i].Stream {
				results[i].Stream[k] ^= 1
			}
		}
	}
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(results); err != nil {
		panic(err)
	}
	copy(output, b.Bytes())
}

func (p *pretended) compute(s *kernel.Segment) (results []kernel.TrackResult) {
	var groups []Group
	var plans []channelPlan
	streams := [][]byte{}
	for _, k := range s.Groups {
		g := Group{Offset: k.Offset, Lags: k.Lags}
		for _, r := range k.References {
			g.References = append(g.References, reference{r.Track, r.Delay})
		}
		for _, t := range k.Tracks {
			plan := channelPlan{kind: dense, lattice: alphabet.Unit, set: alphabet.Dense(t.Low, t.High), sse: t.SSE}
			if t.List != nil {
				plan.list, plan.worthListing = alphabet.Listed(t.List), true
				if !s.Encode {
					plan.kind = listed
				}
			}
			g.Tracks = append(g.Tracks, Track{Channel: len(plans), Low: float64(t.Low), High: float64(t.High), Steps: t.Steps})
			g.Starts, g.Windows = append(g.Starts, t.Start), append(g.Windows, t.Window)
			plans, streams = append(plans, plan), append(streams, t.Stream)
		}
		g.prepare(s.Frames)
		groups = append(groups, g)
	}
	ctx := context.Background()
	if !s.Encode {
		if err := p.coder.decode(ctx, &coded{plans: plans, groups: groups, streams: streams, frames: s.Frames, bits: 32}, nil); err != nil {
			return nil
		}
		for _, t := range tracksOf(groups) {
			results = append(results, kernel.TrackResult{Steps: t.Steps})
		}
		return results
	}
	made, err := p.coder.encode(ctx, plans, groups, nil)
	if err != nil {
		panic(err)
	}
	for i := range plans {
		results = append(results, kernel.TrackResult{Stream: made[i], Listed: plans[i].kind == listed, SSE: plans[i].sse})
	}
	return results
}

// sharing returns a coder with so many GPUs that are not there, prepared before they begin to work.
func sharing(t *testing.T, cards int, prepare func(*cudatest.Driver), warn func(error)) (*Coder, *cudatest.Driver, *cuda.Queue) {
	m := model(t)
	p := &pretended{coder: New(m), refuse: 4, segments: map[uint64]*kernel.Segment{}}
	p.spoil.Store(1 << 40)
	driver := cudatest.New(cards, 6, 1<<26, p.run)
	prepare(driver)
	q := cuda.NewQueue(1, warn)
	programs := p.programs(m)
	for i := range cards {
		q.Add(cuda.NewDevice(driver, i, programs.Encoding, programs.Decoding))
	}
	c := New(m)
	c.Share(func() *cuda.Queue { return q }, func() *Programs { return programs })
	return c, driver, q
}

// TestShared has two GPUs that are not there, of which one fails in the middle, and one core code segments of all kinds: the bytes are
// those of the processor alone, and the samples too.
func TestShared(t *testing.T) {
	defer goleak.VerifyNone(t)
	var mu sync.Mutex
	var warnings []error
	prepare := func(driver *cudatest.Driver) {
		driver.Cards[1].Fail = func(call string, n int) error {
			if call == "Launch" && n > 6 { // one more than the checks take
				return cudatest.Lost
			}
			return nil
		}
		for _, card := range driver.Cards {
			card.Takes(5 * time.Millisecond)
		}
	}
	c, driver, q := sharing(t, 2, prepare, func(err error) {
		mu.Lock()
		defer mu.Unlock()
		warnings = append(warnings, err)
	})
	alone := New(c.model)
	last := q.Expect()
	for len(q.Working()) < 2 {
		time.Sleep(time.Millisecond)
	}
	var all sync.WaitGroup
	for i := range 21 {
		all.Go(func() {
			channels, bits := 1+i%7, 8*(1+i%3)
			samples := noisy(uint64(i), channels, 100+10*i, bits)
			want, err := alone.Encode(context.Background(), samples, bits, nil)
			if err != nil {
				t.Error(err)
			}
			data, err := c.Encode(context.Background(), samples, bits, nil)
			if err != nil || !bytes.Equal(data, want) {
				t.Errorf("%d channels of %d bits are coded to other bytes (%v)", channels, bits, err)
			}
			got, err := c.Decode(context.Background(), want, channels, len(samples[0]), bits, nil)
			if err != nil || !slices.EqualFunc(got, samples, slices.Equal) {
				t.Errorf("%d channels of %d bits do not decode (%v)", channels, bits, err)
			}
		})
	}
	all.Wait()
	last()
	q.Close()
	if len(warnings) != 1 {
		t.Errorf("it warns %v", warnings)
	}
	for i, card := range driver.Cards {
		if card.Coded() < 7+3*(1-i) {
			t.Errorf("GPU %d has coded %d segments", i, card.Coded())
		}
	}
}

// TestKnownAnswers has GPUs that compute what is wrong refused.
func TestKnownAnswers(t *testing.T) {
	for _, good := range []int64{0, 2, 5, 6} {
		m := model(t)
		p := &pretended{coder: New(m), refuse: 4, segments: map[uint64]*kernel.Segment{}}
		p.spoil.Store(good)
		var warnings []error
		q := cuda.NewQueue(1, func(err error) { warnings = append(warnings, err) })
		programs := p.programs(m)
		q.Add(cuda.NewDevice(cudatest.New(1, 6, 1<<26, p.run), 0, programs.Encoding, programs.Decoding))
		for q.Working() == nil && p.spoil.Load() > 0 {
			time.Sleep(time.Millisecond)
		}
		q.Close()
		if (len(warnings) == 1) != (good < 6) {
			t.Errorf("after %d right answers it warns %v", good, warnings)
		}
	}
}

func model(t *testing.T) *network.Model {
	m, err := network.Load(networktest.WithMemory(3, 20, []int{2, 8}, feature.Count+20, 40, mixture.Outputs))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// noisy returns noise of so many bits: some channels are multiples of others, or have gaps.
func noisy(seed uint64, channels, frames, bits int) [][]int32 {
	random := rand.New(rand.NewPCG(seed, 5))
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
		loudest := int32(1) << (bits - 2)
		for i := range samples[c] {
			switch {
			case c > 0 && seed%5 == 1:
				samples[c][i] = -samples[0][i]
			case seed%4 == 2:
				samples[c][i] = 5 * (random.Int32N(loudest) / 5)
			default:
				samples[c][i] = random.Int32N(loudest) - random.Int32N(loudest)
			}
		}
	}
	return samples
}

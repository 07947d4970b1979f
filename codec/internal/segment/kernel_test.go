package segment

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/cuda/kernel/emulator"
	"trilobyte/codec/internal/network"
)

// kernelGroups describes groups for a kernel; tell adds what it is to be told of a track.
func kernelGroups(groups []Group, tell func(t Track, k *kernel.Track)) (list []kernel.Group) {
	for _, g := range groups {
		k := kernel.Group{Offset: g.Offset, Lags: g.Lags}
		for _, r := range g.References {
			k.References = append(k.References, kernel.Reference{Track: r.track, Delay: r.delay})
		}
		for i, t := range g.Tracks {
			track := kernel.Track{Low: int64(t.Low), High: int64(t.High), Start: g.Starts[i], Window: g.Windows[i]}
			tell(t, &track)
			k.Tracks = append(k.Tracks, track)
		}
		list = append(list, k)
	}
	return list
}

// emulated codes with the kernel on a processor.
type emulated struct {
	t        *testing.T
	kernel   *kernel.Kernel
	emulator *emulator.Emulator
	coder    *Coder
}

func newEmulated(t *testing.T, file []byte) *emulated {
	m, err := network.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	k, err := kernel.New(m)
	if err != nil {
		t.Fatal(err)
	}
	defines, err := kernel.Defines(m)
	if err != nil {
		t.Fatal(err)
	}
	e, err := emulator.Start(defines, k.Tables())
	if errors.Is(err, emulator.ErrNoCompiler) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	if n := len(k.Tables()); n != e.TableBytes {
		t.Fatalf("tables of %d bytes, the kernel wants %d", n, e.TableBytes)
	}
	if n := k.Launch(false).Shared; n != e.SharedBytes {
		t.Errorf("%d bytes of shared memory, the kernel wants %d", n, e.SharedBytes)
	}
	return &emulated{t, k, e, New(m)}
}

func (e *emulated) run(s *kernel.Segment, seed uint32) []kernel.TrackResult {
	e.t.Helper()
	r, err := e.kernel.Request(s)
	if err != nil {
		e.t.Fatal(err)
	}
	output, err := e.emulator.Run(r, s.Encode, seed)
	if err != nil {
		e.t.Fatal(err)
	}
	results, err := r.Result(output)
	if err != nil {
		e.t.Fatal(err)
	}
	return results
}

// check encodes and decodes samples, and compares with what the processor does.
func (e *emulated) check(samples [][]int32, bits int, seed uint32, encode bool) {
	t := e.t
	t.Helper()
	ctx, c := context.Background(), e.coder
	data, err := c.Encode(ctx, samples, bits, nil)
	if err != nil {
		t.Fatal(err)
	}
	plans, tracks := planChannels(samples)
	groups, err := planGroups(ctx, &c.description.Predictors, tracks)
	if err != nil {
		t.Fatal(err)
	}
	order := tracksOf(groups)
	// The processor's streams stand at the end of the segment.
	decoded, rest, err := readPlans(data, len(samples), bits, c.description.SSE)
	if err != nil {
		t.Fatal(err)
	}
	head := &reader{data: rest}
	again := head.groups(tracks)
	for i := range again {
		again[i].prepare(len(samples[0]))
		head.lags(&c.description.Predictors, &again[i])
		head.beginnings(&again[i])
	}
	rest = head.data
	streams := map[int][]byte{}
	for _, track := range order {
		if streams[track.Channel], rest, err = readStream(rest); err != nil {
			t.Fatal(err)
		}
	}
	s := &kernel.Segment{Frames: len(samples[0])}
	s.Groups = kernelGroups(groups, func(track Track, k *kernel.Track) {
		p := &decoded[track.Channel]
		k.SSE, k.Stream = p.sse, streams[track.Channel]
		if p.kind == listed {
			k.List = plans[track.Channel].list.Steps()
		}
		t.Logf("channel %d: sse %t listed %t window %d start %d", track.Channel, p.sse, p.kind == listed, k.Window, len(k.Start.Reflections))
	})
	for i, r := range e.run(s, seed) {
		want := order[i].Steps
		if !slices.Equal(r.Steps, want) {
			at := 0
			for r.Steps[at] == want[at] {
				at++
			}
			t.Errorf("decoded track %d: frame %d is %d, should be %d", i, at, r.Steps[at], want[at])
		}
	}
	if !encode {
		return
	}
	s = &kernel.Segment{Frames: len(samples[0]), Encode: true}
	s.Groups = kernelGroups(groups, func(track Track, k *kernel.Track) {
		p := &plans[track.Channel]
		k.SSE, k.Steps = c.description.SSE, track.Steps
		if p.worthListing {
			k.List = p.list.Steps()
		}
	})
	for i, r := range e.run(s, seed) {
		channel := order[i].Channel
		if p := &decoded[channel]; !bytes.Equal(r.Stream, streams[channel]) || r.SSE != p.sse || r.Listed != (p.kind == listed) {
			t.Errorf("encoded track %d: %d bytes (list %t, SSE %t), should be %d (list %t, SSE %t)", i, len(r.Stream), r.Listed, r.SSE,
				len(streams[channel]), p.kind == listed, p.sse)
		}
	}
}

// noise makes channels that look a little like sound.
func noise(seed uint64, channels, frames, bits int) [][]int32 {
	r := rand.New(rand.NewPCG(seed, 0))
	samples := make([][]int32, channels)
	size := float64(int64(1) << (bits - 1))
	var shared float64
	state := make([][2]float64, channels)
	for range frames {
		shared = 0.7*shared + r.NormFloat64()
		for c := range samples {
			s := &state[c]
			v := 1.8*s[0] - 0.85*s[1] + 0.6*r.NormFloat64() + 0.5*shared
			s[1], s[0] = s[0], v
			samples[c] = append(samples[c], int32(max(-size, min(size-1, v*size/200))))
		}
	}
	return samples
}

// sparse leaves only some values: a list of them is worth it.
func sparse(samples [][]int32, factor float64) [][]int32 {
	for _, s := range samples {
		for i, v := range s {
			k := int32(float64(v) / factor)
			s[i] = k*k*k/900 + 37*k
		}
	}
	return samples
}

type kernelCase struct {
	name    string
	samples [][]int32
	bits    int
}

func kernelCases() []kernelCase {
	silent := noise(9, 2, 90, 16)
	clear(silent[1][20:])
	return []kernelCase{
		{"stereo", noise(1, 2, 300, 16), 16},
		{"mono", noise(2, 1, 200, 16), 16},
		{"24 bits", noise(3, 2, 120, 24), 24},
		{"8 bits", noise(4, 2, 120, 8), 8},
		{"32 bits", noise(5, 2, 60, 32), 32},
		{"3 channels", noise(6, 3, 80, 16), 16},
		{"8 channels", noise(7, 8, 40, 16), 16},
		{"list", sparse(noise(8, 2, 700, 16), 40), 16},
		{"silence", silent, 16},
		{"one frame", [][]int32{{5}, {-7}}, 16},
		{"two values", [][]int32{{5, 6}, {-7, 1000}}, 16},
	}
}

func TestKernel(t *testing.T) {
	file := assets.Default
	switch os.Getenv("PRESET") {
	case "fast":
		file = assets.Fast
	case "max":
		file = assets.Max
	}
	e := newEmulated(t, file)
	for i, c := range kernelCases() {
		t.Run(c.name, func(t *testing.T) {
			e := *e
			e.t = t
			e.check(c.samples, c.bits, uint32(i%2*(7+i)), true)
		})
	}
}

package segment

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/cuda/kernel/emulator"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
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

// check encodes and decodes samples, and compares with what the processor does. edit changes the groups first.
func (e *emulated) check(samples [][]int32, seed uint32, edit func(groups []Group)) {
	t := e.t
	t.Helper()
	ctx, c := context.Background(), e.coder
	plans, tracks := planChannels(samples)
	groups, err := planGroups(ctx, &c.description.Predictors, tracks)
	if err != nil {
		t.Fatal(err)
	}
	if edit != nil {
		edit(groups)
		for i := range groups {
			groups[i].prepare(len(samples[0]))
		}
	}
	order := tracksOf(groups)
	streams := make([][]byte, len(samples))
	for _, group := range groups {
		var encoders []*trackEncoder
		for _, track := range group.Tracks {
			encoders = append(encoders, newTrackEncoder(&plans[track.Channel], c.description.SSE))
		}
		if err := c.encodeGroup(ctx, &group, order, encoders, nil); err != nil {
			t.Fatal(err)
		}
		for i, track := range group.Tracks {
			streams[track.Channel] = encoders[i].finish()
		}
	}
	e.checkDecoding(plans, groups, streams, seed)
	e.checkEncoding(plans, groups, streams, seed)
}

func (e *emulated) checkDecoding(plans []channelPlan, groups []Group, streams [][]byte, seed uint32) {
	e.t.Helper()
	order := tracksOf(groups)
	s := &kernel.Segment{Frames: len(order[0].Steps)}
	s.Groups = kernelGroups(groups, func(track Track, k *kernel.Track) {
		p := &plans[track.Channel]
		k.SSE, k.Stream = p.sse, streams[track.Channel]
		if p.kind == listed {
			k.List = p.list.Steps()
		}
	})
	for i, r := range e.run(s, seed) {
		for at, want := range order[i].Steps {
			if r.Steps[at] != want {
				e.t.Errorf("decoded track %d (%+v): frame %d is %d, should be %d", i, plans[order[i].Channel].sse, at, r.Steps[at], want)
				break
			}
		}
	}
}

func (e *emulated) checkEncoding(plans []channelPlan, groups []Group, streams [][]byte, seed uint32) {
	e.t.Helper()
	order := tracksOf(groups)
	s := &kernel.Segment{Frames: len(order[0].Steps), Encode: true}
	s.Groups = kernelGroups(groups, func(track Track, k *kernel.Track) {
		p := &plans[track.Channel]
		k.SSE, k.Steps = e.coder.description.SSE, track.Steps
		if p.worthListing {
			k.List = p.list.Steps()
		}
	})
	for i, r := range e.run(s, seed) {
		channel := order[i].Channel
		if p := &plans[channel]; !bytes.Equal(r.Stream, streams[channel]) || r.SSE != p.sse || r.Listed != (p.kind == listed) {
			e.t.Errorf("encoded track %d: %d bytes (list %t, SSE %t), should be %d (list %t, SSE %t)", i, len(r.Stream), r.Listed, r.SSE,
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
	edit    func(groups []Group)
}

func kernelCases() []kernelCase {
	silent := noise(9, 2, 90, 16)
	clear(silent[1][20:])
	windows := func(w ...predictor.Window) func(groups []Group) {
		return func(groups []Group) { groups[0].Windows = w }
	}
	return []kernelCase{
		{"stereo", noise(1, 2, 180, 16), nil},
		{"mono", noise(2, 1, 200, 16), nil},
		{"24 bits", noise(3, 2, 60, 24), nil},
		{"8 bits", noise(4, 2, 60, 8), nil},
		{"32 bits", noise(5, 2, 40, 32), nil},
		{"3 channels", noise(6, 3, 60, 16), nil},
		{"8 channels", noise(7, 8, 20, 16), nil},
		{"list", sparse(noise(8, 2, 500, 16), 40), nil},
		{"silence", silent, nil},
		{"two frames", [][]int32{{5, 6}, {-7, 1000}}, nil},
		{"offset", noise(10, 2, 60, 16), func(groups []Group) { groups[0].Offset = 5 }},
		{"repeats", noise(11, 2, 150, 16), func(groups []Group) { groups[0].Lags = predictor.Lags{70} }},
		{"repeats alone", noise(12, 1, 150, 16), func(groups []Group) { groups[0].Lags = predictor.Lags{64} }},
		{"tones", noise(13, 2, 280, 16), windows(3, 0)},
		{"tones alone", noise(14, 1, 560, 16), windows(2)},
		{"references", noise(15, 4, 60, 16), func(groups []Group) {
			order := tracksOf(groups)
			groups[0] = Group{Tracks: order[:1], Starts: groups[0].Starts[:1], Windows: []predictor.Window{0}}
			groups[1] = Group{Tracks: order[1:2], Starts: groups[0].Starts, Windows: groups[0].Windows, References: []reference{{0, 2}}}
		}},
		{"references and repeats", noise(16, 4, 120, 16), func(groups []Group) {
			order := tracksOf(groups)
			pair := groups[0]
			pair.Offset = 3
			groups[0] = pair
			groups[1] = Group{Tracks: order[2:3], Starts: groups[1].Starts[:1], Windows: []predictor.Window{0},
				References: []reference{{1, -3}, {0, 20}}, Lags: predictor.Lags{66}}
		}},
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
			e.check(c.samples, uint32(i%2*(7+i)), c.edit)
		})
	}
}

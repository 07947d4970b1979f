package segment

import (
	"context"
	"fmt"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/cuda/kernel/emulator"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

// BenchmarkKernelCounts counts what the small form of the kernel does for a sample of stereo of 16 bits, once everything has settled, and what
// that would take on GPUs that were not measured. It counts two segments, of which one is longer, and takes the difference.
func BenchmarkKernelCounts(b *testing.B) {
	for _, p := range []struct {
		name string
		file []byte
	}{{"fast", assets.Fast}, {"default", assets.Default}, {"max", assets.Max}} {
		m, err := network.Load(p.file)
		if err != nil {
			b.Fatal(err)
		}
		for _, tonal := range []bool{false, true}[:min(2, 1+len(m.Description().Predictors.Tones))] {
			for _, encode := range []bool{false, true} {
				b.Run(fmt.Sprintf("%s/tones=%t/encode=%t", p.name, tonal, encode), func(b *testing.B) {
					for b.Loop() {
						settledCounts(b, m, tonal, encode).report(b, p.name, tonal)
					}
				})
			}
		}
	}
}

// sampleCounts is what a sample takes: by kind of work, and the instructions of all warps for numbers of 64 bits.
type sampleCounts struct {
	kinds [5]float64
	warps float64
}

func settledCounts(b *testing.B, m *network.Model, tonal, encode bool) (c sampleCounts) {
	k, err := kernel.New(m)
	if err != nil {
		b.Fatal(err)
	}
	defines, err := kernel.Defines(m, kernel.Small)
	if err != nil {
		b.Fatal(err)
	}
	e, err := emulator.StartCounting(defines, k.Tables())
	if err != nil {
		b.Skip(err)
	}
	defer e.Close()
	settled, more := 64, 320
	for _, l := range m.Description().Predictors.LeastSquares {
		settled = max(settled, 64+64*l.Solutions[0].Last) // see predictor.Solution
	}
	if tonal {
		settled, more = 2048, 1024 // as often as tones are looked for
	}
	var counts [2]emulator.Counts
	for i := range counts {
		s, err := countedSegment(m, settled+i*more, tonal, encode)
		if err != nil {
			b.Fatal(err)
		}
		r, err := k.Request(s)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := e.Run(r, encode, 0, 1<<30); err != nil {
			b.Fatal(err)
		}
		counts[i] = e.Counts
	}
	samples := float64(2 * more)
	for kind := range c.kinds {
		c.kinds[kind] = float64(counts[1].All[kind]-counts[0].All[kind]) / samples
	}
	for w := range counts[1].Warps {
		c.warps += float64(counts[1].Warps[w][emulator.Doubles]-counts[0].Warps[w][emulator.Doubles]) / samples
	}
	return c
}

// countedSegment describes a segment of so many frames, with tones or without.
func countedSegment(m *network.Model, frames int, tonal, encode bool) (*kernel.Segment, error) {
	c, samples := New(m), almostSound(50, 2, frames, 16)
	plans, tracks := planChannels(samples)
	groups, err := planGroups(context.Background(), &c.description.Predictors, tracks)
	if err != nil {
		return nil, err
	}
	if groups[0].Windows = []predictor.Window{0, 0}; tonal {
		groups[0].Windows = []predictor.Window{3, 3}
	}
	groups[0].Lags = nil
	groups[0].prepare(frames)
	if encode {
		return toEncode(plans, groups, c.description.SSE), nil
	}
	encoders := []*trackEncoder{newTrackEncoder(&plans[0], false), newTrackEncoder(&plans[1], false)}
	if err := c.encodeGroup(context.Background(), &groups[0], tracksOf(groups), encoders, nil); err != nil {
		return nil, err
	}
	known := &coded{plans: plans, groups: groups, streams: make([][]byte, 2), frames: frames}
	for i, track := range groups[0].Tracks {
		known.streams[track.Channel] = encoders[i].finish()
	}
	return known.toDecode()
}

// What an H200 took for a sample of one block, in cycles, while so many blocks were on each of its 132 multiprocessors.
var measuredCycles = map[string]struct {
	cycles float64
	blocks int
}{
	"fast/false":    {1.98e9 / (1120 * 88_200 / 528.), 4},
	"default/false": {1.98e9 / (338 * 88_200 / 264.), 2},
	"default/true":  {1.98e9 / (217 * 88_200 / 264.), 2},
	"max/false":     {1.98e9 / (98 * 88_200 / 132.), 1},
	"max/true":      {1.98e9 / (54 * 88_200 / 132.), 1},
}

// consumerCards are what NVIDIA publishes of some, with the clock that it calls boost. A multiprocessor of theirs does two instructions for
// numbers of 64 bits a cycle, a 64th of those for 32 bits.
var consumerCards = []struct {
	name            string
	multiprocessors float64
	clock           float64 // Hz
}{{"3060", 28, 1.777e9}, {"4070", 46, 2.475e9}, {"4090", 128, 2.52e9}, {"5090", 170, 2.407e9}}

// report reports the counts, and estimates in multiples of real time: as if numbers of 64 bits and all that an H200 waits for came one after the
// other, and as if each was done while the other one is.
func (c sampleCounts) report(b *testing.B, preset string, tonal bool) {
	for kind, name := range map[int]string{
		emulator.Doubles: "doubles", emulator.Floats: "floats", emulator.Dots: "dots", emulator.SharedBytes: "shared-bytes",
		emulator.GlobalBytes: "global-bytes",
	} {
		b.ReportMetric(c.kinds[kind], name+"/sample")
	}
	b.ReportMetric(c.warps, "warp-doubles/sample")
	const lanes, doublesACycle, stereo = 32, 2, 88_200
	doubles, known := c.warps*lanes/doublesACycle, measuredCycles[fmt.Sprintf("%s/%t", preset, tonal)]
	waits := known.cycles / float64(known.blocks)
	for _, card := range consumerCards {
		all := card.multiprocessors * card.clock / stereo
		b.ReportMetric(all/(doubles+waits), "x-least-RTX-"+card.name)
		b.ReportMetric(all/max(doubles, waits), "x-most-RTX-"+card.name)
	}
}

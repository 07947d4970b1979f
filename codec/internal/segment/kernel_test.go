package segment

import (
	"bytes"
	"context"
	"errors"
	"os"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/cuda/kernel/emulator"
	"trilobyte/codec/internal/network"
)

// emulated codes with the kernel on a processor.
type emulated struct {
	t        *testing.T
	kernel   *kernel.Kernel
	emulator *emulator.Emulator
	slice    int // steps of the longest slice
	coder    *Coder
}

func newEmulated(t *testing.T, file []byte, form kernel.Form) *emulated {
	m, err := network.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	k, err := kernel.New(m)
	if err != nil {
		t.Fatal(err)
	}
	defines, err := kernel.Defines(m, form)
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
	l := k.Launches(false)[form]
	if l.Shared != e.SharedBytes {
		t.Errorf("%d bytes of shared memory, the kernel wants %d", l.Shared, e.SharedBytes)
	}
	const mostOfConsumers = 99 << 10 // compute capability 8.6, 8.9, 12.0
	if form == kernel.Small && (l.Shared > mostOfConsumers || k.Kept() != e.KeptBytes) {
		t.Errorf("%d bytes of shared memory, and %d in scratch, where the kernel wants %d", l.Shared, k.Kept(), e.KeptBytes)
	}
	return &emulated{t, k, e, 90, New(m)}
}

func (e *emulated) run(s *kernel.Segment, seed uint32) []kernel.TrackResult {
	e.t.Helper()
	r, err := e.kernel.Request(s)
	if err != nil {
		e.t.Fatal(err)
	}
	output, err := e.emulator.Run(r, s.Encode, seed, e.slice)
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
	s, err := (&coded{plans: plans, groups: groups, streams: streams, frames: len(order[0].Steps)}).toDecode()
	if err != nil {
		e.t.Fatal(err)
	}
	for i, r := range e.run(s, seed) {
		for at, want := range order[i].Steps {
			if r.Steps[at] != want {
				e.t.Errorf("decoded track %d (SSE %t): frame %d is %d, should be %d", i, plans[order[i].Channel].sse, at, r.Steps[at], want)
				break
			}
		}
	}
}

func (e *emulated) checkEncoding(plans []channelPlan, groups []Group, streams [][]byte, seed uint32) {
	e.t.Helper()
	order := tracksOf(groups)
	for i, r := range e.run(toEncode(plans, groups, e.coder.description.SSE), seed) {
		channel := order[i].Channel
		if p := &plans[channel]; !bytes.Equal(r.Stream, streams[channel]) || r.SSE != p.sse || r.Listed != (p.kind == listed) {
			e.t.Errorf("encoded track %d: %d bytes (list %t, SSE %t), should be %d (list %t, SSE %t)", i, len(r.Stream), r.Listed, r.SSE,
				len(streams[channel]), p.kind == listed, p.sse)
		}
	}
}

func TestKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector does not see into the kernel")
	}
	newEmulated(t, assets.Default, kernel.Large).checkAll(kernelCases())
}

// TestSmallKernel checks the form that codes in slices, and has less in shared memory.
func TestSmallKernel(t *testing.T) {
	if testing.Short() {
		t.Skip("the race detector does not see into the kernel")
	}
	all := kernelCases()
	cases := []kernelCase{all[0], all[2]}
	if os.Getenv("TRILOBYTE_SOAK") != "" {
		cases = all
	}
	newEmulated(t, assets.Default, kernel.Small).checkAll(cases)
}

func TestKernelsOfOtherPresets(t *testing.T) {
	if testing.Short() {
		t.Skip("the preset default is enough")
	}
	cases := kernelCases()
	few := []kernelCase{cases[0], cases[3]}
	few[0].samples = almostSound(20, 2, 40, 16)
	few[1].samples = almostSound(21, 1, 40, 24)
	soak := os.Getenv("TRILOBYTE_SOAK") != ""
	if soak {
		few = cases
		for i := range few { // longer, so that all tones are found more than once
			if few[i].name == "repeats and tones" {
				few[i].samples = almostSound(17, 2, 1100, 16)
			}
		}
	}
	for _, k := range []struct {
		name string
		file []byte
		form kernel.Form
		long bool // for the night
	}{
		{"fast", assets.Fast, kernel.Large, false},
		{"max", assets.Max, kernel.Large, false},
		{"max, small", assets.Max, kernel.Small, false},
		{"fast, small", assets.Fast, kernel.Small, true},
	} {
		if k.long && !soak {
			continue
		}
		t.Run(k.name, func(t *testing.T) {
			t.Parallel() // most of it is to compile the kernel
			newEmulated(t, k.file, k.form).checkAll(few)
		})
	}
}

// checkAll checks some cases, every other one of them with its warps in random order.
func (e *emulated) checkAll(cases []kernelCase) {
	for i, c := range cases {
		e.t.Run(c.name, func(t *testing.T) {
			one := *e
			one.t = t
			one.check(c.samples, uint32(i%2*(7+i)), c.edit)
		})
	}
}

// TestKernelLongRecordings takes samples of a sound, in all orders of warps: for the night.
func TestKernelLongRecordings(t *testing.T) {
	if os.Getenv("TRILOBYTE_SOAK") == "" {
		t.Skip("TRILOBYTE_SOAK is not set")
	}
	for i, file := range [][]byte{assets.Fast, assets.Default, assets.Max} {
		for form := range kernel.Small + 1 {
			e := newEmulated(t, file, form)
			e.slice = 700
			for seed := range uint32(2) {
				e.check(almostSound(uint64(30+i), 2, 4500, 16), 100*seed, nil)
			}
		}
	}
}

func TestKernelStops(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles one more kernel")
	}
	testStops(newEmulated(t, assets.Fast, kernel.Large))
	if os.Getenv("TRILOBYTE_SOAK") != "" {
		testStops(newEmulated(t, assets.Fast, kernel.Small))
	}
}

func testStops(e *emulated) {
	t := e.t
	samples := almostSound(40, 1, 2100, 8)
	plans, tracks := planChannels(samples)
	groups, err := planGroups(context.Background(), &e.coder.description.Predictors, tracks)
	if err != nil {
		t.Fatal(err)
	}
	for stop := range byte(2) {
		r, err := e.kernel.Request(toEncode(plans, groups, e.coder.description.SSE))
		if err != nil {
			t.Fatal(err)
		}
		r.Input[kernel.StopAt] = stop
		output, err := e.emulator.Run(r, true, 0, e.slice)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.Result(output); (err != nil) != (stop > 0) {
			t.Errorf("told to stop: %d, result: %v", stop, err)
		}
	}
}

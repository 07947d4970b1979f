package onnx

import (
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/networktest"
)

// device is a session that computes right until it is told to go wrong.
type device struct {
	model     *network.Model
	runs      atomic.Int64
	fails     atomic.Bool // returns errors
	inexact   atomic.Bool // is wrong in one bit of every row
	most      atomic.Int64
	destroyed atomic.Bool
}

func (d *device) destroy() error { d.destroyed.Store(true); return nil }

func (d *device) newTensors(rows int) tensors {
	return &deviceTensors{d, newBuffers(rows, d.model.Inputs()-feature.Count)}
}

type deviceTensors struct {
	*device
	buffers
}

func (t *deviceTensors) data() buffers { return t.buffers }

func (t *deviceTensors) release() {}

func (t *deviceTensors) run(rows int) error {
	if t.fails.Load() {
		return errors.New("the GPU has fallen off the bus")
	}
	t.runs.Add(1)
	t.most.Store(max(t.most.Load(), int64(rows)))
	width, outputs := t.model.Inputs(), make([]network.Outputs, rows)
	inputs, averages := make([]uint8, rows*width), width-feature.Count
	for i := range inputs {
		if r, k := i/width, i%width; k < feature.Count {
			inputs[i] = uint8(t.features[r*feature.Count+k])
		} else {
			inputs[i] = uint8(t.averages[r*averages+k-feature.Count])
		}
	}
	t.model.BuiltIn().Run(inputs, outputs)
	for r := range outputs {
		for o, v := range outputs[r] {
			t.outputs[r*mixture.Outputs+o] = float32(v)
		}
		if t.inexact.Load() {
			t.outputs[r*mixture.Outputs+7]++
		}
	}
	return nil
}

// loadModel loads the model once: working out its known answers takes a while.
var loadModel = sync.OnceValues(func() (*network.Model, error) {
	return network.Load(networktest.WithMemory(1, 24, []int{2, 6}, feature.Count+24, 40, mixture.Outputs))
})

func newDevice(t *testing.T) *device {
	m, err := loadModel()
	if err != nil {
		t.Fatal(err)
	}
	return &device{model: m}
}

// check runs random rows and compares them with the definition.
func check(t *testing.T, r network.Runner, m *network.Model, rows int, seed uint64) {
	random := rand.New(rand.NewPCG(seed, 1))
	inputs := make([]uint8, rows*m.Inputs())
	for i := range inputs {
		inputs[i] = uint8(random.Uint32())
	}
	got, want := make([]network.Outputs, rows), make([]network.Outputs, rows)
	r.Run(inputs, got)
	m.Define(inputs, want)
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("row %d of %d is wrong", i, rows)
			return
		}
	}
}

func TestRunnerServesManyAtOnce(t *testing.T) {
	d := newDevice(t)
	r, err := newRunner(d.model, Device{Provider: CPU}, d, Options{})
	if err != nil {
		t.Fatal(err)
	}
	d.most.Store(0)
	var all sync.WaitGroup
	more := 37 // rows
	if testing.Short() {
		more = 7
	}
	for i := range 20 {
		all.Go(func() { check(t, r, d.model, 1+i*more, uint64(i)) })
	}
	all.Go(func() { check(t, r, d.model, 2*cpuRowsAtMost+5, 99) })
	all.Wait()
	if r.Err() != nil || d.most.Load() > cpuRowsAtMost {
		t.Errorf("error %v, the largest run had %d rows", r.Err(), d.most.Load())
	}
	if err := r.Close(); err != nil || !d.destroyed.Load() {
		t.Errorf("closing: %v, session destroyed: %v", err, d.destroyed.Load())
	}
}

// TestRunnerGathers holds the only lanes up and sees that what waits meanwhile becomes one run.
func TestRunnerGathers(t *testing.T) {
	d := newDevice(t)
	r := &Runner{model: d.model, builtIn: d.model.BuiltIn(), session: d, rows: 8, atMost: 100, waiting: make(chan *request, 10)}
	done := make(chan struct{}, 10)
	for range 7 {
		r.waiting <- &request{make([]uint8, 20*r.model.Inputs()), make([]network.Outputs, 20), done}
	}
	l := newLane(r, d.newTensors(r.atMost))
	r.lanes.Go(l.serve)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if len(done) != 7 || d.runs.Load() != 2 {
		t.Errorf("%d of 7 requests were answered, in %d runs instead of 2", len(done), d.runs.Load())
	}
}

func TestRunnerHandsOver(t *testing.T) {
	for name, goWrong := range map[string]func(*device){
		"the GPU has fallen off the bus": func(d *device) { d.fails.Store(true) },
		"no longer exact":                func(d *device) { d.inexact.Store(true) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDevice(t)
			var warnings []error
			r, err := newRunner(d.model, Device{Provider: CUDA}, d, Options{Warn: func(err error) { warnings = append(warnings, err) }})
			if err != nil {
				t.Fatal(err)
			}
			check(t, r, d.model, 50, 1)
			goWrong(d)
			check(t, r, d.model, 50, 2) // right nevertheless
			runs := d.runs.Load()
			check(t, r, d.model, 50, 3)
			if d.runs.Load() != runs {
				t.Error("the device was used again")
			}
			if len(warnings) != 1 || !strings.Contains(warnings[0].Error(), name) || r.Err() == nil {
				t.Errorf("it warns: %v", warnings)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestKnownAnswerRefuses(t *testing.T) {
	for says, goWrong := range map[string]func(*device){
		"fallen off":    func(d *device) { d.fails.Store(true) },
		"are not exact": func(d *device) { d.inexact.Store(true) },
	} {
		d := newDevice(t)
		goWrong(d)
		r, err := newRunner(d.model, CPUDevice, d, Options{})
		if r != nil || err == nil || !strings.Contains(err.Error(), says) || !d.destroyed.Load() {
			t.Errorf("it says %v, session destroyed: %v", err, d.destroyed.Load())
		}
	}
}

func TestParseDevice(t *testing.T) {
	for s, want := range map[string]Device{
		"cpu": CPUDevice, "cuda": {Provider: CUDA}, "cuda:0": {Provider: CUDA}, "cuda:3": {Provider: CUDA, Index: 3},
		"directml:1": {Provider: DirectML, Index: 1}, "coreml": {Provider: CoreML},
	} {
		if d, err := ParseDevice(s); err != nil || d != want {
			t.Errorf("%s is %v, %v", s, d, err)
		}
	}
	for _, s := range []string{"", "gpu", "cpu:0", "coreml:1", "cuda:", "cuda:-1", "cuda:x", "cuda:0:1", "cuda:300"} {
		if d, err := ParseDevice(s); err == nil {
			t.Errorf("%q is %v", s, d)
		}
	}
}

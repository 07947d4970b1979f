package onnx

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
)

// How many rows a run should have, and how many it has at most. A GPU takes about as long for one row as for thousands.
const (
	cpuRows, cpuRowsAtMost = 1024, 4096
	gpuRows, gpuRowsAtMost = 8192, 65536
)

// gpuLanes is how many runs a GPU has at the same time: one computes while the rows of the other are made ready.
const gpuLanes = 2

// session is a model on a device of ONNX Runtime. It is safe for concurrent use.
type session interface {
	// newTensors makes tensors for runs of up to so many rows.
	newTensors(rows int) tensors
	// destroy frees the session. No tensors of it are used any more.
	destroy() error
}

// tensors hold the rows of one run at a time.
type tensors interface {
	// data is where the rows go and the outputs come from.
	data() buffers
	// run computes the outputs of the first so many rows.
	run(rows int) error
	// release frees what newTensors took.
	release()
}

// buffers hold floating-point numbers, row after row.
type buffers struct {
	rows     int // that there is room for
	features []float32
	averages []float32 // of the model's memory; none if it has no memory
	outputs  []float32
}

func newBuffers(rows, averages int) buffers {
	return buffers{
		rows:     rows,
		features: make([]float32, rows*feature.Count),
		averages: make([]float32, rows*averages),
		outputs:  make([]float32, rows*mixture.Outputs),
	}
}

// fill writes rows of the model's inputs from the row with the given number on.
func (b *buffers) fill(first int, inputs []uint8) {
	averages := len(b.averages) / b.rows
	for r := first; len(inputs) > 0; r++ {
		widen(b.features[r*feature.Count:], inputs[:feature.Count])
		widen(b.averages[r*averages:], inputs[feature.Count:][:averages])
		inputs = inputs[feature.Count+averages:]
	}
}

// Runner is a model on a device. It implements network.Runner. What several goroutines want to have computed at the same
// time becomes one run: so the segments that are being encoded, or decoded, fill a GPU together.
type Runner struct {
	device  Device
	model   *network.Model
	builtIn network.Runner
	session session
	rows    int // that a run should have
	atMost  int // that it has at most

	waiting chan *request
	lanes   sync.WaitGroup // goroutines that serve requests until waiting is closed
	warn    func(error)
	failure atomic.Pointer[error] // why the built-in runner has taken over
}

// request is a call of Run.
type request struct {
	inputs  []uint8
	outputs []network.Outputs
	done    chan struct{} // gets one value when outputs are there
}

// newRunner tests a session of m on a device and makes it a runner, which owns the session from then on.
func newRunner(m *network.Model, d Device, s session, o Options) (*Runner, error) {
	r := &Runner{device: d, model: m, builtIn: m.BuiltIn(), session: s, rows: gpuRows, atMost: gpuRowsAtMost, warn: o.Warn, waiting: make(chan *request)}
	lanes := gpuLanes
	if d.Provider == CPU {
		r.rows, r.atMost, lanes = cpuRows, cpuRowsAtMost, runtime.GOMAXPROCS(0)
	}
	if err := r.test(network.KnownAnswerRows, m.KnownAnswer); err != nil {
		return nil, errors.Join(err, s.destroy())
	}
	for range lanes {
		l := newLane(r, s.newTensors(r.atMost))
		r.lanes.Go(l.serve)
	}
	return r, nil
}

// test has one of the model's known-answer tests run on the device, in batches of at most so many rows.
func (r *Runner) test(atMost int, known func(func([]uint8, []network.Outputs) error) error) error {
	defer r.lockThread()()
	l := newLane(r, r.session.newTensors(atMost))
	defer l.tensors.release()
	return known(l.compute)
}

// lockThread keeps the goroutine on its thread until the function that it returns is called: providers of GPUs keep
// handles and memory for each thread that they see. For the processor, that would only be slower.
func (r *Runner) lockThread() (unlock func()) {
	if r.device.Provider == CPU {
		return func() {}
	}
	runtime.LockOSThread()
	return runtime.UnlockOSThread
}

// KnownAnswerAt runs the known-answer test in batches of other sizes than when the runner was opened.
func (r *Runner) KnownAnswerAt(batches ...int) error {
	err := r.test(slices.Max(batches), func(compute func([]uint8, []network.Outputs) error) error {
		return r.model.KnownAnswerAt(compute, batches...)
	})
	if err != nil {
		return fmt.Errorf("ONNX Runtime on %s: %w", r.device, firstLine(err))
	}
	return nil
}

// Name implements network.Runner.
func (r *Runner) Name() string { return "onnx (" + r.device.String() + ")" }

// Rows implements network.Runner.
func (r *Runner) Rows() int { return r.rows }

// Err returns why the built-in runner has taken over, or nil.
func (r *Runner) Err() error {
	if err := r.failure.Load(); err != nil {
		return *err
	}
	return nil
}

var doneChannels = sync.Pool{New: func() any { return make(chan struct{}, 1) }}

// Run implements network.Runner. It must not be called after Close.
func (r *Runner) Run(inputs []uint8, outputs []network.Outputs) {
	done := doneChannels.Get().(chan struct{})
	defer doneChannels.Put(done)
	width := r.model.Inputs()
	for len(outputs) > 0 {
		n := min(len(outputs), r.atMost)
		r.waiting <- &request{inputs[:n*width], outputs[:n], done}
		<-done
		inputs, outputs = inputs[n*width:], outputs[n:]
	}
}

// Close ends the runner, once no Run is under way.
func (r *Runner) Close() error {
	close(r.waiting)
	r.lanes.Wait()
	return r.session.destroy()
}

// lane makes runs of the requests that wait, one run at a time.
type lane struct {
	runner  *Runner
	tensors tensors
	data    buffers
	taken   []*request // for this run
	checked int        // counts the runs, to choose the row that is computed twice
	twice   [1]network.Outputs
}

func newLane(r *Runner, t tensors) *lane {
	return &lane{runner: r, tensors: t, data: t.data()}
}

// serve works until there are no more requests.
func (l *lane) serve() {
	defer l.runner.lockThread()()
	defer l.tensors.release()
	var next *request
	for {
		if next == nil {
			var ok bool
			if next, ok = <-l.runner.waiting; !ok {
				return
			}
		}
		next = l.gather(next)
		l.answer()
	}
}

// gather takes a request and all others that wait, as far as a run has room for them. It returns one that it has taken
// off the queue but that has no room, or nil.
func (l *lane) gather(first *request) *request {
	l.taken = append(l.taken[:0], first)
	rows := len(first.outputs)
	for rows < l.runner.atMost {
		select {
		case r, ok := <-l.runner.waiting:
			if !ok {
				return nil
			}
			if rows+len(r.outputs) > l.runner.atMost {
				return r
			}
			l.taken = append(l.taken, r)
			rows += len(r.outputs)
		default:
			return nil
		}
	}
	return nil
}

// answer computes what was gathered, on the device or, if that has failed, on the built-in runner.
func (l *lane) answer() {
	if l.runner.Err() == nil {
		if err := l.gathered(); err != nil {
			l.runner.fail(err)
		}
	}
	for _, r := range l.taken {
		if l.runner.Err() != nil {
			l.runner.builtIn.Run(r.inputs, r.outputs)
		}
		r.done <- struct{}{}
	}
}

// gathered computes what was gathered on the device.
func (l *lane) gathered() error {
	rows := 0
	for _, r := range l.taken {
		l.data.fill(rows, r.inputs)
		rows += len(r.outputs)
	}
	if err := l.tensors.run(rows); err != nil {
		return err
	}
	outputs := l.data.outputs
	for _, r := range l.taken {
		narrow(r.outputs, outputs)
		outputs = outputs[len(r.outputs)*len(r.outputs[0]):]
	}
	return l.check()
}

// check computes one row again.
func (l *lane) check() error {
	l.checked++
	r := l.taken[l.checked%len(l.taken)]
	row := l.checked % len(r.outputs)
	width := l.runner.model.Inputs()
	l.runner.builtIn.Run(r.inputs[row*width:][:width], l.twice[:])
	if l.twice[0] != r.outputs[row] {
		return errors.New("its results are no longer exact")
	}
	return nil
}

// compute is for the known-answer test: one run of just these rows.
func (l *lane) compute(inputs []uint8, outputs []network.Outputs) error {
	l.data.fill(0, inputs)
	clear(l.data.outputs[:len(outputs)*mixture.Outputs])
	if err := l.tensors.run(len(outputs)); err != nil {
		return err
	}
	narrow(outputs, l.data.outputs)
	return nil
}

// fail hands over to the built-in runner.
func (r *Runner) fail(err error) {
	err = fmt.Errorf("ONNX Runtime on %s has failed, %s takes over: %w", r.device, r.builtIn.Name(), err)
	if r.failure.CompareAndSwap(nil, &err) && r.warn != nil {
		r.warn(err)
	}
}

func widen(to []float32, from []uint8) {
	to = to[:len(from)]
	for i, v := range from {
		to[i] = float32(v)
	}
}

// narrow takes the outputs out of the numbers that stand for them. The outputs of a network that works are integers of
// less than 2^24; whatever else a device may give, the conversion is the same on all processors.
func narrow(to []network.Outputs, from []float32) {
	for r := range to {
		row := from[r*len(to[r]):][:len(to[r])]
		for o, v := range row {
			if !(v > -1<<24 && v < 1<<24) {
				v = 0
			}
			to[r][o] = int32(v)
		}
	}
}

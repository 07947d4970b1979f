package network

import (
	"sync"

	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/simd"
)

// Runner is a backend with a model: it computes the model's outputs. All runners of a model give the same bits. A
// Runner is safe for concurrent use.
type Runner interface {
	// Name says what computes, as the command line calls it: "go", "simd (avx512)", "onnx (cuda:0)".
	Name() string

	// Run computes the outputs of len(outputs) rows, which stand one after the other, as many bytes each as the model has
	// inputs: see Memory.
	Run(inputs []uint8, outputs []Outputs)

	// Rows is how many rows a Run should have to be worth its overhead, when it may be worth doing something else
	// meanwhile; 0 if Run computes on the calling goroutine and any number will do.
	Rows() int
}

// BuiltIn returns the runner on the processor's path in use: "simd", or "go" where there is none.
func (m *Model) BuiltIn() Runner { return m.builtIn }

// On returns the runner on a path of the processor. The error says why the path cannot be used.
func (m *Model) On(path simd.Path) (Runner, error) {
	k := &builtIn{name: pathName(path)}
	for _, l := range m.layers {
		layer, err := newAffineOn(path, l.inputs, l.outputs, l.weights, l.bias, l.shift)
		if err != nil {
			return nil, err
		}
		k.layers = append(k.layers, layer)
	}
	k.prepare()
	return k, nil
}

// pathName is the name of the runner on a path.
func pathName(path simd.Path) string {
	if path == simd.Go {
		return "go"
	}
	return "simd (" + string(path) + ")"
}

// builtIn is the runner that is built in, in plain Go or in assembly.
type builtIn struct {
	name                                    string
	layers                                  []*affine
	inputStride, hiddenStride, outputStride int       // lengths of the rows of a workspace
	workspaces                              sync.Pool // of *workspace, one for each Run under way
}

// rowsAtOnce is how many samples go through a layer before the next one: enough to use weights that were loaded more
// than once, few enough to stay in the processor's cache.
const rowsAtOnce = 32

// workspace holds the inputs and results of layers for some rows.
type workspace struct {
	input, from, to []uint8
	output          []int32
}

// newBuiltIn makes the runner on the path in use.
func newBuiltIn(layers []layer) *builtIn {
	k := &builtIn{name: pathName(simd.InUse())}
	for _, l := range layers {
		k.layers = append(k.layers, l.affine())
	}
	k.prepare()
	return k
}

// prepare sets the sizes of workspaces, and says that the features are dense.
func (k *builtIn) prepare() {
	k.layers[0].Dense = true
	for i, l := range k.layers {
		if i == 0 {
			k.inputStride = l.PaddedInputs()
		} else {
			k.hiddenStride = max(k.hiddenStride, l.PaddedInputs())
		}
		if i == len(k.layers)-1 {
			k.outputStride = l.PaddedOutputs()
		} else {
			k.hiddenStride = max(k.hiddenStride, l.PaddedOutputs())
		}
	}
	k.workspaces.New = func() any {
		w := cacheline.New[workspace]()
		*w = workspace{
			input:  make([]uint8, rowsAtOnce*k.inputStride),
			from:   make([]uint8, rowsAtOnce*k.hiddenStride),
			to:     make([]uint8, rowsAtOnce*k.hiddenStride),
			output: make([]int32, rowsAtOnce*k.outputStride),
		}
		return w
	}
}

// ForOne returns what r.Run does, for one goroutine alone, which need not look for a workspace each time.
func ForOne(r Runner) func(inputs []uint8, outputs []Outputs) {
	k, ok := r.(*builtIn)
	if !ok {
		return r.Run
	}
	w := k.workspaces.New().(*workspace)
	return func(inputs []uint8, outputs []Outputs) { k.compute(w, inputs, outputs) }
}

// Name implements Runner.
func (k *builtIn) Name() string { return k.name }

// Rows implements Runner.
func (k *builtIn) Rows() int { return 0 }

// Run implements Runner.
func (k *builtIn) Run(inputs []uint8, outputs []Outputs) {
	w := k.workspaces.Get().(*workspace)
	defer k.workspaces.Put(w)
	k.compute(w, inputs, outputs)
}

func (k *builtIn) compute(w *workspace, inputs []uint8, outputs []Outputs) {
	width := k.layers[0].Inputs()
	for len(outputs) > 0 {
		rows := min(rowsAtOnce, len(outputs))
		if k.inputStride == width {
			k.run(w, inputs[:rows*width], rows)
		} else {
			for r := range rows {
				copy(w.input[r*k.inputStride:], inputs[r*width:][:width])
			}
			k.run(w, w.input, rows)
		}
		for r := range rows {
			copy(outputs[r][:], w.output[r*k.outputStride:])
		}
		inputs, outputs = inputs[rows*width:], outputs[rows:]
	}
}

// run computes the outputs of some rows in a workspace.
func (k *builtIn) run(w *workspace, x []uint8, rows int) {
	stride := k.inputStride
	for i, l := range k.layers {
		if i == len(k.layers)-1 {
			l.Finish(rows, x, stride, w.output, k.outputStride)
			return
		}
		l.Activate(rows, x, stride, w.to, k.hiddenStride)
		x, stride = w.to, k.hiddenStride
		w.from, w.to = w.to, w.from
	}
}

//go:build cgo

package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"

	ort "github.com/yalue/onnxruntime_go"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
)

// The oldest ONNX Runtime whose interface (version 24) this package can use.
const (
	oldestMajor = 1
	oldestMinor = 24
)

// Library is ONNX Runtime, loaded.
type Library struct{ path string }

// loaded is the library of this process: ONNX Runtime has one environment a process, and is not unloaded, since drivers
// of GPUs do not all survive that.
var loaded struct {
	sync.Mutex
	library *Library
}

// Load loads the library at a path that Find or FindIn has returned. A process can only load one.
func Load(path string) (*Library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if l := loaded.library; l != nil {
		if l.path != path {
			return nil, fmt.Errorf("%s is in use already: start the program again to use %s", l.path, path)
		}
		return l, nil
	}
	if err := inspect(path); err != nil {
		return nil, err
	}
	version, err := version(path)
	if err != nil {
		return nil, err
	}
	if !newEnough(version) {
		return nil, fmt.Errorf("%s is ONNX Runtime %s: %d.%d or newer is needed", path, version, oldestMajor, oldestMinor)
	}
	ort.SetSharedLibraryPath(path)
	if err := ort.InitializeEnvironment(ort.WithLogLevelFatal()); err != nil {
		return nil, fmt.Errorf("%s does not load: %w", path, firstLine(err))
	}
	if err := ort.DisableTelemetry(); err != nil {
		return nil, fmt.Errorf("%s does not load: %w", path, firstLine(err))
	}
	loaded.library = &Library{path}
	return loaded.library, nil
}

// newEnough says whether this package can use a version; one that is not known is given a try.
func newEnough(version string) bool {
	var major, minor int
	if n, err := fmt.Sscanf(version, "%d.%d", &major, &minor); err != nil || n != 2 {
		return version == ""
	}
	return major == oldestMajor && minor >= oldestMinor
}

// Path is where the library was loaded from.
func (l *Library) Path() string { return l.path }

// Version is the version of ONNX Runtime, like 1.30.0.
func (l *Library) Version() string { return ort.GetVersion() }

// Open puts a model on a device and runs the known-answer test. The error says in one line why the device cannot be
// used.
func (l *Library) Open(m *network.Model, d Device, o Options) (*Runner, error) {
	if err := l.inspectProvider(d); err != nil {
		return nil, err
	}
	s, err := newSession(m, d, o)
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime on %s: %w", d, firstLine(err))
	}
	r, err := newRunner(m, d, s, o)
	if err != nil {
		return nil, fmt.Errorf("ONNX Runtime on %s: %w", d, firstLine(err))
	}
	return r, nil
}

// inspectProvider returns an error if the library of CUDA's provider is not beside ONNX Runtime, or cannot be sound.
func (l *Library) inspectProvider(d Device) error {
	if d.Provider != CUDA {
		return nil
	}
	name := "libonnxruntime_providers_cuda.so"
	if runtime.GOOS == "windows" {
		name = "onnxruntime_providers_cuda.dll"
	}
	path := filepath.Join(filepath.Dir(l.path), name)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("ONNX Runtime on %s: %s is not beside %s", d, name, l.path)
	}
	if err := inspect(path); err != nil {
		return fmt.Errorf("ONNX Runtime on %s: %w", d, err)
	}
	return nil
}

type ortSession struct {
	session  *ort.DynamicAdvancedSession
	averages int // of the model's memory
}

func newSession(m *network.Model, d Device, o Options) (s *ortSession, err error) {
	options, err := ort.NewSessionOptions()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, options.Destroy()) }()
	err = errors.Join(
		options.SetLogSeverityLevel(ort.LoggingLevelFatal),
		options.SetIntraOpNumThreads(max(o.Threads, 1)),
		options.SetInterOpNumThreads(1),
	)
	if err == nil {
		err = appendProvider(options, d)
	}
	if err != nil {
		return nil, err
	}
	inputs, averages := []string{"features"}, m.Inputs()-feature.Count
	if averages > 0 {
		inputs = append(inputs, "memory")
	}
	session, err := ort.NewDynamicAdvancedSessionWithONNXData(m.File(), inputs, []string{"outputs"}, options)
	if err != nil {
		return nil, err
	}
	return &ortSession{session, averages}, nil
}

// appendProvider chooses the device. A GPU must compute all of the graph: what ONNX Runtime gave to the processor instead
// would still be exact, but not what was asked for.
func appendProvider(options *ort.SessionOptions, d Device) error {
	if d.Provider == CPU {
		return nil
	}
	if err := options.AddSessionConfigEntry("session.disable_cpu_ep_fallback", "1"); err != nil {
		return err
	}
	switch d.Provider {
	case CUDA:
		return appendCUDA(options, d.Index)
	case DirectML: // asks for these two
		err := errors.Join(options.SetMemPattern(false), options.SetExecutionMode(ort.ExecutionModeSequential))
		if err != nil {
			return err
		}
		return options.AppendExecutionProviderDirectML(d.Index)
	case CoreML: // without the Neural Engine, which computes in 16 bits
		return options.AppendExecutionProviderCoreMLV2(map[string]string{
			"ModelFormat":                        "MLProgram",
			"MLComputeUnits":                     "CPUAndGPU",
			"AllowLowPrecisionAccumulationOnGPU": "0",
		})
	}
	return fmt.Errorf("there is no provider called %q", d.Provider)
}

func appendCUDA(options *ort.SessionOptions, index int) error {
	if runtime.GOOS == "darwin" {
		return errors.New("CUDA does not exist on macOS")
	}
	cuda, err := ort.NewCUDAProviderOptions()
	if err != nil {
		return err
	}
	defer cuda.Destroy()
	err = cuda.Update(map[string]string{"device_id": strconv.Itoa(index), "use_tf32": "0"})
	if err != nil {
		return err
	}
	return options.AppendExecutionProviderCUDA(cuda)
}

func (s *ortSession) destroy() error { return s.session.Destroy() }

// ortTensors are tensors over memory of Go's, pinned, since ONNX Runtime keeps its address between runs.
type ortTensors struct {
	session *ort.DynamicAdvancedSession
	buffers
	pinned runtime.Pinner
}

func (s *ortSession) newTensors(rows int) tensors {
	t := &ortTensors{session: s.session, buffers: newBuffers(rows, s.averages)}
	for _, b := range [][]float32{t.features, t.averages, t.outputs} {
		if len(b) > 0 {
			t.pinned.Pin(&b[0])
		}
	}
	return t
}

func (t *ortTensors) data() buffers { return t.buffers }

func (t *ortTensors) run(rows int) (err error) {
	var values []ort.Value
	defer func() {
		for _, v := range values {
			err = errors.Join(err, v.Destroy())
		}
	}()
	for _, b := range [][]float32{t.features, t.averages, t.outputs} {
		if len(b) == 0 {
			continue
		}
		v, err := ort.NewTensor(ort.NewShape(int64(rows), int64(len(b)/t.rows)), b)
		if err != nil {
			return err
		}
		values = append(values, v)
	}
	last := len(values) - 1
	return t.session.Run(values[:last], values[last:])
}

func (t *ortTensors) release() { t.pinned.Unpin() }

//go:build amd64 && (linux || windows) && !static

package cuda

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"os"
	"runtime"
	"strconv"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library are the functions of NVIDIA's driver, by their names in its C header, cuda.h.
type library struct {
	init                func(flags uint32) int32
	driverGetVersion    func(version *int32) int32
	deviceGetCount      func(count *int32) int32
	deviceGet           func(device *int32, ordinal int32) int32
	deviceGetName       func(name *byte, size, device int32) int32
	deviceTotalMem      func(size *uint64, device int32) int32
	deviceGetAttribute  func(value *int32, attribute, device int32) int32
	primaryCtxSetFlags  func(device int32, flags uint32) int32
	primaryCtxRetain    func(context *uintptr, device int32) int32
	primaryCtxRelease   func(device int32) int32
	ctxSetCurrent       func(context uintptr) int32
	moduleLoadData      func(module *uintptr, image *byte) int32
	moduleUnload        func(module uintptr) int32
	moduleGetFunction   func(function *uintptr, module uintptr, name *byte) int32
	funcSetAttribute    func(function uintptr, attribute, value int32) int32
	occupancy           func(blocks *int32, function uintptr, threads int32, shared uint64) int32
	memGetInfo          func(free, total *uint64) int32
	memAlloc            func(address *uint64, size uint64) int32
	defaultMemPool      func(pool *uintptr, device int32) int32
	memPoolSetAttribute func(pool uintptr, attribute int32, value *uint64) int32
	memAllocAsync       func(address *uint64, size uint64, stream uintptr) int32
	memFreeAsync        func(address uint64, stream uintptr) int32
	memFree             func(address uint64) int32
	memcpyHtoDAsync     func(to uint64, from unsafe.Pointer, size uint64, stream uintptr) int32
	memcpyDtoHAsync     func(to unsafe.Pointer, from, size uint64, stream uintptr) int32
	streamCreate        func(stream *uintptr, flags uint32) int32
	streamSynchronize   func(stream uintptr) int32
	streamQuery         func(stream uintptr) int32
	streamDestroy       func(stream uintptr) int32
	launchKernel        launchKernel
	getErrorName        func(code int32, name **byte) int32
}

type launchKernel func(
	function uintptr, gridX, gridY, gridZ, blockX, blockY, blockZ, shared uint32, stream uintptr, arguments *unsafe.Pointer, extra uintptr,
) int32

// The numbers of cuda.h.
const (
	attributeMultiprocessors = 16
	attributeExecTimeout     = 17
	attributeMajor           = 75
	attributeMinor           = 76
	attributeDoubles         = 87
	attributeMostShared      = 97
	functionDynamicShared    = 8
	functionSharedCarveout   = 9
	contextBlocks            = 4 // a thread that waits does not keep a core busy
	streamNonBlocking        = 1
	poolReleaseThreshold     = 4
)

// connections is an environment variable that CUDA reads: how many queues of streams a GPU has. What waits in a queue waits for all that
// stands before it there.
const connections = "CUDA_DEVICE_MAX_CONNECTIONS"

// screen is an environment variable: if it is set, all GPUs are taken for such as draw a screen, to try there what is done with those.
const screen = "TRILOBYTE_GPU_SCREEN"

// Load loads NVIDIA's driver. The error wraps ErrNoDriver if there is none.
func Load() (Driver, error) {
	if os.Getenv(connections) == "" {
		if err := os.Setenv(connections, strconv.Itoa(lanes+1)); err != nil {
			return nil, err
		}
	}
	symbol, err := openLibrary()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoDriver, err)
	}
	l := &library{}
	for name, f := range map[string]any{
		"cuInit": &l.init, "cuDriverGetVersion": &l.driverGetVersion,
		"cuDeviceGetCount": &l.deviceGetCount, "cuDeviceGet": &l.deviceGet, "cuDeviceGetName": &l.deviceGetName,
		"cuDeviceTotalMem_v2": &l.deviceTotalMem, "cuDeviceGetAttribute": &l.deviceGetAttribute,
		"cuDevicePrimaryCtxSetFlags_v2": &l.primaryCtxSetFlags, "cuDevicePrimaryCtxRetain": &l.primaryCtxRetain,
		"cuDevicePrimaryCtxRelease_v2": &l.primaryCtxRelease, "cuCtxSetCurrent": &l.ctxSetCurrent,
		"cuModuleLoadData": &l.moduleLoadData, "cuModuleUnload": &l.moduleUnload, "cuModuleGetFunction": &l.moduleGetFunction,
		"cuFuncSetAttribute": &l.funcSetAttribute, "cuOccupancyMaxActiveBlocksPerMultiprocessor": &l.occupancy,
		"cuMemGetInfo_v2": &l.memGetInfo, "cuMemAlloc_v2": &l.memAlloc, "cuMemFree_v2": &l.memFree,
		"cuDeviceGetDefaultMemPool": &l.defaultMemPool, "cuMemPoolSetAttribute": &l.memPoolSetAttribute,
		"cuMemAllocAsync": &l.memAllocAsync, "cuMemFreeAsync": &l.memFreeAsync,
		"cuMemcpyHtoDAsync_v2": &l.memcpyHtoDAsync, "cuMemcpyDtoHAsync_v2": &l.memcpyDtoHAsync,
		"cuStreamCreate": &l.streamCreate, "cuStreamDestroy_v2": &l.streamDestroy,
		"cuStreamSynchronize": &l.streamSynchronize, "cuStreamQuery": &l.streamQuery,
		"cuLaunchKernel": &l.launchKernel, "cuGetErrorName": &l.getErrorName,
	} {
		address, err := symbol(name)
		if err != nil {
			return nil, fmt.Errorf("NVIDIA's driver is too old: it has no %s", name)
		}
		purego.RegisterFunc(f, address)
	}
	if err := l.check("cuInit", l.init(0)); err != nil {
		return nil, err
	}
	return l, nil
}

// check returns the error that a result stands for.
func (l *library) check(call string, result int32) error {
	if result == 0 {
		return nil
	}
	e := &Error{Call: call, Code: int(result), Name: "error"}
	var name *byte
	if l.getErrorName(result, &name) == 0 && name != nil {
		e.Name = cString(unsafe.Slice(name, 100))
	}
	return e
}

// cString is the text up to the first 0.
func cString(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// Version implements Driver.
func (l *library) Version() (int, error) {
	var v int32
	err := l.check("cuDriverGetVersion", l.driverGetVersion(&v))
	return int(v), err
}

// Devices implements Driver.
func (l *library) Devices() (int, error) {
	var n int32
	err := l.check("cuDeviceGetCount", l.deviceGetCount(&n))
	return int(n), err
}

// Open implements Driver.
func (l *library) Open(ordinal int) (Card, error) {
	c := &card{library: l}
	if err := l.check("cuDeviceGet", l.deviceGet(&c.device, int32(ordinal))); err != nil {
		return nil, err
	}
	name := make([]byte, 256)
	var memory uint64
	var major, minor, multiprocessors, shared, doubles, limited int32
	for _, r := range []struct {
		call   string
		result int32
	}{
		{"cuDeviceGetName", l.deviceGetName(&name[0], int32(len(name)), c.device)},
		{"cuDeviceTotalMem", l.deviceTotalMem(&memory, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&major, attributeMajor, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&minor, attributeMinor, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&multiprocessors, attributeMultiprocessors, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&shared, attributeMostShared, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&doubles, attributeDoubles, c.device)},
		{"cuDeviceGetAttribute", l.deviceGetAttribute(&limited, attributeExecTimeout, c.device)},
	} {
		if err := l.check(r.call, r.result); err != nil {
			return nil, err
		}
	}
	c.properties = Properties{
		Name: cString(name), Memory: int64(memory), Major: int(major), Minor: int(minor),
		Multiprocessors: int(multiprocessors), Shared: int(shared), Doubles: int(doubles), Limited: limited != 0 || os.Getenv(screen) != "",
	}
	return c, nil
}

// card implements Card. It gets its context when it is needed first.
type card struct {
	*library
	device     int32
	properties Properties
	context    uintptr
}

// Properties implements Card.
func (c *card) Properties() Properties { return c.properties }

// Bind implements Card. The first call must have returned before there are others.
func (c *card) Bind() error {
	if c.context == 0 {
		// Another part of the process may have begun to use the GPU, with flags of its own.
		_ = c.primaryCtxSetFlags(c.device, contextBlocks)
		if err := c.check("cuDevicePrimaryCtxRetain", c.primaryCtxRetain(&c.context, c.device)); err != nil {
			return err
		}
		// Memory that a batch has given back is kept for the next one.
		var pool uintptr
		all := uint64(math.MaxUint64)
		err := cmp.Or(c.check("cuDeviceGetDefaultMemPool", c.defaultMemPool(&pool, c.device)),
			c.check("cuMemPoolSetAttribute", c.memPoolSetAttribute(pool, poolReleaseThreshold, &all)))
		if err != nil {
			return err
		}
	}
	return c.check("cuCtxSetCurrent", c.ctxSetCurrent(c.context))
}

// Close implements Card.
func (c *card) Close() error {
	if c.context == 0 {
		return nil
	}
	c.context = 0
	return c.check("cuDevicePrimaryCtxRelease", c.primaryCtxRelease(c.device))
}

// Free implements Card.
func (c *card) Free() (int64, error) {
	var free, total uint64
	err := c.check("cuMemGetInfo", c.memGetInfo(&free, &total))
	return int64(free), err
}

// Allocate implements Card.
func (c *card) Allocate(size int64) (Address, error) {
	var a uint64
	err := c.check("cuMemAlloc", c.memAlloc(&a, uint64(size)))
	return Address(a), err
}

// Release implements Card.
func (c *card) Release(a Address) error { return c.check("cuMemFree", c.memFree(uint64(a))) }

// Load implements Card.
func (c *card) Load(ptx []byte) (Module, error) {
	m := &module{library: c.library}
	image := append(bytes.Clone(ptx), 0)
	err := c.check("cuModuleLoadData", c.moduleLoadData(&m.module, &image[0]))
	return m, err
}

// Stream implements Card.
func (c *card) Stream() (Stream, error) {
	s := &stream{library: c.library}
	err := c.check("cuStreamCreate", c.streamCreate(&s.stream, streamNonBlocking))
	return s, err
}

// Reserve implements Card: what was allocated once and given back stays in the pool that streams allocate from.
func (c *card) Reserve(size int64) error {
	s, err := c.Stream()
	if err != nil {
		return err
	}
	a, err := s.Allocate(size)
	if err == nil {
		err = cmp.Or(s.Release(a), s.Wait())
	}
	return cmp.Or(err, s.Close())
}

type module struct {
	*library
	module uintptr
}

// Function implements Module.
func (m *module) Function(name string, threads, shared int) (Function, error) {
	f := &function{library: m.library, threads: threads, shared: shared}
	c := append([]byte(name), 0)
	if err := m.check("cuModuleGetFunction", m.moduleGetFunction(&f.function, m.module, &c[0])); err != nil {
		return nil, err
	}
	// As much as can be of what is cache or shared memory is to be the latter: otherwise there may be room for one block where there could
	// be two.
	return f, cmp.Or(
		m.check("cuFuncSetAttribute", m.funcSetAttribute(f.function, functionDynamicShared, int32(shared))),
		m.check("cuFuncSetAttribute", m.funcSetAttribute(f.function, functionSharedCarveout, 100)),
	)
}

// Unload implements Module.
func (m *module) Unload() error { return m.check("cuModuleUnload", m.moduleUnload(m.module)) }

type function struct {
	*library
	function        uintptr
	threads, shared int
}

// Resident implements Function.
func (f *function) Resident() (int, error) {
	var n int32
	err := f.check("cuOccupancyMaxActiveBlocksPerMultiprocessor", f.occupancy(&n, f.function, int32(f.threads), uint64(f.shared)))
	return int(n), err
}

type stream struct {
	*library
	stream uintptr
}

// Allocate implements Stream.
func (s *stream) Allocate(size int64) (Address, error) {
	var a uint64
	err := s.check("cuMemAllocAsync", s.memAllocAsync(&a, uint64(size), s.stream))
	return Address(a), err
}

// Release implements Stream.
func (s *stream) Release(a Address) error {
	return s.check("cuMemFreeAsync", s.memFreeAsync(uint64(a), s.stream))
}

// Upload implements Stream. From memory that is not pinned, the driver copies by way of its own before it returns.
func (s *stream) Upload(to Address, from []byte) error {
	return s.check("cuMemcpyHtoDAsync", s.memcpyHtoDAsync(uint64(to), unsafe.Pointer(unsafe.SliceData(from)), uint64(len(from)), s.stream))
}

// Download implements Stream. To memory that is not pinned, the driver returns when all is there.
func (s *stream) Download(to []byte, from Address) error {
	return s.check("cuMemcpyDtoHAsync", s.memcpyDtoHAsync(unsafe.Pointer(unsafe.SliceData(to)), uint64(from), uint64(len(to)), s.stream))
}

// Launch implements Stream.
func (s *stream) Launch(f Function, blocks int, arguments ...uint64) error {
	k := f.(*function)
	pointers := make([]unsafe.Pointer, len(arguments))
	for i := range arguments {
		pointers[i] = unsafe.Pointer(&arguments[i])
	}
	err := s.check("cuLaunchKernel", s.launchKernel(k.function, uint32(blocks), 1, 1, uint32(k.threads), 1, 1, uint32(k.shared), s.stream,
		unsafe.SliceData(pointers), 0))
	runtime.KeepAlive(arguments)
	return err
}

// Wait implements Stream.
func (s *stream) Wait() error { return s.check("cuStreamSynchronize", s.streamSynchronize(s.stream)) }

// Done implements Stream.
func (s *stream) Done() (bool, error) {
	result := s.streamQuery(s.stream)
	if result == notReady {
		return false, nil
	}
	return true, s.check("cuStreamQuery", result)
}

// Close implements Stream.
func (s *stream) Close() error { return s.check("cuStreamDestroy", s.streamDestroy(s.stream)) }

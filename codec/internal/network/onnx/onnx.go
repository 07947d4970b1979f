// Package onnx runs the language model in ONNX Runtime: on the processor, or on a GPU through CUDA, DirectML or CoreML.
//
// ONNX Runtime is a library of its own that is found at run time (Find) and never needed. What is wrong with it, or with
// a device, is an error in one line: the caller goes on with the runner that is built into the model. A device must pass
// the model's known-answer test before it is used (Library.Open), and one row of every run is computed a second time by
// the built-in runner. If that ever differs, or a run fails, the built-in runner takes over for good, so that a Runner
// cannot fail.
//
// Builds without cgo find libraries but cannot load them.
package onnx

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
)

// ErrNotInBuild says that this program cannot load ONNX Runtime because it was built without cgo.
var ErrNotInBuild = errors.New("this build of Trilobyte cannot use ONNX Runtime (it was built without cgo)")

// Device is what ONNX Runtime computes on.
type Device struct {
	Provider string // one of Providers
	Index    int    // which GPU, from 0; only of cuda and directml
}

// The providers of devices, as the command line calls them.
const (
	CPU      = "cpu"
	CUDA     = "cuda"
	DirectML = "directml"
	CoreML   = "coreml"
)

// CPUDevice is the processor.
var CPUDevice = Device{Provider: CPU}

// String returns the device as ParseDevice reads it.
func (d Device) String() string {
	if d.Provider == CUDA || d.Provider == DirectML {
		return d.Provider + ":" + strconv.Itoa(d.Index)
	}
	return d.Provider
}

// ParseDevice reads cpu, cuda:N, directml:N or coreml; N may be left out and is 0 then.
func ParseDevice(s string) (Device, error) {
	provider, number, numbered := strings.Cut(s, ":")
	d := Device{Provider: provider}
	known := provider == CPU || provider == CoreML || provider == CUDA || provider == DirectML
	if !known || numbered && (provider == CPU || provider == CoreML) {
		return d, fmt.Errorf("there is no device called %q: it is cpu, cuda:N, directml:N or coreml", s)
	}
	if numbered {
		n, err := strconv.ParseUint(number, 10, 8)
		if err != nil {
			return d, fmt.Errorf("the device %q has no sound number: write %s:0 for the first one", s, provider)
		}
		d.Index = int(n)
	}
	return d, nil
}

// Devices returns the devices that ONNX Runtime may offer on this kind of system, the fastest first. Whether they are
// there is only known when they are opened.
func Devices() []Device {
	switch runtime.GOOS {
	case "windows":
		return []Device{{Provider: CUDA}, {Provider: DirectML}, CPUDevice}
	case "darwin":
		return []Device{{Provider: CoreML}, CPUDevice}
	}
	return []Device{{Provider: CUDA}, CPUDevice}
}

// Options adjust how a device is used. The zero value is right.
type Options struct {
	// Threads is how many threads ONNX Runtime divides one run on the processor among; 1 if 0. Several runs take place
	// at the same time.
	Threads int
	// Warn is told if the device fails later on and the built-in runner takes over. It may be nil.
	Warn func(error)
}

// firstLine shortens what ONNX Runtime has to say to what fits into a message, and leaves out where in its source it says
// so.
func firstLine(err error) error {
	text, _, _ := strings.Cut(strings.TrimSpace(err.Error()), "\n")
	if i := strings.LastIndex(text, "[ONNXRuntimeError] : "); i >= 0 {
		parts := strings.SplitN(text[i:], " : ", 4) // and a number, and its name
		text = parts[len(parts)-1]
	}
	const limit = 400
	if len(text) > limit {
		text = strings.ToValidUTF8(text[:limit], "") + "..."
	}
	return errors.New(text)
}

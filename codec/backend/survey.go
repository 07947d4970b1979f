package backend

import (
	"context"
	"errors"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/network/onnx"
	"trilobyte/codec/internal/simd"
)

// MeasuredRows are the sizes of batches for which Look usually measures: one row, as decoding needs them, and more, as
// encoding has them.
var MeasuredRows = []int{1, 64, 4096}

// ThoroughRows are those of a thorough test.
var ThoroughRows = []int{1, 7, 64, 512, 4096, 16384, 65536}

// Status is what is known of one backend on one device.
type Status struct {
	Backend string
	Device  string // path of the processor, or device of ONNX Runtime
	InUse   bool   // a path that the rest of the program uses too
	Err     error  // why it cannot be used; nil if it passes the known-answer test
	// Speed is rows a second on all cores together, by the size of batches. Each sample of each channel is a row.
	Speed []float64
}

// Survey is what a machine has for the language model, and for whole segments.
type Survey struct {
	Path    string // of the ONNX Runtime library, or ""
	Version string // of ONNX Runtime, or ""
	Err     error  // why there is no ONNX Runtime
	Devices []Status
	GPUs    []GPU // NVIDIA's, which code whole segments
	GPUErr  error // why there are none
}

// Look tests all backends with a model, with known answers in batches of so many rows, and measures them. libraryPath is
// where ONNX Runtime is, or "" to look for it. Look only fails if the context ends.
func Look(ctx context.Context, m *network.Model, libraryPath string, rows []int) (Survey, error) {
	var s Survey
	for _, p := range simd.Survey() {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		d := Status{Backend: SIMD, Device: string(p.Path), InUse: p.InUse}
		if p.Path == simd.Go {
			d.Backend, d.Device = Go, "-"
		}
		d.lookAtPath(m, p.Path, rows)
		s.Devices = append(s.Devices, d)
	}
	s.GPUs, s.GPUErr = lookAtGPUs(ctx, m, cuda.Load)
	library, err := loadLibrary(libraryPath)
	if err != nil {
		s.Err = err
		return s, ctx.Err()
	}
	s.Path, s.Version = library.Path(), library.Version()
	for _, device := range onnx.Devices() {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		d := Status{Backend: ONNX, Device: device.String()}
		d.Err = d.lookAtDevice(m, library, device, rows)
		s.Devices = append(s.Devices, d)
	}
	return s, nil
}

func (d *Status) lookAtPath(m *network.Model, path simd.Path, rows []int) {
	r, err := m.On(path)
	if err == nil {
		err = m.KnownAnswerAt(func(inputs []uint8, outputs []network.Outputs) error {
			r.Run(inputs, outputs)
			return nil
		}, rows...)
	}
	if d.Err = err; err == nil {
		d.measure(m, r, rows)
	}
}

func (d *Status) lookAtDevice(m *network.Model, library *onnx.Library, device onnx.Device, rows []int) error {
	r, err := library.Open(m, device, onnx.Options{})
	if err != nil {
		return err
	}
	err = r.KnownAnswerAt(rows...)
	if err == nil {
		d.measure(m, r, rows)
		err = r.Err()
	}
	return errors.Join(err, r.Close())
}

func (d *Status) measure(m *network.Model, r network.Runner, rows []int) {
	for _, n := range rows {
		d.Speed = append(d.Speed, speed(m, r, n))
	}
}

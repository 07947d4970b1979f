package backend

import (
	"context"

	"trilobyte/codec/kernel"
	"trilobyte/codec/model"
	"trilobyte/codec/model/onnx"
)

// MeasuredRows are the sizes of batches for which Status has speeds: one row, as decoding needs them, and more, as
// encoding has them.
var MeasuredRows = [...]int{1, 64, 4096}

// Status is what is known of one backend on one device.
type Status struct {
	Backend string
	Device  string // path of the processor, or device of ONNX Runtime
	InUse   bool   // a path that the rest of the program uses too
	Err     error  // why it cannot be used; nil if it passes the known-answer test
	// Speed is rows a second on all cores together, for batches of MeasuredRows. Each sample of each channel is a row.
	Speed [len(MeasuredRows)]float64
}

// Survey is what a machine has for the language model.
type Survey struct {
	Path    string // of the ONNX Runtime library, or ""
	Version string // of ONNX Runtime, or ""
	Err     error  // why there is no ONNX Runtime
	Devices []Status
}

// Look tests all backends with a model and measures them. It only fails if the context ends.
func Look(ctx context.Context, m *model.Model, libraryPath string) (Survey, error) {
	var s Survey
	for _, p := range kernel.Survey() {
		d := Status{Backend: SIMD, Device: string(p.Path), InUse: p.InUse}
		if p.Path == kernel.Go {
			d.Backend, d.Device = Go, "-"
		}
		r, err := m.On(p.Path)
		if err == nil {
			err = m.KnownAnswer(func(features []uint8, outputs []model.Outputs) error {
				r.Run(features, outputs)
				return ctx.Err()
			})
		}
		if d.Err = err; err == nil {
			d.measure(r)
		}
		s.Devices = append(s.Devices, d)
	}
	library, err := loadLibrary(libraryPath)
	if err != nil {
		s.Err = err
		return s, ctx.Err()
	}
	s.Path, s.Version = library.Path(), library.Version()
	for _, device := range onnx.Devices() {
		if ctx.Err() != nil {
			break
		}
		d := Status{Backend: ONNX, Device: device.String()}
		r, err := library.Open(m, device, onnx.Options{})
		if d.Err = err; err == nil {
			d.measure(r)
			d.Err = r.Err()
			if err := r.Close(); d.Err == nil {
				d.Err = err
			}
		}
		s.Devices = append(s.Devices, d)
	}
	return s, ctx.Err()
}

func (d *Status) measure(r model.Runner) {
	for i, rows := range MeasuredRows {
		d.Speed[i] = speed(r, rows)
	}
}

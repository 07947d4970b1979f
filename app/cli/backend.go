package cli

import (
	"errors"

	"trilobyte/app/job"
	"trilobyte/app/preset"
	"trilobyte/codec/backend"
)

// backendFlags choose what computes the language model.
type backendFlags struct {
	Backend string `enum:"auto,go,simd,cuda,onnx" default:"auto" placeholder:"auto|go|simd|cuda|onnx" help:"What computes: by default, the fastest that this machine has, with its NVIDIA GPUs if there is much to do. The result is the same. See: trilobyte devices."`
	Device  string `placeholder:"DEVICE" help:"The GPUs to use, as in cuda:0,cuda:1: by default, all. Or what ONNX Runtime computes on: cpu, cuda:0, directml:0 or coreml."`
}

func (f backendFlags) choice() backend.Choice {
	return backend.Choice{Backend: f.Backend, Device: f.Device}
}

// Validate implements kong.Validatable.
func (f backendFlags) Validate() error { return f.choice().Check() }

// withCodec does a job with the codec of the default preset on the backend that the flags choose.
func (p *program) withCodec(f backendFlags, purpose backend.Purpose, do func(job.Codec) error) error {
	return p.withChosen(preset.Choice{Backend: f.choice()}, purpose, do)
}

// withChosen does a job with a chosen codec.
func (p *program) withChosen(choice preset.Choice, purpose backend.Purpose, do func(job.Codec) error) error {
	warn := func(err error) { p.complain("note", err) }
	codec, done, err := p.codecs.Codec(choice, purpose, warn)
	if err != nil {
		return err
	}
	return errors.Join(do(codec), done())
}

// withPresets does a job with the codecs of several presets.
func (p *program) withPresets(names []string, f backendFlags, purpose backend.Purpose, do func([]job.Codec) error, codecs ...job.Codec) error {
	if len(names) == 0 {
		return do(codecs)
	}
	choice := preset.Choice{Preset: names[0], Backend: f.choice()}
	return p.withChosen(choice, purpose, func(codec job.Codec) error {
		return p.withPresets(names[1:], f, purpose, do, append(codecs, codec)...)
	})
}

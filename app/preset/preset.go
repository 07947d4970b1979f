// Package preset makes the codec that jobs work with: a preset, on the backend of the user's choice. The command line and the
// window get their codecs here.
package preset

import (
	"context"
	"crypto/sha256"
	"fmt"

	"trilobyte/app/job"
	"trilobyte/codec"
	"trilobyte/codec/backend"
	"trilobyte/codec/stream"
)

// Choice is what the user can choose.
type Choice struct {
	Preset  string // one of codec.Presets, or "" for the default
	Model   []byte // a model file, to be used instead of the preset's; nil: the preset's
	Backend backend.Choice
}

// Codecs makes codecs.
type Codecs struct{}

// Codec returns the codec for a job. What cannot be used of a backend is told to warn, on any goroutine, and what is built
// in takes over. The caller calls done when the job is over.
func (Codecs) Codec(choice Choice, purpose backend.Purpose, warn func(error)) (result job.Codec, done func() error, err error) {
	if err := codec.CheckPath(); err != nil {
		return job.Codec{}, nil, err
	}
	file := choice.Model
	if file == nil {
		if file, err = codec.Preset(choice.Preset); err != nil {
			return job.Codec{}, nil, err
		}
	}
	backends := backend.New(choice.Backend, purpose, warn)
	load := func(file []byte) (stream.SegmentCoder, error) {
		m, err := codec.Load(file)
		if err != nil {
			return nil, err
		}
		return coder{backends.Coder(m), backends}, nil
	}
	made, err := load(file)
	if err != nil {
		if choice.Model == nil {
			err = fmt.Errorf("the program file is damaged: %w", err)
		}
		return job.Codec{}, nil, err
	}
	begin := func(bytes int64, cores int) job.Crew { return backends.Begin(bytes, cores) }
	return job.Codec{Coder: made, Model: file, BuiltIn: codec.BuiltIn(), Load: load, Begin: begin, Using: backends.Using}, backends.Close, nil
}

// coder is a stream.Doubted: GPUs may code for it, but not gradually.
type coder struct {
	*codec.Coder
	backends *backend.Backends
}

var _ stream.Gradual = coder{}

// Alone implements stream.Doubted.
func (c coder) Alone() stream.SegmentCoder {
	if gpus, _ := c.backends.Using(); gpus == 0 {
		return nil
	}
	return c.Coder.Alone()
}

// Distrust implements stream.Doubted.
func (c coder) Distrust() { c.backends.Distrust() }

// Of returns the preset whose model has that identity, or "".
func Of(model [sha256.Size]byte) string {
	for _, name := range codec.Presets() {
		if file, err := codec.Preset(name); err == nil && sha256.Sum256(file) == model {
			return name
		}
	}
	return ""
}

// Survey tests and measures all backends of this machine with the default model, in batches of so many rows. The error is
// the context's, or that the program is damaged.
func (Codecs) Survey(ctx context.Context, rows []int) (backend.Survey, error) {
	file, err := codec.Preset(codec.DefaultPreset)
	if err != nil {
		return backend.Survey{}, err
	}
	m, err := codec.Load(file)
	if err != nil {
		return backend.Survey{}, fmt.Errorf("the program file is damaged: %w", err)
	}
	return backend.Look(ctx, m.Network(), "", rows)
}

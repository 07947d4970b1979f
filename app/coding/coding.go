// Package coding makes the codec that jobs work with: a model that is built into the program, on the backend of the
// user's choice. The command line and the window get their codecs here.
package coding

import (
	"context"
	"crypto/sha256"
	"fmt"

	"trilobyte/app/job"
	"trilobyte/assets"
	"trilobyte/codec/backend"
	"trilobyte/codec/model"
	"trilobyte/codec/segment"
	"trilobyte/codec/stream"
)

// Presets are the names of what users can choose between size and speed, fastest first.
var Presets = []string{"fast", "default", "max"}

// models are the models that the presets code with.
var models = map[string][]byte{"fast": assets.Fast, "default": assets.Default, "max": assets.Max}

// builtIn are all models that archives may have been made with.
func builtIn() map[[32]byte][]byte {
	files := map[[32]byte][]byte{}
	for _, file := range assets.All() {
		files[sha256.Sum256(file)] = file
	}
	return files
}

// Choice is what the user can choose.
type Choice struct {
	Preset  string // one of Presets, or "" for the default
	Backend backend.Choice
}

func (c Choice) model() ([]byte, error) {
	name := c.Preset
	if name == "" {
		name = "default"
	}
	file := models[name]
	if file == nil {
		return nil, fmt.Errorf("there is no preset %q: choose fast, default or max", c.Preset)
	}
	return file, nil
}

// Identity returns the SHA-256 of a preset's model, which names it in archives.
func Identity(preset string) [32]byte { return sha256.Sum256(models[preset]) }

// Coding makes codecs.
type Coding struct{}

// Codec returns the codec for a job. What cannot be used of a backend is told to warn, on any goroutine, and what is built
// in takes over. The caller calls done when the job is over.
func (Coding) Codec(choice Choice, purpose backend.Purpose, warn func(error)) (codec job.Codec, done func() error, err error) {
	file, err := choice.model()
	if err != nil {
		return job.Codec{}, nil, err
	}
	backends := backend.New(choice.Backend, purpose, warn)
	load := func(file []byte) (stream.SegmentCoder, error) {
		m, err := model.Load(file)
		if err != nil {
			return nil, err
		}
		encoding, decoding := backends.Runners(m)
		return segment.NewOn(m, encoding, decoding), nil
	}
	coder, err := load(file)
	if err != nil {
		return job.Codec{}, nil, fmt.Errorf("the program file is damaged: %w", err)
	}
	return job.Codec{Coder: coder, Model: file, BuiltIn: builtIn(), Load: load}, backends.Close, nil
}

// Survey tests and measures all backends of this machine with the default model, in batches of so many rows. The error is
// the context's, or that the program is damaged.
func (Coding) Survey(ctx context.Context, rows []int) (backend.Survey, error) {
	m, err := model.Load(assets.Default)
	if err != nil {
		return backend.Survey{}, fmt.Errorf("the program file is damaged: %w", err)
	}
	return backend.Look(ctx, m, "", rows)
}

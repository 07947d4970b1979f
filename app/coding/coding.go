// Package coding makes the codec that jobs work with: the model that is built into the program, on the backend of the
// user's choice. The command line and the window get their codecs here.
package coding

import (
	"context"
	"fmt"

	"trilobyte/app/job"
	"trilobyte/codec/backend"
	"trilobyte/codec/model"
	"trilobyte/codec/segment"
	"trilobyte/codec/stream"
)

// Coding makes codecs of the model whose file it holds.
type Coding struct {
	// Model is the file that model.Load reads.
	Model []byte
}

// Codec returns the codec for a job, with the language model on the backend of the user's choice. What cannot be used is
// told to warn, on any goroutine, and what is built in takes over. The caller calls done when the job is over.
func (c Coding) Codec(choice backend.Choice, purpose backend.Purpose, warn func(error)) (codec job.Codec, done func() error, err error) {
	backends := backend.New(choice, purpose, warn)
	load := func(file []byte) (stream.SegmentCoder, error) {
		m, err := model.Load(file)
		if err != nil {
			return nil, err
		}
		encoding, decoding := backends.Runners(m)
		return segment.NewOn(m, encoding, decoding), nil
	}
	coder, err := load(c.Model)
	if err != nil {
		return job.Codec{}, nil, fmt.Errorf("the program file is damaged: %w", err)
	}
	return job.Codec{Coder: coder, Model: c.Model, Load: load}, backends.Close, nil
}

// Survey tests and measures all backends of this machine, in batches of so many rows. The error is the context's, or that
// the program is damaged.
func (c Coding) Survey(ctx context.Context, rows []int) (backend.Survey, error) {
	m, err := model.Load(c.Model)
	if err != nil {
		return backend.Survey{}, fmt.Errorf("the program file is damaged: %w", err)
	}
	return backend.Look(ctx, m, "", rows)
}

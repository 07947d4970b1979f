// Trilobyte archives WAV files losslessly, smaller than FLAC.
//
// With a subcommand it works in the terminal: see package app/cli.
package main

import (
	"fmt"
	"os"

	"trilobyte/app/cli"
	"trilobyte/app/job"
	"trilobyte/assets"
	"trilobyte/codec/model"
	"trilobyte/codec/segment"
	"trilobyte/codec/stream"
)

func main() {
	codec, err := codec()
	if err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte: the program file is damaged:", err)
		os.Exit(1)
	}
	os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr, codec))
}

// codec is the codec with the model that is built in.
func codec() (job.Codec, error) {
	coder, err := load(assets.Model)
	return job.Codec{Coder: coder, Model: assets.Model, Load: load}, err
}

// load returns the coder for a model.
func load(file []byte) (stream.SegmentCoder, error) {
	m, err := model.Load(file)
	if err != nil {
		return nil, err
	}
	return segment.New(m), nil
}

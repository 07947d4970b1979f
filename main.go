// Trilobyte archives WAV files losslessly, smaller than FLAC.
//
// With a subcommand it works in the terminal: see package app/cli. Without one
// it opens its window: see package ui. Builds with the tag headless, or without
// cgo, have no window.
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

// version is the version of the program.
const version = "0.1.0"

func main() {
	args := os.Args[1:]
	if cli.ForWindow(args) {
		os.Exit(openWindow(args))
	}
	os.Exit(cli.Run(args, os.Stdout, os.Stderr, mustCodec()))
}

// noWindow says why there is no window, and what there is instead.
func noWindow(why string) int {
	cli.Run([]string{"--help"}, os.Stdout, os.Stderr, job.Codec{})
	fmt.Fprintf(os.Stderr, "\ntrilobyte: the window cannot be opened: %s\n", why)
	return 1
}

// mustCodec is the codec, or the end of the program.
func mustCodec() job.Codec {
	codec, err := codec()
	if err != nil {
		fmt.Fprintln(os.Stderr, "trilobyte: the program file is damaged:", err)
		os.Exit(1)
	}
	return codec
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

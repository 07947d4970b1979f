// Trilobyte archives recordings losslessly, smaller than FLAC.
//
// With a subcommand it works in the terminal: see package app/cli. Without one
// it opens its window: see package ui. Builds with the tag headless, or without
// cgo, have no window.
package main

import (
	"fmt"
	"os"

	"trilobyte/app/cli"
	"trilobyte/app/preset"
)

// codecs makes codecs with the models that are built in.
var codecs preset.Codecs

func main() {
	args := os.Args[1:]
	if cli.ForWindow(args) {
		os.Exit(openWindow(args))
	}
	os.Exit(cli.Run(args, os.Stdout, os.Stderr, codecs, versions()))
}

// noWindow says why there is no window, and what there is instead.
func noWindow(why string) int {
	cli.Run([]string{"--help"}, os.Stdout, os.Stderr, codecs, versions())
	fmt.Fprintf(os.Stderr, "\ntrilobyte: the window cannot be opened: %s\n", why)
	return 1
}

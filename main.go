// Trilobyte archives WAV files losslessly, smaller than FLAC.
//
// With a subcommand it works in the terminal: see package app/cli.
package main

import (
	"os"

	"trilobyte/app/cli"
	"trilobyte/app/coding"
	"trilobyte/assets"
)

func main() {
	os.Exit(cli.Run(os.Args[1:], os.Stdout, os.Stderr, coding.Coding{Model: assets.Model}))
}

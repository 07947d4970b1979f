// Package assets holds what is built into the program: the language models, files in the form that codec.Load reads.
// Their card is model.md.
package assets

import _ "embed"

// The models of the presets.
var (
	//go:embed models/fast.onnx
	Fast []byte
	//go:embed models/default.onnx
	Default []byte
	//go:embed models/max.onnx
	Max []byte
)

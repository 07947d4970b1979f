// Package assets holds what is built into the program: the language models, files in the form that model.Load reads.
// Their card is model.md. A model that was ever built in stays, because small archives do not carry theirs.
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

// First is the model of the first archives.
//
//go:embed models/first.onnx
var First []byte

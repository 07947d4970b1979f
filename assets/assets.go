// Package assets holds what is built into the program.
package assets

import _ "embed"

// Model is the language model that archives are coded with by default: the
// file, an ONNX graph, that model.Load reads. Its card is model.md.
//
//go:embed model.onnx
var Model []byte

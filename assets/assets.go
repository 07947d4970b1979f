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

// The models that archives were made with before: by the first programs, by the first that had presets, by the last that
// had no memory, by the last whose experts had no blend, by the last whose experts did not work in blocks, and by the last
// that coded whole tokens one by one.
var (
	//go:embed models/first.onnx
	First []byte
	//go:embed models/second-fast.onnx
	SecondFast []byte
	//go:embed models/second-default.onnx
	SecondDefault []byte
	//go:embed models/second-max.onnx
	SecondMax []byte
	//go:embed models/third-default.onnx
	ThirdDefault []byte
	//go:embed models/third-fast.onnx
	ThirdFast []byte
	//go:embed models/third-max.onnx
	ThirdMax []byte
	//go:embed models/fourth-default.onnx
	FourthDefault []byte
	//go:embed models/fifth-default.onnx
	FifthDefault []byte
	//go:embed models/fifth-fast.onnx
	FifthFast []byte
	//go:embed models/sixth-default.onnx
	SixthDefault []byte
	//go:embed models/sixth-fast.onnx
	SixthFast []byte
)

// All returns all models, the newest first.
func All() [][]byte {
	return [][]byte{Fast, Default, Max, SixthFast, SixthDefault, FifthFast, FifthDefault, FourthDefault, ThirdFast, ThirdDefault, ThirdMax, SecondFast, SecondDefault, SecondMax, First}
}

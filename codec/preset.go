package codec

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
)

// Model is a preset: a network, and the description of the predictors that it was trained for. It is safe for concurrent use.
type Model struct{ network *network.Model }

// Load reads a model from its file, an ONNX graph (FORMAT.md, "Model"). It refuses one that could leave the range in which all
// machines agree, or that asks for more time or memory than a sample may take. The model keeps file.
func Load(file []byte) (*Model, error) {
	m, err := network.Load(file)
	if err != nil {
		return nil, err
	}
	return &Model{m}, nil
}

// ID is the identity of the model: the SHA-256 of its file. Whatever was coded with a model names it.
func (m *Model) ID() [32]byte { return m.network.ID() }

// File is the model's file.
func (m *Model) File() []byte { return m.network.File() }

// Description is the description of its predictors and features.
func (m *Model) Description() Description { return Description{m.network.Description()} }

// With returns the file of a model with the same network and another description: to try predictors that tell of the same.
func (m *Model) With(d Description) ([]byte, error) { return network.Redescribe(m.File(), d.Text()) }

// Network is the model's network, for package codec/backend, which chooses what computes it.
func (m *Model) Network() *network.Model { return m.network }

// presets are the models that are built in, fastest first.
var presets = []struct {
	name string
	file []byte
}{{"fast", assets.Fast}, {"default", assets.Default}, {"max", assets.Max}}

// DefaultPreset is the name of the preset that weighs size against speed.
const DefaultPreset = "default"

// Presets are the names of what users can choose between size and speed, fastest first.
func Presets() []string {
	var names []string
	for _, p := range presets {
		names = append(names, p.name)
	}
	return names
}

// Preset returns the file of a built-in model; "" is the default one.
func Preset(name string) ([]byte, error) {
	if name == "" {
		name = DefaultPreset
	}
	for _, p := range presets {
		if p.name == name {
			return slices.Clone(p.file), nil
		}
	}
	return nil, fmt.Errorf("there is no preset %q: choose %s", name, strings.Join(Presets(), ", "))
}

// BuiltIn returns the files of all built-in models by their identities.
func BuiltIn() map[[32]byte][]byte {
	files := map[[32]byte][]byte{}
	for _, p := range presets {
		files[sha256.Sum256(p.file)] = p.file
	}
	return files
}

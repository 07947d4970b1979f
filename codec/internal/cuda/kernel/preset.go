package kernel

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
)

//go:generate sh generate.sh

// A preset's folder has what its kernel was compiled with, the macros, and what came out.
//
//go:embed presets
var files embed.FS

// preset is a kernel that was compiled.
type preset struct {
	name   string
	shared int // bytes of a block
}

// presets are all of them. The sizes are those that the emulator tells.
var presets = []preset{{"fast", 23600}, {"default", 114896}, {"max", 210832}}

// presetOf returns the one that was compiled with some macros.
func presetOf(defines string) (preset, bool) {
	for _, p := range presets {
		if text, err := files.ReadFile("presets/" + p.name + ".defines"); err == nil && string(text) == defines {
			return p, true
		}
	}
	return preset{}, false
}

// code returns the PTX, with a zero behind it; nil if there is none.
func (p preset) code() []byte {
	packed, err := files.ReadFile("presets/" + p.name + ".ptx.gz")
	if err != nil {
		return nil
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return nil
	}
	return append(bytes.TrimRight(text, "\x00"), 0)
}

package kernel

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
)

//go:generate sh generate.sh

// For each form of a preset's kernel there is what it was compiled with, the macros, and what came out.
//
//go:embed presets
var files embed.FS

// preset is a kernel that was compiled.
type preset struct {
	name   string
	shared [2]int // bytes of a block, by form
	kept   int    // bytes at the beginning of scratch, for the small form
}

// presets are all of them. The sizes are those that the emulator tells.
var presets = []preset{
	{"fast", [...]int{24064, 12880}, 29792},
	{"default", [...]int{113216, 45328}, 95392},
	{"max", [...]int{216960, 66496}, 177088},
}

// suffixes are what the names of files have behind that of a preset, by form.
var suffixes = [...]string{"", "-small"}

// presetOf returns the one whose large form was compiled with some macros.
func presetOf(defines string) (preset, bool) {
	for _, p := range presets {
		if text, err := files.ReadFile("presets/" + p.name + ".defines"); err == nil && string(text) == defines {
			return p, true
		}
	}
	return preset{}, false
}

// code returns the PTX of a form, with a zero behind it; nil if there is none.
func (p preset) code(f Form) []byte {
	packed, err := files.ReadFile("presets/" + p.name + suffixes[f] + ".ptx.gz")
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

package kernel

import (
	"flag"
	"os"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
)

var update = flag.Bool("update", false, "write what kernels are compiled with")

// TestDefines checks that the kernels were compiled with what the presets are now.
func TestDefines(t *testing.T) {
	for name, file := range map[string][]byte{"fast": assets.Fast, "default": assets.Default, "max": assets.Max} {
		m, err := network.Load(file)
		if err != nil {
			t.Fatal(err)
		}
		for form, suffix := range suffixes {
			defines, err := Defines(m, Form(form))
			if err != nil {
				t.Fatal(err)
			}
			path := "presets/" + name + suffix + ".defines"
			if *update {
				if err := os.WriteFile(path, []byte(joined(defines)), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if text, err := os.ReadFile(path); err != nil || string(text) != joined(defines) {
				t.Errorf("%s was made for another preset: go generate ./codec/internal/cuda/kernel (%v)", path, err)
			}
		}
	}
}

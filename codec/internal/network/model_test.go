package network_test

import (
	"bytes"
	"testing"

	"trilobyte/assets"
	"trilobyte/codec/internal/network"
)

// TestLoadRefusesDamage cuts the model off and flips its bytes: Load must not panic, and a cut model must be refused.
func TestLoadRefusesDamage(t *testing.T) {
	for size := 0; size < len(assets.Default); size += 997 {
		if _, err := network.Load(assets.Default[:size]); err == nil {
			t.Errorf("a model cut to %d bytes is accepted", size)
		}
	}
	for at := 0; at < len(assets.Default); at += 101 {
		damaged := bytes.Clone(assets.Default)
		damaged[at] ^= 0x55
		_, _ = network.Load(damaged)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add(assets.Default)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _ = network.Load(file)
	})
}

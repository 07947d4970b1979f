package float_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"

	"trilobyte/codec/internal/float"
)

var update = flag.Bool("update", false, "write the golden file anew")

// The bytes are the same on every machine, and never change by accident. They hold whole numbers as they are, so that they do not depend
// on the models.
func TestGolden(t *testing.T) {
	s := load(t, "music/piano.wav", 160)
	processed := func(channel int, n int32) float64 {
		return float64(n) / s.full() * float64(n+int32(channel)+12345) / 54321
	}
	var out bytes.Buffer
	golden(t, &out, "integers", s.singles(func(_ int, n int32) float32 { return float32(n) / float32(s.full()) }))
	golden(t, &out, "gain", s.singles(func(_ int, n int32) float32 { return float32(n) * 0.3 }))
	golden(t, &out, "quotient", s.singles(func(_ int, n int32) float32 { return float32(float32(n)/32767) * 0.3 }))
	golden(t, &out, "inverse", s.singles(func(_ int, n int32) float32 { return float32(float32(n)*float32(1./32767)) * 0.3 }))
	golden(t, &out, "clipped", s.singles(func(_ int, n int32) float32 { return max(min(float32(n)*0.03, 1), -1) }))
	golden(t, &out, "processed", s.singles(func(channel int, n int32) float32 { return float32(processed(channel, n)) }))
	golden(t, &out, "gain, 64 bits", s.doubles(func(_ int, n int32) float64 { return float64(n) * 0.3 }))
	golden(t, &out, "quotient, 64 bits", s.doubles(func(_ int, n int32) float64 { return float64(n) / 32767 }))
	golden(t, &out, "processed, 64 bits", s.doubles(processed))
	golden(t, &out, "32 bits in 64", s.doubles(func(_ int, n int32) float64 { return float64(float32(n) * 0.3) }))
	golden(t, &out, "odd", s.singles(func(_ int, n int32) float32 {
		if n%2 != 0 {
			return float32(math.Inf(int(n)))
		}
		return float32(n) * 0.3
	}))
	name := filepath.Join("testdata", "golden.txt")
	if *update {
		if err := os.WriteFile(name, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(out.Bytes(), want) {
		t.Errorf("what is encoded differs from %s", name)
	}
}

// golden writes what samples are encoded to, after it was decoded.
func golden[T uint32 | uint64](t *testing.T, out *bytes.Buffer, name string, samples [][]T) {
	t.Helper()
	size(t, plainCoder{}, samples)
	data, err := float.Encode(context.Background(), plainCoder{}, samples, nil)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(out, "%s: %s\n", name, hex.EncodeToString(data))
}

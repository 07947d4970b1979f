package simd

import (
	"errors"
	"hash/fnv"
	"math"
)

// Digest makes the inputs of a known-answer test and collects what kernels make of them.
type Digest struct {
	state   uint32
	results []byte
}

var errKnownAnswer = errors.New("its kernels give wrong results on this machine")

// Check returns an error if the results do not have the digest (64-bit FNV-1a) that they should have. It belongs to the format: if it
// changes although the same is asked, so do archives.
func (d *Digest) Check(sum uint64) error {
	h := fnv.New64a()
	h.Write(d.results)
	if h.Sum64() != sum {
		return errKnownAnswer
	}
	return nil
}

// Next returns a number in -1..1.
func (d *Digest) Next() float64 {
	d.state = d.state*1664525 + 1013904223
	return float64(float64(int32(d.state)) / (1 << 31))
}

// Vector returns n numbers in -1..1.
func (d *Digest) Vector(n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = d.Next()
	}
	return v
}

// Vector32 is Vector in single precision.
func (d *Digest) Vector32(n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(d.Next())
	}
	return v
}

// Add collects results.
func (d *Digest) Add(values ...float64) {
	for _, v := range values {
		bits := math.Float64bits(v)
		for range 8 {
			d.results = append(d.results, byte(bits))
			bits >>= 8
		}
	}
}

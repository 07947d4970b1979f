package fourier

import "trilobyte/codec/internal/simd"

// kernel has two steps of a transform, of all n numbers, and of its inverse in assembly. It can do them where q is a multiple of its lanes.
type kernel struct {
	lanes                      int
	forwardTwice, inverseTwice func(re, im, cosines, sines *float64, q, n int)
}

// active are the kernels in use, those with most lanes first. Plain Go, which defines them, has none.
var active []kernel

func init() { simd.Register(func(p simd.Path) { active = kernelsOf(p) }, knownAnswer) }

// kernelFor returns the kernel for two steps, or nil.
func kernelFor(q int) *kernel {
	for i := range active {
		if k := &active[i]; q%k.lanes == 0 {
			return k
		}
	}
	return nil
}

// knownAnswerSum is the digest of what knownAnswer computes.
const knownAnswerSum = 0xc791f91001372d94

// knownAnswer runs all kernels in use on fixed inputs and compares the digest of the results.
func knownAnswer() error {
	d := new(simd.Digest)
	for _, n := range []int{16, 32, 64} {
		x := Spectrum{d.Vector(n), d.Vector(n)}
		t := New(n)
		t.Forward(x)
		d.Add(x.Re...)
		d.Add(x.Im...)
		t.Inverse(x)
		d.Add(x.Re...)
		d.Add(x.Im...)
	}
	return d.Check(knownAnswerSum)
}

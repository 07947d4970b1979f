package network

import (
	"math/rand/v2"
	"slices"
	"testing"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// testAverages updates averages with units, so many at a time, on all paths.
func testAverages(t *testing.T, rates, units []uint8) {
	run := func() (all []uint8) {
		a := newAverages(rates)
		n := paddedUnits(len(rates))
		row, to := make([]uint8, n), make([]uint8, n)
		for len(units)-len(all) >= len(rates) {
			copy(row, units[len(all):][:len(rates)])
			a.Update(row, to)
			all = append(all, to[:len(rates)]...)
		}
		return all
	}
	var want []uint8
	simdtest.OnGo(t, func() { want = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		if got := run(); !slices.Equal(got, want) {
			t.Errorf("on %s: the averages of %d units are %v, plain Go gives %v", simd.InUse(), len(rates), got, want)
		}
	})
}

func TestAverages(t *testing.T) {
	r := rand.New(rand.NewPCG(12, 12))
	for _, n := range []int{1, 8, 15, 16, 17, 64, 100} {
		rates, units := make([]uint8, n), make([]uint8, 300*n)
		for i := range rates {
			rates[i] = uint8(r.IntN(32))
		}
		for i := range units {
			units[i] = uint8(r.IntN(256))
			if i/(50*n)%2 == 1 { // some time at the limits
				units[i] = uint8(255 * (i / (100 * n) % 2))
			}
		}
		testAverages(t, rates, units)
	}
}

// An average follows what is new as fast as its rate says, and reaches both limits.
func TestAveragesFollow(t *testing.T) {
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		a := newAverages([]uint8{0, 1, 3, 10})
		units, to := make([]uint8, paddedUnits(4)), make([]uint8, paddedUnits(4))
		for i, want := range [][4]uint8{{255, 128, 32, 0}, {255, 191, 60, 0}, {255, 223, 84, 1}} {
			for k := range 4 {
				units[k] = 255
			}
			if a.Update(units, to); [4]uint8(to) != want {
				t.Errorf("on %s: after %d rows of 255 the averages are %v, want %v", p, i+1, to[:4], want)
			}
		}
		for _, level := range []uint8{255, 0} {
			for k := range 4 {
				units[k] = level
			}
			for range 20_000 {
				a.Update(units, to)
			}
			if want := [4]uint8{level, level, level, level}; [4]uint8(to) != want {
				t.Errorf("on %s: after many rows of %d the averages are %v", p, level, to[:4])
			}
		}
	}
}

func FuzzAverages(f *testing.F) {
	f.Add([]byte{3, 5, 7, 10}, []byte("what is new, what is old"))
	f.Fuzz(func(t *testing.T, rates, units []byte) {
		if len(rates) == 0 || len(rates) > 1024 {
			return
		}
		for i := range rates {
			rates[i] %= 32
		}
		testAverages(t, rates, units)
	})
}

package predictor

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"trilobyte/codec/internal/simd"
	"trilobyte/codec/internal/simd/simdtest"
)

// unknowns are the sizes of systems.
func unknowns() []int {
	if testing.Short() {
		return []int{1, 2, 7, 8, 17, 32, 64}
	}
	return simdtest.Lengths
}

// testDot64 takes the inner product of weights and x as regressions do, x in one piece and in two.
func testDot64(t *testing.T, weights, x []float64) {
	n := len(x)
	splits := []int{n, 0, n / 2, n / 2 &^ 7}
	run := func() (results []float64) {
		for _, own := range splits {
			rows, to := slices.Repeat([]float64{7}, 2*n+3), [2]float64{}
			other := slices.Concat(x[own:], []float64{1})
			regress([]regression{{weights, own, n - own, rows, 0, &to[0]}, {x, own, n - own, rows, n + 1, &to[1]}}, x[:own], other)
			results = append(append(results, rows...), to[:]...)
		}
		return results
	}
	var want []float64
	for range splits {
		want = slices.Concat(want, x, []float64{7}, x, []float64{7, 7, dot64(weights, x), dot64(x, x)})
	}
	simdtest.OnGo(t, func() { simdtest.Compare(t, fmt.Sprintf("regress of %d", n), run(), want) })
	simdtest.OnVectorPaths(t, func(t *testing.T) { simdtest.Compare(t, fmt.Sprintf("regress of %d", n), run(), want) })
}

func TestDot64(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for range 20 {
				for _, n := range append(simdtest.Lengths, 0, 100) {
					testDot64(t, simdtest.Vector(r, number, n), simdtest.Vector(r, number, n))
				}
			}
		})
	}
}

// The layouts that the generator of the assembly expects.
func TestLayouts(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("there are no simdtest.Vector kernels here")
	}
	var bf blockFilter
	block := []uintptr{unsafe.Offsetof(bf.Weights), unsafe.Offsetof(bf.Taper), unsafe.Offsetof(bf.Inputs), unsafe.Sizeof(bf)}
	if want := []uintptr{0, 24, 48, 72}; !slices.Equal(block, want) {
		t.Errorf("the fields of blockFilter are at %v, not at %v", block, want)
	}
	var bl blockLanes
	lanes := []uintptr{
		unsafe.Offsetof(bl.output), unsafe.Offsetof(bl.rest), unsafe.Offsetof(bl.overlap), unsafe.Offsetof(bl.newest),
		unsafe.Offsetof(bl.neighbour), unsafe.Offsetof(bl.step),
	}
	if want := []uintptr{0, 64, 128, 192, 256, 320}; !slices.Equal(lanes, want) {
		t.Errorf("the fields of blockLanes are at %v, not at %v", lanes, want)
	}
	var ns normalisers
	fields := []uintptr{unsafe.Offsetof(ns.Error), unsafe.Offsetof(ns.Input), unsafe.Offsetof(ns.Step), unsafe.Offsetof(ns.Power), unsafe.Offsetof(ns.state)}
	if want := []uintptr{0, 24, 48, 72, 96}; !slices.Equal(fields, want) {
		t.Errorf("the fields of normalisers are at %v, not at %v", fields, want)
	}
	var n normaliser
	state := []uintptr{
		unsafe.Offsetof(n.rate), unsafe.Offsetof(n.keep), unsafe.Offsetof(n.flat), unsafe.Offsetof(n.used), unsafe.Offsetof(n.decayed), unsafe.Sizeof(n),
	}
	if want := []uintptr{0, 64, 128, 192, 576, 960}; !slices.Equal(state, want) {
		t.Errorf("the fields of normaliser are at %v, not at %v", state, want)
	}
	var r regression
	regressionAt := []uintptr{
		unsafe.Offsetof(r.Weights), unsafe.Offsetof(r.Own), unsafe.Offsetof(r.Other), unsafe.Offsetof(r.Rows), unsafe.Offsetof(r.At),
		unsafe.Offsetof(r.To), unsafe.Sizeof(r),
	}
	if want := []uintptr{0, 24, 32, 40, 64, 72, 80}; !slices.Equal(regressionAt, want) {
		t.Errorf("the fields of regression are at %v, not at %v", regressionAt, want)
	}
	var u update
	updateAt := []uintptr{unsafe.Offsetof(u.Moments), unsafe.Offsetof(u.Forget), unsafe.Offsetof(u.Weights), unsafe.Sizeof(u)}
	if want := []uintptr{0, 8, 16, 48}; !slices.Equal(updateAt, want) {
		t.Errorf("the fields of update are at %v, not at %v", updateAt, want)
	}
	var s symmetric
	statistics := []uintptr{unsafe.Offsetof(s.at), unsafe.Offsetof(s.rhs)}
	var sys system
	if unsafe.Offsetof(sys.problem) != 0 {
		t.Error("a system does not begin with its problem")
	}
	if want := []uintptr{8, 32}; !slices.Equal(statistics, want) {
		t.Errorf("the fields of symmetric are at %v, not at %v", statistics, want)
	}
}

// upper returns the elements of the matrix that are defined.
func (s *symmetric) upper() []float64 {
	var v []float64
	s.rows(func(_ int, row []float64) { v = append(v, row...) })
	return append(v, s.rhs[:s.n]...)
}

// testLeastSquares gathers the statistics of rows, solves after each, alone and beside other systems, and compares
// everything.
func testLeastSquares(t *testing.T, n int, rows []float64, forget, weight, ridge float64) {
	run := func() (moments, weights []float64) {
		var systems []*system // the first and the last one of another size
		for i := range 12 {
			size := n
			if i == 0 || i == 11 {
				size = 1 + i
			}
			systems = append(systems, newSystem(newSymmetric(size), ridge*float64(1+i), make([]float64, size)))
		}
		for at := 0; at+n+1 <= len(rows); at += n + 1 {
			for i, s := range systems {
				x := newRows(s.n)
				for k := range rowsAtOnce {
					copy(x[k*rowLength(s.n):][:s.n+1], rows[(at+(i+k)*(n+1))%len(rows):])
				}
				weights := [rowsAtOnce]float64{weight * float64(1+i), 1, weight, 0.5}
				updates := []update{{s.moments, forget, weights}}
				if i == 1 { // together with the next one
					updates = append(updates, update{systems[2].moments, 1, weights})
				}
				updateAll(updates, x, s.n, 1+(at/(n+1)+i)%rowsAtOnce)
				moments = append(moments, s.moments.upper()...)
			}
			systems[1].Solve()
			weights = append(weights, systems[1].weights...)
			for first := range 2 {
				for i := 1; i <= len(systems)-first; i++ {
					solveAll(slices.Clone(systems[first : first+i]))
				}
			}
			for _, s := range systems {
				weights = append(weights, s.weights...)
			}
		}
		return moments, weights
	}
	var moments, weights []float64
	simdtest.OnGo(t, func() { moments, weights = run() })
	simdtest.OnVectorPaths(t, func(t *testing.T) {
		gotMoments, gotWeights := run()
		simdtest.Compare(t, fmt.Sprintf("symmetric.Update of %d", n), gotMoments, moments)
		simdtest.Compare(t, fmt.Sprintf("solveAll of %d", n), gotWeights, weights)
	})
}

func TestLeastSquares(t *testing.T) {
	for name, number := range simdtest.Numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(4, 4))
			for _, n := range unknowns() {
				for _, ridge := range []float64{30, 1e-3, 0} {
					testLeastSquares(t, n, simdtest.Vector(r, number, 6*(n+1)), 0.998, 0.3, ridge)
				}
			}
		})
	}
}

// Enough rows for a full rank, solved without a ridge.
func TestLeastSquaresFullRank(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, n := range unknowns() {
		testLeastSquares(t, n, simdtest.Vector(r, simdtest.Numbers["samples"], (2*n+2)*(n+1)), 0.98, 1, 0)
	}
}

// Systems that cannot be solved keep their weights; those beside them are solved.
func TestSolveKeepsWeights(t *testing.T) {
	defer simd.Use(simd.InUse())
	for _, p := range simd.Paths() {
		if err := simd.Use(p); err != nil {
			t.Fatal(err)
		}
		var systems []*system
		for i := range 7 {
			s := newSymmetric(9)
			x := newRows(9)
			copy(x, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
			updateAll([]update{{s, 1, [rowsAtOnce]float64{1}}}, x, 9, 1) // rank 1
			ridge := 0.0
			if i%3 == 1 {
				ridge = 1
			}
			systems = append(systems, newSystem(s, ridge, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}))
		}
		solveAll(slices.Clone(systems))
		for i, s := range systems {
			kept := slices.Equal(s.weights, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9})
			if singular := i%3 != 1; kept != singular {
				t.Errorf("on %s: system %d, singular %t, has the weights %v", p, i, singular, s.weights)
			}
		}
	}
}

func FuzzDot64(f *testing.F) {
	f.Add(make([]byte, 16*13))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := simdtest.Floats(data)
		testDot64(t, v[:len(v)/2], v[len(v)/2:][:len(v)/2])
	})
}

func FuzzLeastSquares(f *testing.F) {
	f.Add(make([]byte, 8*12*4), byte(11), 0.998, 1.5, 1.0)
	f.Fuzz(func(t *testing.T, data []byte, n byte, forget, weight, ridge float64) {
		testLeastSquares(t, 1+int(n%64), simdtest.Floats(data), forget, weight, ridge)
	})
}

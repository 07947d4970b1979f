package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"
)

// onVectorPaths runs f on every path of this machine but plain Go. A kernel that changes its inputs must be given
// copies.
func onVectorPaths(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	before := InUse()
	defer Use(before)
	for _, p := range Paths() {
		if p == Go {
			continue
		}
		if err := Use(p); err != nil {
			t.Fatal(err)
		}
		f(t)
	}
}

// onGo runs f in plain Go.
func onGo(t *testing.T, f func()) {
	t.Helper()
	before := InUse()
	defer Use(before)
	if err := Use(Go); err != nil {
		t.Fatal(err)
	}
	f()
}

// numbers are kinds of float64 to test with: ordinary ones, and those at which vector code could differ.
var numbers = map[string]func(r *rand.Rand) float64{
	"normal":    func(r *rand.Rand) float64 { return r.NormFloat64() },
	"samples":   func(r *rand.Rand) float64 { return math.Round(r.NormFloat64() * 8000) },
	"mixed":     func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), r.IntN(80)-40) },
	"huge":      func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), 1020) },
	"huge32":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), 125) },
	"subnormal": func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -1060) },
	"tiny32":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -140) },
	"tiny64":    func(r *rand.Rand) float64 { return math.Ldexp(r.NormFloat64(), -530) },
	"zeros":     func(r *rand.Rand) float64 { return []float64{0, math.Copysign(0, -1), 1, -1}[r.IntN(4)] },
	"specials": func(r *rand.Rand) float64 {
		if r.IntN(8) > 0 {
			return r.NormFloat64()
		}
		return []float64{math.Inf(1), math.Inf(-1), math.NaN(), math.MaxFloat64, math.MaxFloat32}[r.IntN(5)]
	},
}

// lengths that the experts use, and odd ones.
var lengths = []int{1, 2, 3, 4, 5, 7, 8, 9, 11, 12, 13, 15, 16, 17, 23, 24, 31, 32, 33, 40, 47, 63, 64}

// unknowns are the sizes of systems.
func unknowns() []int {
	if testing.Short() {
		return []int{1, 2, 7, 8, 17, 32, 64}
	}
	return lengths
}

func vector(r *rand.Rand, number func(*rand.Rand) float64, n int) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = number(r)
	}
	return v
}

func vector32(r *rand.Rand, number func(*rand.Rand) float64, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(number(r))
	}
	return v
}

// same reports whether the numbers have the same bits; all that are not numbers are alike.
func same(a, b float64) bool {
	return math.Float64bits(a) == math.Float64bits(b) || a != a && b != b
}

func compare(t *testing.T, what string, got, want []float64) {
	t.Helper()
	for i := range want {
		if !same(got[i], want[i]) {
			t.Fatalf("%s on %s: element %d is %x, plain Go gives %x", what, InUse(), i, got[i], want[i])
		}
	}
}

func compare32(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) && (got[i] == got[i] || want[i] == want[i]) {
			t.Fatalf("%s on %s: element %d is %x, plain Go gives %x", what, InUse(), i, got[i], want[i])
		}
	}
}

// testDot64 takes the inner product of weights and x as regressions do, x in one piece and in two.
func testDot64(t *testing.T, weights, x []float64) {
	n := len(x)
	splits := []int{n, 0, n / 2, n / 2 &^ 7}
	run := func() (results []float64) {
		for _, own := range splits {
			rows, to := slices.Repeat([]float64{7}, 2*n+3), [2]float64{}
			other := slices.Concat(x[own:], []float64{1})
			Regress([]Regression{{weights, own, n - own, rows, 0, &to[0]}, {x, own, n - own, rows, n + 1, &to[1]}}, x[:own], other)
			results = append(append(results, rows...), to[:]...)
		}
		return results
	}
	var want []float64
	for range splits {
		want = slices.Concat(want, x, []float64{7}, x, []float64{7, 7, Dot64(weights, x), Dot64(x, x)})
	}
	onGo(t, func() { compare(t, fmt.Sprintf("Regress of %d", n), run(), want) })
	onVectorPaths(t, func(t *testing.T) { compare(t, fmt.Sprintf("Regress of %d", n), run(), want) })
}

func TestDot64(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 1))
			for range 20 {
				for _, n := range append(lengths, 0, 100) {
					testDot64(t, vector(r, number, n), vector(r, number, n))
				}
			}
		})
	}
}

// The layouts that the generator of the assembly expects.
func TestLayouts(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("there are no vector kernels here")
	}
	var f Filter
	filter := []uintptr{unsafe.Offsetof(f.Weights), unsafe.Offsetof(f.Taper), unsafe.Offsetof(f.Inputs), unsafe.Offsetof(f.Step), unsafe.Offsetof(f.Output), unsafe.Sizeof(f)}
	if want := []uintptr{0, 24, 48, 72, 76, 80}; !slices.Equal(filter, want) {
		t.Errorf("the fields of Filter are at %v, not at %v", filter, want)
	}
	var bf BlockFilter
	block := []uintptr{unsafe.Offsetof(bf.Weights), unsafe.Offsetof(bf.Taper), unsafe.Offsetof(bf.Inputs), unsafe.Sizeof(bf)}
	if want := []uintptr{0, 24, 48, 72}; !slices.Equal(block, want) {
		t.Errorf("the fields of BlockFilter are at %v, not at %v", block, want)
	}
	var bl blockLanes
	lanes := []uintptr{
		unsafe.Offsetof(bl.output), unsafe.Offsetof(bl.rest), unsafe.Offsetof(bl.overlap), unsafe.Offsetof(bl.newest),
		unsafe.Offsetof(bl.neighbour), unsafe.Offsetof(bl.step),
	}
	if want := []uintptr{0, 64, 128, 192, 256, 320}; !slices.Equal(lanes, want) {
		t.Errorf("the fields of blockLanes are at %v, not at %v", lanes, want)
	}
	var ns Normalisers
	normalisers := []uintptr{unsafe.Offsetof(ns.Error), unsafe.Offsetof(ns.Input), unsafe.Offsetof(ns.Step), unsafe.Offsetof(ns.Power), unsafe.Offsetof(ns.state)}
	if want := []uintptr{0, 24, 48, 72, 96}; !slices.Equal(normalisers, want) {
		t.Errorf("the fields of Normalisers are at %v, not at %v", normalisers, want)
	}
	var n normaliser
	state := []uintptr{
		unsafe.Offsetof(n.rate), unsafe.Offsetof(n.keep), unsafe.Offsetof(n.flat), unsafe.Offsetof(n.used), unsafe.Offsetof(n.decayed), unsafe.Sizeof(n),
	}
	if want := []uintptr{0, 64, 128, 192, 576, 960}; !slices.Equal(state, want) {
		t.Errorf("the fields of normaliser are at %v, not at %v", state, want)
	}
	var r Regression
	regression := []uintptr{
		unsafe.Offsetof(r.Weights), unsafe.Offsetof(r.Own), unsafe.Offsetof(r.Other), unsafe.Offsetof(r.Rows), unsafe.Offsetof(r.At),
		unsafe.Offsetof(r.To), unsafe.Sizeof(r),
	}
	if want := []uintptr{0, 24, 32, 40, 64, 72, 80}; !slices.Equal(regression, want) {
		t.Errorf("the fields of Regression are at %v, not at %v", regression, want)
	}
	var u Update
	update := []uintptr{unsafe.Offsetof(u.Moments), unsafe.Offsetof(u.Forget), unsafe.Offsetof(u.Weights), unsafe.Sizeof(u)}
	if want := []uintptr{0, 8, 16, 48}; !slices.Equal(update, want) {
		t.Errorf("the fields of Update are at %v, not at %v", update, want)
	}
	var s Symmetric
	symmetric := []uintptr{unsafe.Offsetof(s.at), unsafe.Offsetof(s.rhs)}
	var system System
	if unsafe.Offsetof(system.problem) != 0 {
		t.Error("a System does not begin with its problem")
	}
	if want := []uintptr{8, 32}; !slices.Equal(symmetric, want) {
		t.Errorf("the fields of Symmetric are at %v, not at %v", symmetric, want)
	}
}

// upper returns the elements of the matrix that are defined.
func (s *Symmetric) upper() []float64 {
	var v []float64
	s.rows(func(_ int, row []float64) { v = append(v, row...) })
	return append(v, s.rhs[:s.n]...)
}

// testLeastSquares gathers the statistics of rows, solves after each, alone and beside other systems, and compares
// everything.
func testLeastSquares(t *testing.T, n int, rows []float64, forget, weight, ridge float64) {
	run := func() (moments, weights []float64) {
		var systems []*System // the first and the last one of another size
		for i := range 12 {
			size := n
			if i == 0 || i == 11 {
				size = 1 + i
			}
			systems = append(systems, NewSystem(NewSymmetric(size), ridge*float64(1+i), make([]float64, size)))
		}
		for at := 0; at+n+1 <= len(rows); at += n + 1 {
			for i, s := range systems {
				x := NewRows(s.n)
				for k := range RowsAtOnce {
					copy(x[k*RowLength(s.n):][:s.n+1], rows[(at+(i+k)*(n+1))%len(rows):])
				}
				weights := [RowsAtOnce]float64{weight * float64(1+i), 1, weight, 0.5}
				updates := []Update{{s.moments, forget, weights}}
				if i == 1 { // together with the next one
					updates = append(updates, Update{systems[2].moments, 1, weights})
				}
				UpdateAll(updates, x, s.n, 1+(at/(n+1)+i)%RowsAtOnce)
				moments = append(moments, s.moments.upper()...)
			}
			systems[1].Solve()
			weights = append(weights, systems[1].weights...)
			for first := range 2 {
				for i := 1; i <= len(systems)-first; i++ {
					SolveAll(slices.Clone(systems[first : first+i]))
				}
			}
			for _, s := range systems {
				weights = append(weights, s.weights...)
			}
		}
		return moments, weights
	}
	var moments, weights []float64
	onGo(t, func() { moments, weights = run() })
	onVectorPaths(t, func(t *testing.T) {
		gotMoments, gotWeights := run()
		compare(t, fmt.Sprintf("Symmetric.Update of %d", n), gotMoments, moments)
		compare(t, fmt.Sprintf("SolveAll of %d", n), gotWeights, weights)
	})
}

func TestLeastSquares(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(4, 4))
			for _, n := range unknowns() {
				for _, ridge := range []float64{30, 1e-3, 0} {
					testLeastSquares(t, n, vector(r, number, 6*(n+1)), 0.998, 0.3, ridge)
				}
			}
		})
	}
}

// Enough rows for a full rank, solved without a ridge.
func TestLeastSquaresFullRank(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for _, n := range unknowns() {
		testLeastSquares(t, n, vector(r, numbers["samples"], (2*n+2)*(n+1)), 0.98, 1, 0)
	}
}

// Systems that cannot be solved keep their weights; those beside them are solved.
func TestSolveKeepsWeights(t *testing.T) {
	defer Use(InUse())
	for _, p := range Paths() {
		if err := Use(p); err != nil {
			t.Fatal(err)
		}
		var systems []*System
		for i := range 7 {
			s := NewSymmetric(9)
			x := NewRows(9)
			copy(x, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
			UpdateAll([]Update{{s, 1, [RowsAtOnce]float64{1}}}, x, 9, 1) // rank 1
			ridge := 0.0
			if i%3 == 1 {
				ridge = 1
			}
			systems = append(systems, NewSystem(s, ridge, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}))
		}
		SolveAll(slices.Clone(systems))
		for i, s := range systems {
			kept := slices.Equal(s.weights, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9})
			if singular := i%3 != 1; kept != singular {
				t.Errorf("on %s: system %d, singular %t, has the weights %v", p, i, singular, s.weights)
			}
		}
	}
}

func testBelow(t *testing.T, l *Logistics, x []float64) {
	want, got := make([]float64, len(x)), make([]float64, len(x))
	onGo(t, func() { l.Below(x, want) })
	onVectorPaths(t, func(t *testing.T) {
		l.Below(x, got)
		compare(t, "Logistics.Below", got, want)
	})
}

func TestBelow(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(7, 7))
			for range 300 {
				var l Logistics
				for k := range Components {
					l.Weight[k] = math.Exp2(r.Float64()*16 - 8)
					l.Centre[k] = number(r)
					l.InverseScale[k] = math.Exp2(r.Float64()*20 - 16)
				}
				x := append(vector(r, number, 16), math.Inf(-1), math.Inf(1), l.Centre[3])
				for k := range Components { // the ends of the table, and next to them
					for _, end := range []float64{-24, 24} {
						v := l.Centre[k] + end/l.InverseScale[k]
						x = append(x, v, math.Nextafter(v, v-1), math.Nextafter(v, v+1))
					}
				}
				testBelow(t, &l, x)
			}
		})
	}
}

// The mass below rises from 0 to the total.
func TestBelowRises(t *testing.T) {
	var l Logistics
	for k := range Components {
		l.Weight[k], l.Centre[k], l.InverseScale[k] = float64(k+1), float64(10*k), 1/float64(k+2)
	}
	x := []float64{math.Inf(-1), -1e9, -50, 0, 20, 35, 60, 1e4, math.Inf(1)}
	mass := make([]float64, len(x))
	l.Below(x, mass)
	if !slices.IsSorted(mass) || mass[0] != 0 || mass[1] != 0 || mass[8] != l.Total() || mass[4] == mass[5] {
		t.Errorf("below %v lies %v of %v", x, mass, l.Total())
	}
}

func FuzzBelow(f *testing.F) {
	f.Add(make([]byte, 8*(3*Components+1)))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := floats(data)
		if len(v) <= 3*Components {
			return
		}
		l := Logistics{[Components]float64(v), [Components]float64(v[Components:]), [Components]float64(v[2*Components:])}
		testBelow(t, &l, v[3*Components:])
	})
}

func testLogs(t *testing.T, x []float64, scale float64) {
	run := func() []uint8 {
		signed := make([]uint8, len(x))
		SignedLogs(x, scale, signed)
		return signed
	}
	var want []uint8
	onGo(t, func() { want = run() })
	onVectorPaths(t, func(t *testing.T) {
		if got := run(); !slices.Equal(got, want) {
			t.Fatalf("on %s: the logarithms of %v, times %v, are %v, plain Go gives %v", InUse(), x, scale, got, want)
		}
	})
}

func TestLogs(t *testing.T) {
	for name, number := range numbers {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(8, 8))
			for range 100 {
				for _, n := range lengths {
					testLogs(t, vector(r, number, n), 1)
					testLogs(t, vector(r, number, n), math.Exp2(r.Float64()*30-15))
				}
			}
		})
	}
}

func TestSignedLogs(t *testing.T) {
	x := []float64{0, 0.25, -0.25, 0.75, -0.75, 1e9, -1e9, 1e300, -1e300}
	want := []uint8{128, 136, 120, 144, 112, 255, 0, 255, 0}
	got := make([]uint8, len(x))
	if SignedLogs(x, 1, got); !slices.Equal(got, want) {
		t.Errorf("the signed logarithms of %v are %v, want %v", x, got, want)
	}
}

func FuzzLogs(f *testing.F) {
	f.Add(make([]byte, 8*9), 1.0)
	f.Fuzz(func(t *testing.T, data []byte, scale float64) { testLogs(t, floats(data), scale) })
}

// layerCase is a layer and rows of inputs for it.
type layerCase struct {
	inputs, outputs, rows int
	weights               []int8
	bias                  []int32
	shift                 []uint8
	x                     []uint8
}

// plain computes the layer as its definition says.
func (c *layerCase) plain() (bytes []uint8, ints []int32) {
	for r := range c.rows {
		for o := range c.outputs {
			sum := c.bias[o]
			for i := range c.inputs {
				sum += int32(c.weights[o*c.inputs+i]) * int32(c.x[r*c.inputs+i])
			}
			sum >>= c.shift[o]
			ints = append(ints, sum)
			bytes = append(bytes, uint8(max(0, min(255, sum))))
		}
	}
	return bytes, ints
}

// kernel computes it on the path in use, with rubbish in the padding.
func (c *layerCase) kernel(dense bool) (bytes []uint8, ints []int32) {
	l := NewLayer(c.inputs, c.outputs, c.weights, c.bias, c.shift)
	l.Dense = dense
	xStride, stride := l.PaddedInputs()+4, l.PaddedOutputs()+16
	x := slices.Repeat([]uint8{99}, c.rows*xStride)
	for r := range c.rows {
		copy(x[r*xStride:], c.x[r*c.inputs:(r+1)*c.inputs])
	}
	paddedBytes, paddedInts := make([]uint8, c.rows*stride), make([]int32, c.rows*stride)
	l.Activate(c.rows, x, xStride, paddedBytes, stride)
	l.Finish(c.rows, x, xStride, paddedInts, stride)
	for r := range c.rows {
		bytes = append(bytes, paddedBytes[r*stride:][:c.outputs]...)
		ints = append(ints, paddedInts[r*stride:][:c.outputs]...)
	}
	return bytes, ints
}

func (c *layerCase) test(t *testing.T) {
	t.Helper()
	bytes, ints := c.plain()
	check := func(t *testing.T) {
		for _, dense := range []bool{false, true} {
			gotBytes, gotInts := c.kernel(dense)
			if !slices.Equal(gotBytes, bytes) || !slices.Equal(gotInts, ints) {
				t.Fatalf("a layer of %d inputs, %d outputs and %d rows, dense %t, differs on %s", c.inputs, c.outputs, c.rows, dense, InUse())
			}
		}
	}
	onGo(t, func() { check(t) })
	onVectorPaths(t, check)
}

func TestLayer(t *testing.T) {
	r := rand.New(rand.NewPCG(6, 6))
	for _, inputs := range []int{1, 3, 4, 47, 64, 128, 192, 1024} {
		for _, outputs := range []int{1, 7, 16, 31, 48, 64, 128, 200, 1024} {
			if inputs*outputs > 300000 && testing.Short() {
				continue
			}
			for _, rows := range []int{1, 2, 3, 4, 5, 9} {
				c := randomLayer(r, inputs, outputs, rows)
				c.test(t)
			}
		}
	}
}

func randomLayer(r *rand.Rand, inputs, outputs, rows int) layerCase {
	c := layerCase{inputs: inputs, outputs: outputs, rows: rows}
	for range inputs * outputs {
		c.weights = append(c.weights, int8(r.IntN(256)-128))
	}
	for range outputs {
		c.bias = append(c.bias, int32(r.IntN(1<<20)-1<<19))
		c.shift = append(c.shift, uint8(r.IntN(25)))
	}
	for range rows * inputs {
		c.x = append(c.x, uint8(max(0, r.IntN(511)-255)))
	}
	return c
}

// Rows of which most is zero: a row alone leaves out the weights that belong to zeros.
func TestLayerSparse(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, inputs := range []int{4, 37, 128, 1024} {
		for _, zeros := range []int{2, 10, 1000} { // of one input that is not
			c := randomLayer(r, inputs, 70, 1)
			for i := range c.x {
				if r.IntN(1+zeros) > 0 {
					c.x[i] = 0
				}
			}
			c.test(t)
		}
	}
}

// All weights and inputs at their limits: what saturates in the wrong instruction shows here.
func TestLayerExtremes(t *testing.T) {
	for _, weight := range []int8{-128, 127} {
		for _, shift := range []uint8{0, 7, 24, 31} {
			c := layerCase{inputs: 1024, outputs: 33, rows: 5}
			c.weights = slices.Repeat([]int8{weight}, 1024*33)
			c.bias = slices.Repeat([]int32{-1}, 33)
			c.shift = slices.Repeat([]uint8{shift}, 33)
			c.x = slices.Repeat([]uint8{255}, 5*1024)
			c.test(t)
		}
	}
}

// floats reads numbers of any bits from fuzzing data.
func floats(data []byte) []float64 {
	var v []float64
	for ; len(data) >= 8; data = data[8:] {
		v = append(v, math.Float64frombits(binary.LittleEndian.Uint64(data)))
	}
	return v
}

func FuzzDot64(f *testing.F) {
	f.Add(make([]byte, 16*13))
	f.Fuzz(func(t *testing.T, data []byte) {
		v := floats(data)
		testDot64(t, v[:len(v)/2], v[len(v)/2:][:len(v)/2])
	})
}

func FuzzLeastSquares(f *testing.F) {
	f.Add(make([]byte, 8*12*4), byte(11), 0.998, 1.5, 1.0)
	f.Fuzz(func(t *testing.T, data []byte, n byte, forget, weight, ridge float64) {
		testLeastSquares(t, 1+int(n%64), floats(data), forget, weight, ridge)
	})
}

func FuzzLayer(f *testing.F) {
	f.Add(uint64(1), uint16(64), uint16(48), byte(3), int32(-5))
	f.Fuzz(func(t *testing.T, seed uint64, inputs, outputs uint16, rows byte, bias int32) {
		c := randomLayer(rand.New(rand.NewPCG(seed, 0)), 1+int(inputs%200), 1+int(outputs%100), 1+int(rows%8))
		c.bias[0] = bias % (1 << 24)
		c.test(t)
	})
}

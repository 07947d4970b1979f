package alphabet

import (
	"math"
	"slices"
)

// Rounding says how a multiple of a lattice's step became a whole number.
type Rounding uint8

// The three roundings that audio software uses.
const (
	Floor      Rounding = iota // towards minus infinity
	Nearest                    // to the nearest, halves away from zero
	TowardZero                 // fraction dropped
)

// Round returns the whole number that x becomes, whose magnitude is below 2^63.
func (r Rounding) Round(x float64) int64 {
	switch r {
	case Floor:
		x = math.Floor(x)
	case Nearest:
		x = math.Round(x)
	}
	return int64(x)
}

// Lattice is the even spacing of a channel's values: the sample of step k is
//
//	Offset + Gap*round(k*Gain)
//
// The product is computed in IEEE double or single precision, as the software that scaled the recording did: where
// the exact product is a whole number or a half, that computation's own rounding error decides.
type Lattice struct {
	Gap      int64   // at least 1
	Offset   int64   // 0..Gap-1
	Gain     float64 // 1..MaxGain
	Rounding Rounding
	Single   bool // the product is computed in single precision
}

// MaxGain is the largest Lattice.Gain, MaxProduct the largest magnitude of a product that a lattice is used for.
const (
	MaxGain    = 1 << 24
	MaxProduct = 1 << 33
)

// Unit is the lattice of all whole numbers.
var Unit = Lattice{Gap: 1, Gain: 1}

// Sample returns the sample at step k, |k*Gain| <= MaxProduct.
func (g Lattice) Sample(k int64) int64 {
	if g.Gain == 1 {
		return g.Offset + g.Gap*k
	}
	product := float64(float64(k) * g.Gain)
	if g.Single {
		product = float64(float32(float32(k) * float32(g.Gain)))
	}
	return g.Offset + g.Gap*g.Rounding.Round(product)
}

// Index returns the step of a sample and whether the sample lies on the lattice.
func (g Lattice) Index(sample int64) (int64, bool) {
	d := sample - g.Offset
	if d%g.Gap != 0 {
		return 0, false
	}
	d /= g.Gap
	if g.Gain == 1 {
		return d, true
	}
	near := int64(math.Round(float64(d) / g.Gain))
	for _, k := range [3]int64{near, near - 1, near + 1} {
		if g.Sample(k) == sample {
			return k, true
		}
	}
	return 0, false
}

// FindLattice returns the coarsest lattice found on which all the values lie. values are distinct and ascending.
func FindLattice(values []int32) Lattice {
	if len(values) < 2 {
		return Unit
	}
	lattice := Unit
	lattice.Gap = gap(values)
	lattice.Offset = int64(values[0]) % lattice.Gap
	if lattice.Offset < 0 {
		lattice.Offset += lattice.Gap
	}
	multiples := make([]int64, len(values))
	for i, v := range values {
		multiples[i] = (int64(v) - lattice.Offset) / lattice.Gap
	}
	for _, rounding := range [...]Rounding{Nearest, TowardZero, Floor} {
		if gain, single, ok := findGain(multiples, rounding); ok {
			lattice.Gain, lattice.Rounding, lattice.Single = gain, rounding, single
			break
		}
	}
	return lattice
}

// gap returns the greatest common divisor of all differences.
func gap(values []int32) int64 {
	g := int64(0)
	for i := 1; i < len(values) && g != 1; i++ {
		a, b := g, int64(values[i])-int64(values[i-1])
		for b != 0 {
			a, b = b, a%b
		}
		g = a
	}
	return g
}

const (
	minValues = 32          // how many distinct values a gain must explain to be believed
	minGain   = 1 + 1./4096 // the smallest gain worth a header
)

// findGain looks for a gain greater than 1 of which all values are rounded multiples, by narrowing the interval of
// the gains that explain the values near zero, then those farther out.
func findGain(values []int64, rounding Rounding) (gain float64, single, ok bool) {
	const limit = 1 << 30
	if len(values) < minValues || values[0] < -limit || values[len(values)-1] > limit {
		return 0, false, false
	}
	origin, _ := slices.BinarySearch(values, 0)
	above, below := values[origin:], slices.Clone(values[:origin])
	slices.Reverse(below)
	for i := range below {
		below[i] = -below[i]
	}
	for first := int64(1); first <= 3; first++ {
		s := gainInterval{low: minGain, high: math.Inf(1)}
		shift := map[Rounding]float64{Floor: 0, Nearest: -0.5, TowardZero: 0}[rounding]
		if !s.narrow(above, shift, first) {
			continue
		}
		if rounding == Floor {
			shift = -1
		}
		if !s.narrow(below, shift, 1) || math.IsInf(s.high, 1) {
			continue
		}
		if gain, single, ok = s.exact(values, rounding); ok {
			return gain, single, true
		}
	}
	return 0, false, false
}

// gainInterval is the range of gains that explain the values seen so far.
type gainInterval struct{ low, high float64 }

// narrow shrinks the interval by values on one side of zero, given by their ascending magnitudes. A multiple of the
// gain lies between magnitude+shift and magnitude+shift+1. first is the multiple that the value next to zero is
// taken for. Values near zero are taken for successive multiples, as music uses nearly all of them there.
func (s *gainInterval) narrow(magnitudes []int64, shift float64, first int64) bool {
	const slack = 1e-6 // rounding errors of the software that scaled the samples
	k, last := float64(first-1), 0.0
	for _, m := range magnitudes {
		if m == 0 {
			continue
		}
		size := float64(m)
		from, to := size+shift-slack, size+shift+1+slack
		next := max(k+1, math.Ceil(from/s.high))
		if adjacent := size-last <= s.high+1; !adjacent || next > k+1 {
			middle := float64(s.low*0.5) + float64(s.high*0.5)
			next = max(next, min(math.Floor(to/s.low), math.Round((from+to)*0.5/middle)))
		}
		k, last = next, size
		s.low, s.high = max(s.low, from/k), min(s.high, to/k)
		if s.low > s.high {
			return false
		}
	}
	return true
}

// exact picks a gain in the interval, and a precision, that all the values lie on the lattice of.
func (s *gainInterval) exact(values []int64, rounding Rounding) (gain float64, single, ok bool) {
	for _, gain := range s.candidates() {
		for _, single := range [...]bool{false, true} {
			if onGrid(values, Lattice{Gap: 1, Gain: gain, Rounding: rounding, Single: single}) {
				return gain, single, true
			}
		}
	}
	return 0, false, false
}

// candidates returns gains in the interval: those that people type, as decimals, before or after a change of the
// word length, and points spread over it.
func (s *gainInterval) candidates() []float64 {
	var gains []float64
	middle := float64(s.low*0.5) + float64(s.high*0.5)
	for word := 1.0; word <= 1<<16 && s.high <= MaxGain; word *= 2 {
		for decimals := 1.0; decimals <= 1e4; decimals *= 10 {
			gain := math.Round(middle/word*decimals) / decimals * word
			if gain >= s.low && gain <= s.high && gain > 1 {
				gains = append(gains, gain)
				break
			}
		}
	}
	if s.high <= MaxGain {
		for _, share := range [...]float64{0.5, 0.25, 0.75, 0.125, 0.875} {
			gains = append(gains, s.low+float64((s.high-s.low)*share))
		}
	}
	return gains
}

func onGrid(values []int64, g Lattice) bool {
	for _, v := range values {
		if _, ok := g.Index(v); !ok {
			return false
		}
	}
	return true
}

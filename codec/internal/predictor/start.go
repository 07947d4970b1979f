package predictor

import (
	"math"

	"trilobyte/codec/internal/fixed"
)

// Start is what the predictors of a channel begin with, so that short recordings need not pay for what is learned first: a linear predictor,
// told by its reflection coefficients, and the size of the errors. The zero value knows nothing.
type Start struct {
	// Reflections are the coefficients of a lattice, see reflection: as many as the predictor's order, at most MaxStart.
	Reflections []int8
	// Size is the mean absolute error that is expected, in half octaves from 2^-6 sample steps on: see Expected.
	Size uint8
}

const (
	// MaxStart is the greatest order of a Start.
	MaxStart = 32
	// MaxSize is the greatest Size.
	MaxSize = 80
)

// Expected is the mean absolute error that is expected, in sample steps.
func (s Start) Expected() float64 { return fixed.Exp2(8*int(s.Size) - 96) }

// reflection is the coefficient, between -1 and 1, that a number from -127 to 127 stands for: close to 1 they lie closer, since there
// they make most of a difference.
func reflection(number int8) float64 {
	x := 1 - float64(math.Abs(float64(number))/128)
	k := 1 - float64(x*x)
	if number < 0 {
		return -k
	}
	return k
}

// predictor sets weights, of the newest samples, the newest one first, to the predictor of the order that they have room for. (Durbin's
// recursion: Makhoul, Linear prediction, Proceedings of the IEEE 63, 1975.)
func (s Start) predictor(weights []float64) {
	clear(weights)
	var before [MaxStart]float64
	for i, number := range s.Reflections[:min(len(s.Reflections), len(weights))] {
		k := reflection(number)
		copy(before[:i], weights)
		weights[i] = k
		for j := range i {
			weights[j] = before[j] - float64(k*before[i-1-j])
		}
	}
}

// Coefficients returns the predictor of so many of the newest samples, the newest one first, at most as many as there are reflections.
func (s Start) Coefficients(order int) []float64 {
	weights := make([]float64, order)
	s.predictor(weights)
	return weights
}

// Errors returns the mean absolute error that is expected after each number of samples, in sample steps: from none to as many as there are
// reflections.
func (s Start) Errors() []float64 {
	order := len(s.Reflections)
	expected := make([]float64, order+1)
	expected[order] = s.Expected()
	for i := order - 1; i >= 0; i-- {
		k := reflection(s.Reflections[i])
		expected[i] = expected[i+1] / math.Sqrt(1-float64(k*k))
	}
	return expected
}

// warmUp leads the predictors of a set through the first samples, as many as the order of a Start. For each of them the best predictor by
// as many samples as there have been takes the place of what is learned, and how large its errors are is known, too. Nothing
// is learned meanwhile.
type warmUp struct {
	start    Start
	count    int       // samples so far, up to the order
	expected []float64 // the mean absolute error for each count
}

func newWarmUp(s *Set, start Start) *warmUp {
	w := &warmUp{start: start, expected: start.Errors()}
	w.begin(s)
	return w
}

// next ends a sample.
func (w *warmUp) next(s *Set) {
	w.count++
	w.begin(s)
}

// begin has the predictors expect the next sample, and, if it is the first one that is learned, those that follow.
func (w *warmUp) begin(s *Set) {
	order := len(w.start.Reflections)
	for _, g := range s.groups {
		weights := make([]float64, g.regressions[0].Own)
		w.start.predictor(weights[:min(w.count, len(weights))])
		if w.count < order {
			g.set(weights)
		} else {
			g.expect(weights)
		}
	}
	for i := range s.judged { // no more: what never has an error would fall until numbers have no more digits, which are slow
		s.updates.means[i] = w.expected[w.count]
	}
}

// WarmingUp reports whether the next sample is one of those that nothing is learned from.
func (s *Set) WarmingUp() bool { return s.warm != nil && s.warm.count < len(s.warm.start.Reflections) }

// Expected is the mean absolute error that is expected of the next sample, in sample steps, before anything was learned; 0 if nothing is
// known.
func (s *Set) Expected() float64 {
	if s.warm == nil {
		return 0
	}
	return s.warm.expected[s.warm.count]
}

// FindStart returns what a channel with these samples is to begin with. (Burg's method, with each coefficient rounded before the next one is
// found: Kay and Marple, Spectrum analysis, Proceedings of the IEEE 69, 1981.)
func FindStart(samples []int32) Start {
	n := min(len(samples), startFrames)
	forward, backward := make([]float64, n), make([]float64, n)
	for i, v := range samples[:n] {
		forward[i] = float64(v)
	}
	copy(backward, forward)
	var all []int8
	best, used, errors := math.Inf(1), 0, forwardSize(forward)
	smallest := errors
	for i := 0; ; i++ {
		if bits := float64(float64(min(n, worthFrames))*fixed.PreciseLog2(errors+1./4)) + float64(8*i); bits < best {
			best, used, smallest = bits, i, errors
		}
		if i == MaxStart || i+2 > n {
			break
		}
		number := burg(forward[i+1:], backward[i:n-1])
		k := reflection(number)
		for t := n - 1; t > i; t-- {
			f, b := forward[t], backward[t-1]
			forward[t], backward[t] = f-float64(k*b), b-float64(k*f)
		}
		all, errors = append(all, number), forwardSize(forward[i+1:])
	}
	size := 2*fixed.PreciseLog2(smallest+1./64) + 12.5
	return Start{Reflections: all[:used], Size: uint8(max(0, min(MaxSize, size)))}
}

// A Start is found from so many frames, and is of use for about so many: until then the predictors have learned as much.
const startFrames, worthFrames = 4096, 256

// forwardSize is the mean absolute value of errors.
func forwardSize(errors []float64) float64 {
	sum := 0.0
	for _, e := range errors {
		sum += math.Abs(e)
	}
	return sum / float64(max(len(errors), 1))
}

// burg returns the coefficient that leaves least of both.
func burg(forward, backward []float64) int8 {
	product, energy := 0.0, 0.0
	for i, f := range forward {
		b := backward[i]
		product += float64(f * b)
		energy += float64(f*f) + float64(b*b)
	}
	if energy == 0 {
		return 0
	}
	k := 2 * product / energy
	x := math.Round(128 * (1 - math.Sqrt(max(0, 1-math.Abs(k)))))
	return int8(math.Copysign(min(x, 127), k))
}

package repeat

import (
	"cmp"
	"context"
	"slices"

	"trilobyte/codec/internal/fourier"
)

const (
	// certain is how far the correlation at a lag must stand out, in units of its root mean square over all lags: of a thousand million
	// lags of noise none does.
	certain = 6.5
	// Of cell neighbouring lags, the one that correlates best is a candidate.
	cell = 64
	// leastLag is the shortest lag, in frames, that is looked for: filters know the nearer past.
	leastLag = 2048
)

// found is what a search found.
type found struct {
	size int      // frames of a part
	lags [][]peak // of each part, the best one first
}

// peak is a lag that correlates well.
type peak struct {
	lag    int     // frames, a multiple of the thinning
	square float64 // of the correlation
}

func (f *found) anything() bool {
	return slices.ContainsFunc(f.lags, func(p []peak) bool { return len(p) > 0 })
}

// search cuts a signal into parts of so many frames, a power of two, and correlates each with all that came before. It returns the
// best lags of each, so many at most. It fails only if the context ends.
func search(ctx context.Context, in signal, size, most int) (*found, error) {
	return searchSome(ctx, in, size, most, 0, 1)
}

// searchSome is a search for the lags of some parts: of each so-manieth one, from the first of them on.
func searchSome(ctx context.Context, in signal, size, most, first, step int) (*found, error) {
	s := newSearcher(in, size/in.thinning)
	f := &found{size: size, lags: make([][]peak, len(s.windows)*2)}
	for part := first; part < len(f.lags); part += step {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		f.lags[part] = s.peaks(part, most)
	}
	return f, nil
}

// searcher correlates parts of a signal with what came before. (Stockham, High-speed convolution and correlation, AFIPS 28, 1966.)
type searcher struct {
	transform *fourier.Transform
	signal
	size int // elements of a part
	// windows are the spectra of two parts of the signal from the beginning of each part on: those of the even ones as
	// real parts, those of the odd ones as imaginary parts.
	windows       []fourier.Spectrum
	part, product fourier.Spectrum
	candidates    []peak // room for those of a part
}

func newSearcher(in signal, size int) *searcher {
	s := &searcher{transform: fourier.New(2 * size), signal: in, size: size, part: fourier.NewSpectrum(2 * size), product: fourier.NewSpectrum(2 * size)}
	for start := 0; start < len(in.elements); start += 2 * size {
		w := fourier.NewSpectrum(2 * size)
		copy(w.Re, in.elements[start:])
		copy(w.Im, in.elements[min(start+size, len(in.elements)):])
		s.transform.Forward(w)
		s.windows = append(s.windows, w)
	}
	return s
}

// peaks returns the best lags of a part.
func (s *searcher) peaks(part, most int) []peak {
	if part == 0 || part*s.size >= len(s.elements) {
		return nil
	}
	clear(s.part.Re)
	clear(s.part.Im)
	copy(s.part.Re[:s.size], s.elements[part*s.size:])
	s.transform.Forward(s.part)
	list := s.candidates[:0]
	energy := 0.0
	for window := 0; window < part; window += 2 {
		s.correlate(s.windows[window/2])
		energy += s.scan(s.product.Re[:s.size], (part-window)*s.size, &list)
		if window+1 < part {
			energy += s.scan(s.product.Im[:s.size], (part-window-1)*s.size, &list)
		}
	}
	s.candidates = list
	mean := energy / float64(part*s.size)
	list = slices.DeleteFunc(list, func(p peak) bool { return !(p.square > certain*certain*mean) })
	slices.SortStableFunc(list, func(a, b peak) int { return cmp.Compare(b.square, a.square) })
	return slices.Clone(list[:min(len(list), most)])
}

// correlate sets the product to the correlations of the part with two windows.
func (s *searcher) correlate(window fourier.Spectrum) {
	n := len(s.part.Re)
	im, a, b, real, imaginary := s.part.Im[:n], window.Re[:n], window.Im[:n], s.product.Re[:n], s.product.Im[:n]
	for i, re := range s.part.Re {
		real[i] = float64(a[i]*re) + float64(b[i]*im[i])
		imaginary[i] = float64(b[i]*re) - float64(a[i]*im[i])
	}
	s.transform.Inverse(s.product)
}

// scan appends the best lag of each cell of the correlations with a window, the first of which is that at the lag given, and returns
// the sum of their squares.
func (s *searcher) scan(correlations []float64, lag int, list *[]peak) (energy float64) {
	for start := 0; start < len(correlations); start += cell {
		best, at := 0.0, 0
		for i, v := range correlations[start:min(start+cell, len(correlations))] {
			square := float64(v * v)
			energy += square
			if square > best {
				best, at = square, i
			}
		}
		if l := (lag - start - at) * s.thinning; l >= leastLag {
			*list = append(*list, peak{l, best})
		}
	}
	return energy
}

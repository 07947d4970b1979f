package recipe

import (
	"math"

	"trilobyte/codec/flac/internal/strict"
)

// A view is one of the ways in which encoders look at a block to find a linear
// predictor: a window, over the block or a part of it.
type view struct {
	window window
	parts  int  // the window is over a part of the block of 1/parts its length; 0 for the whole block
	part   int  // 0 to parts-1
	rest   bool // the block without that part,
	last   bool // at the last lag too, where libFLAC has that of the part itself
	single bool // autocorrelations are added up in single precision
}

// views are those of libFLAC since 1.2 (its presets use tukey(0.5) since then,
// partial_tukey(2) and punchout_tukey(3) in 1.3, subdivide_tukey(2) and (3)
// since 1.4, when it went from single to double precision), and
// that of FFmpeg, and those that package flac has of its own. Their order is part of the format.
var views = [...]view{
	{window: tukeyHalf},
	{window: tukeyQuarter},
	{window: tukeyQuarter, parts: 2, part: 0},
	{window: tukeyQuarter, parts: 2, part: 1},
	{window: tukeySixth},
	{window: tukeySixth, parts: 2, part: 0},
	{window: tukeySixth, parts: 2, part: 1},
	{window: tukeySixth, parts: 3, part: 0},
	{window: tukeySixth, parts: 3, part: 0, rest: true},
	{window: tukeySixth, parts: 3, part: 1},
	{window: tukeySixth, parts: 3, part: 1, rest: true},
	{window: tukeySixth, parts: 3, part: 2},
	{window: tukeySixth, parts: 3, part: 2, rest: true},
	{window: partialFirst, single: true},
	{window: partialSecond, single: true},
	{window: punchoutFirst, single: true},
	{window: punchoutSecond, single: true},
	{window: punchoutThird, single: true},
	{window: parabola},
	{window: squaredParabola},
	{window: rectangle},
	{window: tukeyHalf, single: true},
	{window: tukeySixth, parts: 3, part: 0, rest: true, last: true},
	{window: tukeySixth, parts: 3, part: 1, rest: true, last: true},
	{window: tukeySixth, parts: 3, part: 2, rest: true, last: true},
}

// viewCodes is the number of views that a recipe can name, a power of two.
const viewCodes = 32

// A window weights the samples of a block.
type window int

const (
	tukeyHalf    window = iota // tapers over half of the block
	tukeyQuarter               // over half divided by 2
	tukeySixth                 // over half divided by 3
	partialFirst
	partialSecond
	punchoutFirst
	punchoutSecond
	punchoutThird
	parabola        // Welch's window
	squaredParabola // what FFmpeg computes for Welch's
	rectangle
	windowCount
)

// exact tells whether encoders compute with this window in double precision.
// libFLAC rounds windows, windowed samples and predictors to single.
func (w window) exact() bool { return w == squaredParabola }

// fill computes the window for a block of len(out) samples.
func (w window) fill(out []float64) {
	for i := range out {
		out[i] = 1
	}
	switch w {
	case tukeyHalf:
		tukey(out, 0.5)
	case tukeyQuarter:
		tukey(out, 0.5/2)
	case tukeySixth:
		tukey(out, float32(0.5)/3)
	case partialFirst, partialSecond:
		const overlap = 0.1
		start, end := pieceOf(int(w-partialFirst), 2, overlap)
		partial(out, start, end)
	case punchoutFirst, punchoutSecond, punchoutThird:
		const overlap = 0.2
		start, end := pieceOf(int(w-punchoutFirst), 3, overlap)
		punchout(out, start, end)
	case parabola:
		middle := float64(float64(len(out)-1) / 2)
		for i := range out {
			k := (float64(i) - middle) / max(middle, 0.5)
			out[i] = float64(float32(1 - float64(k*k)))
		}
	case squaredParabola:
		welchOfFFmpeg(out)
	}
}

// raisedCosine returns (1 - cos(pi i/n))/2 as libFLAC computes it, in single
// precision. i is 0 to 2n.
func raisedCosine(i, n int) float64 {
	angle := float32(math.Pi * float64(i) / float64(n))
	x := float64(angle) / math.Pi
	if x > 1 {
		x = max(2-x, 0)
	}
	cosine := float32(1 - float64(2*strict.RaisedCosine(x)))
	return float64(0.5 - float32(0.5*cosine))
}

// tukey tapers both ends, together a fraction p of the whole.
func tukey(out []float64, p float32) {
	n := int(float32(p/2)*float32(len(out))) - 1
	for i := 0; n > 0 && i <= n; i++ {
		out[i] = raisedCosine(i, n)
		out[len(out)-n-1+i] = raisedCosine(i+n, n)
	}
}

// taperedPart is the fraction of partial and punchout windows that tapers.
const taperedPart = float32(0.2)

// pieceOf returns where piece m of n begins and ends, as fractions of the
// block, when pieces overlap.
func pieceOf(m, n int, overlap float32) (start, end float32) {
	units := 1/(1-overlap) - 1
	return float32(m) / (float32(n) + units), (float32(m+1) + units) / (float32(n) + units)
}

// partial leaves the samples from start to end, and tapers the ends of these.
func partial(out []float64, start, end float32) {
	first, last := int(start*float32(len(out))), int(end*float32(len(out)))
	n := int(float32(taperedPart/2) * float32(last-first))
	for i := range out {
		switch {
		case i < first || i >= last:
			out[i] = 0
		case i < first+n:
			out[i] = raisedCosine(i-first+1, n)
		case i >= last-n:
			out[i] = raisedCosine(last-i, n)
		}
	}
}

// punchout takes out the samples from start to end, and tapers what is left.
func punchout(out []float64, start, end float32) {
	first, last := int(start*float32(len(out))), int(end*float32(len(out)))
	before := int(float32(taperedPart/2) * float32(first))
	behind := int(float32(taperedPart/2) * float32(len(out)-last))
	for i := range out {
		switch {
		case i < before:
			out[i] = raisedCosine(i+1, before)
		case i < first-before:
		case i < first:
			out[i] = raisedCosine(first-i, before)
		case i < last:
			out[i] = 0
		case i < last+behind:
			out[i] = raisedCosine(i-last+1, behind)
		case i >= len(out)-behind:
			out[i] = raisedCosine(len(out)-i, behind)
		}
	}
}

// welchOfFFmpeg fills in 1 - (d - c)^2, where d is the distance from the
// nearer end in samples, 0 for the outermost ones, and c is about 0.
func welchOfFFmpeg(out []float64) {
	n := len(out)
	if n < 2 {
		clear(out)
		return
	}
	c := 2 / float64(n-1)
	for i := range n / 2 {
		var w float64
		if n%2 == 1 {
			w = c - float64(i) - 1
		} else {
			w = c - float64(i+1)
		}
		out[i] = 1 - float64(w*w)
		out[n-1-i] = out[i]
	}
	if n%2 == 1 {
		out[n/2] = 0
	}
}

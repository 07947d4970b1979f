// Package feature turns the state of a channel's experts into the small integers that the language model reads.
package feature

import (
	"math"

	"trilobyte/codec/expert"
	"trilobyte/codec/fixed"
)

const (
	// Count is the number of features in a row.
	Count = 64
	// Disagreements is the number of experts besides the reference one.
	Disagreements = expert.Count - 1

	reference = expert.SlowMixer
	zeroPoint = 128 // the feature value that stands for zero

	errorHistory = 16
	// MinScale and MaxDisagreement bound what a row can hold.
	MinScale        = 1.0 / 64 // sample steps
	MaxDisagreement = 64       // units of Row.Scale
)

// Row is what is known about a sample before it is coded.
type Row struct {
	Features [Count]uint8
	// Base is the reference expert's prediction, in sample steps.
	Base float64
	// Scale is the reference expert's running mean absolute error, in sample steps.
	Scale float64
	// Disagreement is each other expert's prediction less Base, in units of Scale.
	Disagreement [Disagreements]float32
}

// Position says how a channel stands to another one.
type Position int

// A channel alone, and the channels of a pair in the order in which they are coded.
const (
	Alone Position = iota
	First
	Second
)

// The shares with which a new error enters the running means. The one at scaleMean gives Row.Scale.
var meanShares = [8]float64{1. / 2, 1. / 4, 1. / 8, 1. / 16, 1. / 32, 1. / 64, 1. / 256, 1. / 2048}

const (
	scaleMean  = 4
	trackShare = 1. / 32
)

// Extractor makes the rows of one channel. For each sample call Next, then Learn.
type Extractor struct {
	bank      *expert.Bank
	position  Position
	other     *Extractor
	low, high float64 // the range of the segment's samples

	row        Row
	errors     errorLine
	means      [len(meanShares)]float64
	signedMean float64
	track      [expert.Count]float64 // running mean absolute error of each expert
	samples    [3]float64            // newest first
	count      int                   // samples learned
	repeats    int                   // how often the newest sample occurred in a row, less one
}

// New makes the extractors of one channel or of a pair, in coding order. low and high are the least and the
// greatest sample of each channel.
func New(low, high []float64) []*Extractor {
	paired := len(low) == 2
	var es []*Extractor
	for i := range low {
		e := &Extractor{bank: expert.NewBank(paired), low: low[i], high: high[i]}
		if paired {
			e.position = First + Position(i)
		}
		es = append(es, e)
	}
	if paired {
		es[0].other, es[1].other = es[1], es[0]
	}
	return es
}

// Next returns the row for the channel's next sample. It is valid until the next call.
func (e *Extractor) Next() *Row {
	e.bank.Predict()
	r := &e.row
	r.Base = clamp(e.bank.Predictions[reference], e.low, e.high)
	r.Scale = max(e.means[scaleMean], MinScale)
	inverse := 1 / r.Scale
	w := writer{row: &r.Features}
	e.writeScales(&w)
	e.writeDisagreements(&w, inverse)
	for _, err := range e.errors.newest() {
		w.ratio(err * inverse)
	}
	e.writeOther(&w)
	w.ratio((e.samples[0] - e.samples[1]) * inverse)
	w.ratio((e.samples[1] - e.samples[2]) * inverse)
	w.ratio((e.samples[0] - r.Base) * inverse)
	w.ratio(e.signedMean * inverse)
	w.ratio((e.high - r.Base) * inverse)
	w.ratio((r.Base - e.low) * inverse)
	w.put(fixed.Log2(float64(e.count+1))/5 - 64)
	w.put(4*min(e.repeats, 31) - 64)
	return r
}

// writeScales writes the level of the error: how it moved lately, and its size in sample steps.
func (e *Extractor) writeScales(w *writer) {
	scale := fixed.Log2(e.row.Scale)
	for i, m := range e.means {
		if i != scaleMean {
			w.put((logOf(m) - scale) / 2)
		}
	}
	w.put(scale/6 - 32)
	w.put(scale)
}

// writeDisagreements writes where each expert differs from the reference, in units of the scale, whose inverse is
// given, and how it fared lately.
func (e *Extractor) writeDisagreements(w *writer, inverse float64) {
	p := &e.bank.Predictions
	i := 0
	referenceTrack := logOf(e.track[reference])
	for k := range p {
		if k == reference {
			continue
		}
		d := clamp((p[k]-e.row.Base)*inverse, -MaxDisagreement, MaxDisagreement)
		e.row.Disagreement[i] = float32(d)
		i++
		w.ratio(d)
		w.put((logOf(e.track[k]) - referenceTrack) * 2)
	}
}

// writeOther writes the other channel's newest errors, the current one first where it is known.
func (e *Extractor) writeOther(w *writer) {
	w.put(64*int(e.position) - 64)
	if e.other == nil {
		for range 6 {
			w.put(0)
		}
		return
	}
	o := e.other
	scale := max(o.means[scaleMean], MinScale)
	inverse := 1 / scale
	for _, err := range o.errors.newest()[:4] {
		w.ratio(err * inverse)
	}
	w.put((logOf(o.means[1]) - fixed.Log2(scale)) / 2)
	w.put((fixed.Log2(scale) - fixed.Log2(e.row.Scale)) / 4)
}

// Learn tells the true value of the sample that Next described, in sample steps.
func (e *Extractor) Learn(sample float64) {
	err := sample - e.row.Base
	e.errors.push(err)
	size := math.Abs(err)
	for i, share := range meanShares {
		e.means[i] += float64((size - e.means[i]) * share)
	}
	e.signedMean += float64((err - e.signedMean) * meanShares[scaleMean])
	for i, p := range e.bank.Predictions {
		e.track[i] += float64((math.Abs(sample-clamp(p, e.low, e.high)) - e.track[i]) * trackShare)
	}
	e.repeats++
	if sample != e.samples[0] {
		e.repeats = 0
	}
	copy(e.samples[1:], e.samples[:2])
	e.samples[0] = sample
	e.count++
	e.bank.Learn(sample)
	if e.other != nil {
		e.other.bank.Observe(sample)
	}
}

// logOf is fixed.Log2 of an error magnitude, with a floor.
func logOf(x float64) int {
	const floor = 1. / 4096
	return fixed.Log2(max(x, floor))
}

// clamp returns x limited to low..high; not-a-number becomes low.
func clamp(x, low, high float64) float64 {
	if !(x > low) {
		return low
	}
	if x > high {
		return high
	}
	return x
}

// errorLine holds the reference expert's newest errors. It moves through a longer buffer, from the end to the
// beginning, so that most of the time an error can be added without moving the others.
type errorLine struct {
	buffer [8 * errorHistory]float64
	start  int
}

func (l *errorLine) push(err float64) {
	if l.start == 0 {
		l.start = len(l.buffer) - errorHistory
		copy(l.buffer[l.start+1:], l.buffer[:errorHistory-1])
	} else {
		l.start--
	}
	l.buffer[l.start] = err
}

// newest returns the errors, newest first.
func (l *errorLine) newest() *[errorHistory]float64 {
	return (*[errorHistory]float64)(l.buffer[l.start:])
}

// writer fills a row's features one after the other.
type writer struct {
	row  *[Count]uint8
	next int
}

// put writes v, limited to -128..127.
func (w *writer) put(v int) {
	w.row[w.next] = uint8(max(-128, min(127, v)) + zeroPoint)
	w.next++
}

// ratio writes a number on a signed logarithmic axis: 8 steps an octave, linear around zero. It has no branches on the
// sign, which nothing foretells.
func (w *writer) ratio(v float64) {
	const signBit = 63
	sign := -int(math.Float64bits(v) >> signBit)
	size := fixed.Log2(1+float64(4*math.Abs(v))) >> 2
	w.put(size ^ sign - sign)
}

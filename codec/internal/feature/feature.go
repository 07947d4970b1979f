// Package feature turns the state of a channel's predictors into the small integers that the network reads.
package feature

import (
	"fmt"

	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/fixed"
	"trilobyte/codec/internal/predictor"
)

const (
	// Count is the number of features in a row.
	Count = 80
	// Disagreements is the number of predictions that a row can tell of besides the reference one.
	Disagreements = mixture.Disagreements

	zeroPoint = 128 // the feature value that stands for zero

	errorHistory = 20
	otherHistory = 6 // errors of the other channel
	// MinScale and MaxDisagreement bound what a row can hold.
	MinScale        = 1.0 / 64 // sample steps
	MaxDisagreement = 64       // units of Row.Scale
)

// Row is what is known about a sample before it is coded.
type Row struct {
	Features [Count]uint8
	// Base is the reference prediction's prediction, in sample steps.
	Base float64
	// Scale is the reference prediction's running mean absolute error, in sample steps.
	Scale float64
	// Disagreement is the prediction of each other prediction that is shown less Base, in units of Scale; the rest are 0.
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
var meanShares = [BaseShares]float64{1. / 2, 1. / 4, 1. / 8, 1. / 16, 1. / 32, 1. / 64, 1. / 256, 1. / 2048}

const (
	scaleMean  = 4
	trackShare = 1. / 32
)

// Description says what rows tell of: it is part of the description of a preset, in the names of its JSON text.
type Description struct {
	// Reference is the number of the prediction that all others are compared with.
	Reference int `json:"reference"`
	// Shown are the numbers of the predictions that the network sees beside it, 1 to Disagreements.
	Shown []int `json:"shown"`
	// Newest is the number of the prediction whose newest error the network sees.
	Newest int `json:"newest"`
}

// Check returns what is impossible about a description for so many predictions.
func (d *Description) Check(predictions int) error {
	if n := len(d.Shown); n < 1 || n > Disagreements {
		return fmt.Errorf("%d predictions shown, not 1 to %d", n, Disagreements)
	}
	for _, p := range append([]int{d.Reference, d.Newest}, d.Shown...) {
		if p < 0 || p >= predictions {
			return fmt.Errorf("a prediction %d of %d", p, predictions)
		}
	}
	return nil
}

// Extractor makes the rows of one channel. For each sample call Next, then Learn; the channels of a pair take turns.
type Extractor struct {
	description *Description
	predictors  *predictor.Set
	position    Position
	other       *Extractor
	low, high   float64 // the range of the segment's samples

	row         Row
	line        line
	compared    Comparison           // of the shown predictions with the reference
	means       *[BaseShares]float64 // running mean absolute errors of the reference with each of meanShares
	signedMean  float64
	newestError float64    // of the prediction Newest, at the newest sample
	samples     [4]float64 // newest first
	count       int        // samples learned
	repeats     int        // how often the newest sample occurred in a row, less one
	work        work
}

// work holds what Next gets from vector kernels.
type work struct {
	logs   [BaseShares]int32 // of means
	signed [signals + errorNumbers]uint8
}

// New makes the extractors of one channel or of a pair, whose predictors are given, in coding order. low and high are the least and the
// greatest sample of each channel.
func New(sets []*predictor.Set, d *Description, low, high []float64) []*Extractor {
	paired := len(low) == 2
	var es []*Extractor
	for i, set := range sets {
		e := &Extractor{description: d, predictors: set, low: low[i], high: high[i]}
		e.compared = NewComparison(len(d.Shown), trackShare, &meanShares)
		e.compared.Expect(set.Expected())
		e.means = e.compared.Means()
		e.line.start = len(e.line.buffer) - errorNumbers
		if paired {
			e.position = First + Position(i)
		}
		for k := range e.row.Features { // what is not shown stays so
			e.row.Features[k] = level(0)
		}
		e.row.Features[othersAt] = level(64*int(e.position) - 64)
		es = append(es, e)
	}
	if paired {
		es[0].other, es[1].other = es[1], es[0]
	}
	return es
}

// Next returns the row for the channel's next sample. It is valid until the next call.
func (e *Extractor) Next() *Row {
	e.predictors.Predict()
	r := &e.row
	r.Base = clamp(e.predictors.Predictions[e.description.Reference], e.low, e.high)
	r.Scale = max(e.means[scaleMean], MinScale)
	inverse := 1 / r.Scale
	// What is written in parts is read in vectors, which would have to wait for it: something else comes between.
	e.gather()
	if e.other != nil {
		e.writeOther((*[others]uint8)(r.Features[othersAt:]))
	}
	e.writeDisagreements(inverse)
	e.writeScales((*[scales]uint8)(r.Features[scalesAt:]))
	e.writeCounts((*[counts]uint8)(r.Features[countsAt:]))
	SignedLogs(e.line.all()[:], inverse, e.work.signed[:])
	e.writeLine()
	return r
}

// Where the groups of features stand in a row, and how many there are in each.
const (
	scales  = len(meanShares) + 1
	others  = 1 + otherHistory + 2
	signals = 8
	counts  = 2

	scalesAt        = 0
	disagreementsAt = scalesAt + scales
	errorsAt        = disagreementsAt + 2*Disagreements
	othersAt        = errorsAt + errorHistory
	signalsAt       = othersAt + others
	countsAt        = signalsAt + signals
)

// The groups fill the row.
var _ = [1]struct{}{}[Count-countsAt-counts]

// writeScales writes the level of the error: how it moved lately, and its size in sample steps.
func (e *Extractor) writeScales(to *[scales]uint8) {
	scale := fixed.Log2(e.row.Scale)
	at := 0
	for i, l := range e.work.logs {
		if i != scaleMean {
			to[at] = level((int(l) - scale) / 2)
			at++
		}
	}
	to[scales-2] = level(scale/6 - 32)
	to[scales-1] = level(scale)
}

// gather puts the predictions that are shown, and the numbers of the signal, where vector kernels read them.
func (e *Extractor) gather() {
	predictions, shown := e.predictors.Predictions, e.description.Shown
	for i, p := range shown {
		e.compared.Seen[i] = predictions[p]
	}
	base, signal := e.row.Base, e.line.signal()
	signal[0] = e.samples[0] - e.samples[1]
	signal[1] = e.samples[1] - e.samples[2]
	signal[2] = e.samples[2] - e.samples[3]
	signal[3] = e.samples[0] - base
	signal[4] = e.signedMean
	signal[5] = e.newestError
	signal[6] = e.high - base
	signal[7] = base - e.low
}

// writeDisagreements writes where each prediction differs from the reference, in units of the scale, whose inverse is
// given, and how it fared lately.
func (e *Extractor) writeDisagreements(inverse float64) {
	r, n := &e.row, len(e.compared.Seen)
	e.compared.Describe(r.Base, inverse, MaxDisagreement, r.Disagreement[:n], r.Features[disagreementsAt:][:2*n], &e.work.logs)
}

// writeOther writes the other channel's newest errors, the current one first where it is known.
func (e *Extractor) writeOther(to *[others]uint8) {
	o := e.other
	scale := max(o.means[scaleMean], MinScale)
	signed := e.work.signed[:8] // a whole vector
	SignedLogs(o.line.errors()[:len(signed)], 1/scale, signed)
	copy(to[1:], signed[:otherHistory])
	to[others-2] = level((MissLog(o.means[1]) - fixed.Log2(scale)) / 2)
	to[others-1] = level((fixed.Log2(scale) - fixed.Log2(e.row.Scale)) / 4)
}

// writeCounts writes where the signal is in the segment, and how long it has not changed.
func (e *Extractor) writeCounts(to *[counts]uint8) {
	to[0] = level(fixed.Log2(float64(e.count+1))/5 - 64)
	to[1] = level(4*min(e.repeats, 31) - 64)
}

// writeLine writes the newest errors and the numbers of the signal, which say also where it is in its range, in units of the scale.
func (e *Extractor) writeLine() {
	r, signed := &e.row, &e.work.signed
	copy(r.Features[errorsAt:othersAt], signed[signals:])
	copy(r.Features[signalsAt:countsAt], signed[:signals])
}

// Learn tells the true value of the sample that Next described, in sample steps.
func (e *Extractor) Learn(sample float64) {
	warming := e.predictors.WarmingUp()
	if warming {
		e.line.push(0)
	} else {
		err := sample - e.row.Base
		e.line.push(err)
		e.signedMean += float64((err - e.signedMean) * meanShares[scaleMean])
		e.compared.Learn(sample, e.low, e.high)
		e.newestError = sample - clamp(e.predictors.Predictions[e.description.Newest], e.low, e.high)
	}
	e.repeats++
	if sample != e.samples[0] {
		e.repeats = 0
	}
	copy(e.samples[1:], e.samples[:3])
	e.samples[0] = sample
	e.count++
	e.predictors.Learn(sample)
	if warming {
		e.compared.Expect(e.predictors.Expected())
	}
	if e.other != nil {
		e.other.predictors.Observe(sample)
	}
	switch e.position { // the channels of a pair settle together
	case Alone:
		predictor.Settle(e.predictors)
	case Second:
		predictor.Settle(e.other.predictors, e.predictors)
	}
}

// line holds the reference prediction's newest errors and, before them, numbers of the signal: what is put on the same axis.
// It moves through a longer buffer, from the end to the beginning, so that most of the time an error can be added without
// moving the others.
type line struct {
	buffer [8 * errorHistory]float64
	start  int // of the errors
}

const errorNumbers = (errorHistory + 7) &^ 7 // whole vectors

func (l *line) push(err float64) {
	if l.start == signals {
		l.start = len(l.buffer) - errorNumbers
		copy(l.buffer[l.start+1:], l.buffer[signals:][:errorNumbers-1])
	} else {
		l.start--
	}
	l.buffer[l.start] = err
}

// signal returns the numbers of the signal, to be set anew after each push.
func (l *line) signal() *[signals]float64 {
	return (*[signals]float64)(l.buffer[l.start-signals:])
}

// errors returns the errors, newest first.
func (l *line) errors() *[errorNumbers]float64 { return (*[errorNumbers]float64)(l.buffer[l.start:]) }

// all returns the signal and the errors.
func (l *line) all() *[signals + errorNumbers]float64 {
	return (*[signals + errorNumbers]float64)(l.buffer[l.start-signals:])
}

// level is the feature of v, which is limited to -128..127.
func level(v int) uint8 { return uint8(max(-128, min(127, v)) + zeroPoint) }

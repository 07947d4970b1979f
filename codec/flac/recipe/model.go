package recipe

import (
	"math"
	"math/bits"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/internal/syntax"
)

// errRecipe says that a recipe does not describe frames of the samples.
const errRecipe = fault("the recipe does not fit the samples")

// A describer codes what frames say beside their samples, in the light of the
// samples. When its coder encodes, the frames are given; when it decodes, the
// same calls fill them in.
type describer struct {
	coder
	format    flac.Format
	model     model
	analysis  analysis
	signals   [maxChannels][]int64 // of the frame's subframes, without their wasted bits
	residuals [maxChannels][]int64 // what their predictors leave, from their order on
	sums      []uint64             // buffers of describeRice
	scratch   []uint64
}

// A model holds what was learnt from the frames before.
type model struct {
	last header // what follows from the frame before

	// Of headers: whether they are as expected, and what else they are.
	strategy   chance
	length     chance
	usualCode  chance
	rate       chance
	bits       chance
	number     chance
	sizeCode   [16]chance
	sizeHigh   [256]chance
	sizeLow    [256]chance
	rateCode   [16]chance
	bitsCode   [8]chance
	assignment [16][16]chance // by the one before

	kinds      [maxChannels]kind // of the subframes before
	kind       [2][4][4]chance   // by whether the samples are all equal, and by the kind before
	wasted     chance            // whether all low bits that are zero are
	wastedBits [64]chance
	fixedOrder [maxFixedOrder + 1][8]chance // by the order with the smallest residual
	linear     linearModel
	rice       riceModel
}

// header is what the next frame's header is expected to be like.
type header struct {
	variable   bool
	length     int
	sizeCode   int
	rateCode   int
	rateValue  int
	bitsCode   int
	number     uint64
	assignment int
	known      bool // there was a frame before
}

// newDescriber returns a describer of the frames from sample firstSample on.
func newDescriber(c coder, format flac.Format, firstSample int64) *describer {
	d := &describer{coder: c, format: format}
	rateCode, rateValue, _ := syntax.SampleRateCode(format.SampleRate)
	d.model.last = header{
		length:    flac.BlockSize,
		rateCode:  int(rateCode),
		rateValue: int(rateValue),
		bitsCode:  int(syntax.BitsCode(format.Bits)),
		number:    uint64(firstSample),
	}
	return d
}

// describe codes frame f, which begins at samples[...][start].
func (d *describer) describe(f *frame, samples [][]int32, start int) error {
	if err := d.describeHeader(f, len(samples[0])-start); err != nil {
		return err
	}
	for i := range channels(f.assignment) {
		d.signals[i] = resize(d.signals[i], f.length)
		signal(d.signals[i], samples, start, f.assignment, i)
		if err := d.describeSubframe(f, i); err != nil {
			return err
		}
	}
	return nil
}

// describeHeader codes the header of a frame when so many samples are left
// (RFC 9639, section 9.1).
func (d *describer) describeHeader(f *frame, left int) error {
	m := &d.model
	last := &m.last
	f.variable = d.Expect(&m.strategy, f.variable == last.variable) == last.variable
	d.describeSize(f, min(last.length, left))
	if f.length < 1 || f.length > left {
		return errRecipe
	}
	if d.Expect(&m.rate, f.rateCode == last.rateCode && f.rateValue == last.rateValue) {
		f.rateCode, f.rateValue = last.rateCode, last.rateValue
	} else {
		f.rateCode = d.Tree(m.rateCode[:], f.rateCode)
		f.rateValue = int(d.Uniform(uint64(f.rateValue), 8*rateBytes(f.rateCode)))
	}
	f.assignment = d.Tree(m.assignment[last.assignment][:], f.assignment)
	if f.assignment > assignmentMidSide || channels(f.assignment) != d.format.Channels {
		return errRecipe
	}
	if d.Expect(&m.bits, f.bitsCode == last.bitsCode) {
		f.bitsCode = last.bitsCode
	} else {
		f.bitsCode = d.Tree(m.bitsCode[:], f.bitsCode)
	}
	number := last.number
	if !last.known && !f.variable {
		number /= uint64(f.length)
	}
	if d.Expect(&m.number, f.number == number) {
		f.number = number
	} else {
		f.number = d.Uniform(f.number, bits.Len64(maxNumber))
	}
	if f.number > maxNumber {
		return errRecipe
	}
	*last = header{
		variable:   f.variable,
		length:     f.length,
		sizeCode:   f.sizeCode,
		rateCode:   f.rateCode,
		rateValue:  f.rateValue,
		bitsCode:   f.bitsCode,
		number:     f.number + 1,
		assignment: f.assignment,
		known:      true,
	}
	if f.variable {
		last.number = f.number + uint64(f.length)
	}
	return nil
}

// describeSize codes the block size, for which likely is held.
func (d *describer) describeSize(f *frame, likely int) {
	m := &d.model
	if d.Expect(&m.length, f.length == likely) {
		code, _ := syntax.BlockSizeCode(likely)
		if m.last.known && likely == m.last.length {
			code = uint64(m.last.sizeCode)
		}
		f.length = likely
		if d.Expect(&m.usualCode, f.sizeCode == int(code)) {
			f.sizeCode = int(code)
			return
		}
	}
	f.sizeCode = d.Tree(m.sizeCode[:], f.sizeCode)
	length, extraBytes := sizeOfCode(f.sizeCode)
	if extraBytes > 0 {
		high := 0
		if extraBytes > 1 {
			high = d.Tree(m.sizeHigh[:], (f.length-1)>>8)
		}
		length = high<<8 | d.Tree(m.sizeLow[:], (f.length-1)&0xFF)
		length++
	}
	f.length = length
}

// describeSubframe codes subframe i (RFC 9639, section 9.2).
func (d *describer) describeSubframe(f *frame, i int) error {
	m := &d.model
	s := &f.subframes[i]
	x := d.signals[i]
	width := signalBits(d.format, f.assignment, i)

	used, constant := int64(0), 1
	for _, v := range x {
		used |= v
		if v != x[0] {
			constant = 0
		}
	}
	s.kind = kind(d.Tree(m.kind[constant][m.kinds[i]][:], int(s.kind)))
	m.kinds[i] = s.kind
	if s.kind == constantSubframe && constant == 0 {
		return errRecipe
	}
	zeros := 0
	if used != 0 {
		zeros = bits.TrailingZeros64(uint64(used))
	}
	if d.Expect(&m.wasted, s.wasted == zeros) {
		s.wasted = zeros
	} else {
		s.wasted = d.Tree(m.wastedBits[:], s.wasted)
	}
	if s.wasted >= width || used&(1<<s.wasted-1) != 0 {
		return errRecipe
	}
	for j := range x {
		x[j] >>= s.wasted
	}
	width -= s.wasted
	d.analysis.load(x)
	switch s.kind {
	case fixedSubframe:
		s.setFixed(min(d.Tree(m.fixedOrder[bestFixedOrder(x)][:], s.order), maxFixedOrder))
	case linearSubframe:
		if err := d.describeLinear(s, x, width); err != nil {
			return err
		}
	default:
		s.order = 0
		return nil
	}
	if s.order > f.length {
		return errRecipe
	}
	d.residuals[i] = resize(d.residuals[i], f.length)
	residual(s, x, d.residuals[i])
	return d.describeRice(&s.rice, d.residuals[i], s.order)
}

// bestFixedOrder returns the fixed predictor with the smallest residual.
func bestFixedOrder(x []int64) int {
	if len(x) <= maxFixedOrder {
		return 0
	}
	var sums [maxFixedOrder + 1]uint64
	last0 := x[3]
	last1 := last0 - x[2]
	last2 := last1 - (x[2] - x[1])
	last3 := last2 - (x[2] - x[1] - (x[1] - x[0]))
	for _, d0 := range x[maxFixedOrder:] {
		d1 := d0 - last0
		d2 := d1 - last1
		d3 := d2 - last2
		d4 := d3 - last3
		last0, last1, last2, last3 = d0, d1, d2, d3
		sums[0] += absolute(d0)
		sums[1] += absolute(d1)
		sums[2] += absolute(d2)
		sums[3] += absolute(d3)
		sums[4] += absolute(d4)
	}
	best, least := 0, uint64(math.MaxUint64)
	for order, sum := range sums {
		if sum < least {
			best, least = order, sum
		}
	}
	return best
}

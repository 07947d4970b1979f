package segment

import (
	"fmt"

	"trilobyte/codec/alphabet"
	"trilobyte/codec/cacheline"
	"trilobyte/codec/feature"
	"trilobyte/codec/mixture"
	"trilobyte/codec/model"
	"trilobyte/codec/rangecoder"
	"trilobyte/codec/token"
)

// A channel's samples can be coded over all steps or over a list of those that occur, and either in whole tokens or bit by
// bit with the last stage. Whether the last stage is worth its time is decided as soon as the channel has taken trialSize
// bytes, by the second half of them. For the rest, what comes out shortest is taken, or is clearly ahead before.
const trialSize = 1 << 14

// correctionShare is the part of the size that the last stage must save to be worth its time: one of so many.
const correctionShare = 1024

// leadShare is the share of the size by which coding over the list must be ahead to be taken at once: one of so many.
const leadShare = 256

// trackEncoder codes one channel.
type trackEncoder struct {
	plan         *channelPlan
	distribution mixture.Distribution
	ways         []way
	trying       bool // the ways are pairs: with whole tokens, and with the last stage
	samples      int  // coded so far
}

// way is one of the ways in which a channel can be coded.
type way struct {
	kind    int
	whole   bool
	set     alphabet.Set
	encoder sampleEncoder
	half    int // size in bytes at half of the trial
}

// sampleEncoder codes the ranks of samples.
type sampleEncoder interface {
	encode(d *mixture.Distribution, scale float64, rank int64)
	// size is about how many bytes finish will return.
	size() int
	finish() []byte
}

func newTrackEncoder(plan *channelPlan, v *feature.Version) *trackEncoder {
	e := cacheline.New[trackEncoder]()
	e.plan, e.trying = plan, v.Whole && !v.Uncorrected
	e.try(dense, plan.set, v)
	if plan.worthListing {
		e.try(listed, plan.list, v)
	}
	return e
}

// try adds the ways of coding over a set.
func (e *trackEncoder) try(kind int, set alphabet.Set, v *feature.Version) {
	if v.Whole {
		e.ways = append(e.ways, way{kind: kind, whole: true, set: set, encoder: newWholeEncoder(kind, set, symbolsOf(v))})
	}
	if !v.Whole || !v.Uncorrected {
		e.ways = append(e.ways, way{kind: kind, set: set, encoder: newBitEncoder(kind, set, !v.Uncorrected)})
	}
}

func (e *trackEncoder) encode(outputs *model.Outputs, row *feature.Row, step int64) {
	e.distribution.Set(outputs, row)
	for i := range e.ways {
		w := &e.ways[i]
		w.encoder.encode(&e.distribution, row.Scale, w.set.Rank(step))
	}
	if e.samples++; e.samples%256 == 0 {
		if e.trying {
			e.decide()
		} else {
			e.drop()
		}
	}
}

// drop leaves the way over all steps if that over the list is ahead already, though it began with the list: it will stay so.
func (e *trackEncoder) drop() {
	if len(e.ways) != 2 || e.ways[0].kind != dense || e.ways[1].kind != listed {
		return
	}
	all, list := e.ways[0].encoder.size(), e.ways[1].encoder.size()
	if list > trialSize && list < all-all/leadShare {
		e.ways = e.ways[1:]
	}
}

// decide ends the trial of the last stage if it has gone on long enough.
func (e *trackEncoder) decide() {
	size := e.ways[0].encoder.size()
	if e.ways[0].half == 0 && size >= trialSize/2 {
		for i := range e.ways {
			e.ways[i].half = e.ways[i].encoder.size()
		}
	}
	if size < trialSize {
		return
	}
	e.trying = false
	var left []way
	for i := 0; i < len(e.ways); i += 2 {
		whole, corrected := e.ways[i], e.ways[i+1]
		saved := (whole.encoder.size() - whole.half) - (corrected.encoder.size() - corrected.half)
		if saved > trialSize/2/correctionShare {
			whole = corrected
		}
		left = append(left, whole)
	}
	e.ways = left
}

// finish returns the shortest stream and notes in the plan how it is coded.
func (e *trackEncoder) finish() []byte {
	var best []byte
	for i, w := range e.ways {
		if stream := w.encoder.finish(); i == 0 || len(stream) < len(best) {
			best, e.plan.kind, e.plan.whole = stream, w.kind, w.whole
		}
	}
	return best
}

// bitEncoder codes bit by bit.
type bitEncoder struct {
	coder *token.Coder
	to    *rangecoder.Encoder
}

func newBitEncoder(kind int, set alphabet.Set, corrected bool) *bitEncoder {
	e := &bitEncoder{token.NewCoder(set, corrected), rangecoder.NewEncoder(nil)}
	if kind == listed {
		set.Write(e.to)
	}
	return e
}

func (e *bitEncoder) encode(d *mixture.Distribution, scale float64, rank int64) {
	e.coder.Encode(e.to, d, scale, rank)
}
func (e *bitEncoder) size() int      { return e.to.Len() }
func (e *bitEncoder) finish() []byte { return e.to.Finish() }

// wholeEncoder codes whole tokens, after so many bytes of a list.
type wholeEncoder struct {
	coder *token.Whole
	to    *rangecoder.SymbolEncoder
	list  int
}

// symbolsOf returns the symbols of a version's whole tokens.
func symbolsOf(v *feature.Version) rangecoder.Symbols {
	if v.Pairs {
		return rangecoder.Pairs
	}
	return rangecoder.Bytes
}

func newWholeEncoder(kind int, set alphabet.Set, symbols rangecoder.Symbols) *wholeEncoder {
	var list []byte
	if kind == listed {
		to := rangecoder.NewEncoder(nil)
		set.Write(to)
		list = appendStream(nil, to.Finish())
	}
	return &wholeEncoder{token.NewWhole(set, symbols), rangecoder.NewSymbolEncoder(symbols, list), len(list)}
}

func (e *wholeEncoder) encode(d *mixture.Distribution, _ float64, rank int64) {
	e.coder.Encode(e.to, d, rank)
}
func (e *wholeEncoder) size() int      { return e.list + e.to.Len() }
func (e *wholeEncoder) finish() []byte { return e.to.Finish() }

// trackDecoder decodes one channel.
type trackDecoder struct {
	distribution mixture.Distribution
	grid         alphabet.Grid
	set          alphabet.Set
	rank         func(d *mixture.Distribution, row *feature.Row) int64 // of the next sample
	low, high    int64                                                 // of samples
}

func newTrackDecoder(plan *channelPlan, v *feature.Version, stream []byte, frames, bits int) (*trackDecoder, error) {
	d := cacheline.New[trackDecoder]()
	d.grid, d.set = plan.grid, plan.set
	d.low, d.high = sampleRange(bits)
	if plan.whole {
		if plan.kind == listed {
			list, rest, err := readStream(stream)
			if err != nil {
				return nil, err
			}
			if err := d.readList(rangecoder.NewDecoder(list), plan, frames); err != nil {
				return nil, err
			}
			stream = rest
		}
		symbols := symbolsOf(v)
		coder, from := token.NewWhole(d.set, symbols), rangecoder.NewSymbolDecoder(symbols, stream)
		d.rank = func(m *mixture.Distribution, row *feature.Row) int64 {
			return coder.Decode(from, m, row.Scale)
		}
		return d, nil
	}
	from := rangecoder.NewDecoder(stream)
	if plan.kind == listed {
		if err := d.readList(from, plan, frames); err != nil {
			return nil, err
		}
	}
	coder := token.NewCoder(d.set, !v.Uncorrected)
	d.rank = func(m *mixture.Distribution, row *feature.Row) int64 { return coder.Decode(from, m, row.Scale) }
	return d, nil
}

// readList reads the steps that occur.
func (d *trackDecoder) readList(from *rangecoder.Decoder, plan *channelPlan, frames int) error {
	var err error
	if d.set, err = alphabet.ReadListed(from, plan.set.Low, plan.set.High, frames); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

func (d *trackDecoder) decode(outputs *model.Outputs, row *feature.Row) (step int64, sample int32, err error) {
	d.distribution.Set(outputs, row)
	step = d.set.Step(d.rank(&d.distribution, row))
	v := d.grid.Sample(step)
	if v < d.low || v > d.high {
		return 0, 0, fmt.Errorf("%w: a sample of %d", ErrDamaged, v)
	}
	return step, int32(v), nil
}

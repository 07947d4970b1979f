package segment

import (
	"fmt"

	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/entropy/alphabet"
	"trilobyte/codec/internal/entropy/mixture"
	"trilobyte/codec/internal/entropy/rangecoder"
	"trilobyte/codec/internal/entropy/symbol"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
)

// A channel's samples can be coded over all indices or over a list of those that occur, and either in symbols of two bytes or bit by
// bit with secondary symbol estimation (SSE). Whether SSE is worth its time is decided as soon as the channel has taken trialSize
// bytes, by the second half of them. For the rest, what comes out shortest is taken, or is clearly ahead before.
const trialSize = 1 << 14

// correctionShare is the part of the size that SSE must save to be worth its time: one of so many.
const correctionShare = 1024

// leadShare is the share of the size by which coding over the list must be ahead to be taken at once: one of so many.
const leadShare = 256

// trackEncoder codes one channel.
type trackEncoder struct {
	plan         *channelPlan
	distribution mixture.Distribution
	candidates   []candidate
	trying       bool // the candidates are pairs: without SSE, and with it
	samples      int  // coded so far
}

// candidate is one of the ways in which a channel can be coded.
type candidate struct {
	kind    int
	sse     bool
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

func newTrackEncoder(plan *channelPlan, sse bool) *trackEncoder {
	e := cacheline.New[trackEncoder]()
	e.plan, e.trying = plan, sse
	e.try(dense, plan.set)
	if plan.worthListing {
		e.try(listed, plan.list)
	}
	return e
}

// try adds the candidates that code over a set.
func (e *trackEncoder) try(kind int, set alphabet.Set) {
	e.candidates = append(e.candidates, candidate{kind: kind, set: set, encoder: newSymbolEncoder(kind, set)})
	if e.trying {
		e.candidates = append(e.candidates, candidate{kind: kind, sse: true, set: set, encoder: newBitEncoder(kind, set)})
	}
}

func (e *trackEncoder) encode(outputs *network.Outputs, row *feature.Row, step int64) {
	e.distribution.Set(outputs, &row.Disagreement, row.Base, row.Scale)
	for i := range e.candidates {
		w := &e.candidates[i]
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

// drop leaves the candidate over all steps if that over the list is ahead already, though it began with the list: it will stay so.
func (e *trackEncoder) drop() {
	if len(e.candidates) != 2 || e.candidates[0].kind != dense || e.candidates[1].kind != listed {
		return
	}
	all, list := e.candidates[0].encoder.size(), e.candidates[1].encoder.size()
	if list > trialSize && list < all-all/leadShare {
		e.candidates = e.candidates[1:]
	}
}

// decide ends the trial of SSE if it has gone on long enough.
func (e *trackEncoder) decide() {
	size := e.candidates[0].encoder.size()
	if e.candidates[0].half == 0 && size >= trialSize/2 {
		for i := range e.candidates {
			e.candidates[i].half = e.candidates[i].encoder.size()
		}
	}
	if size < trialSize {
		return
	}
	e.trying = false
	var left []candidate
	for i := 0; i < len(e.candidates); i += 2 {
		better, corrected := e.candidates[i], e.candidates[i+1]
		saved := (better.encoder.size() - better.half) - (corrected.encoder.size() - corrected.half)
		if saved > trialSize/2/correctionShare {
			better = corrected
		}
		left = append(left, better)
	}
	e.candidates = left
}

// finish returns the shortest stream and notes in the plan how it is coded.
func (e *trackEncoder) finish() []byte {
	var best []byte
	for i, c := range e.candidates {
		if stream := c.encoder.finish(); i == 0 || len(stream) < len(best) {
			best, e.plan.kind, e.plan.sse = stream, c.kind, c.sse
		}
	}
	return best
}

// bitEncoder codes bit by bit, with SSE, after the list.
type bitEncoder struct {
	coder *symbol.Corrected
	to    *rangecoder.Encoder
}

func newBitEncoder(kind int, set alphabet.Set) *bitEncoder {
	e := &bitEncoder{symbol.NewCorrected(set), rangecoder.NewEncoder(nil)}
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

// symbolEncoder codes symbols, after so many bytes of a list.
type symbolEncoder struct {
	coder *symbol.Coder
	to    *rangecoder.SymbolEncoder
	list  int
}

func newSymbolEncoder(kind int, set alphabet.Set) *symbolEncoder {
	var list []byte
	if kind == listed {
		to := rangecoder.NewEncoder(nil)
		set.Write(to)
		list = appendStream(nil, to.Finish())
	}
	return &symbolEncoder{symbol.New(set), rangecoder.NewSymbolEncoder(list), len(list)}
}

func (e *symbolEncoder) encode(d *mixture.Distribution, _ float64, rank int64) {
	e.coder.Encode(e.to, d, rank)
}
func (e *symbolEncoder) size() int      { return e.list + e.to.Len() }
func (e *symbolEncoder) finish() []byte { return e.to.Finish() }

// trackDecoder decodes one channel.
type trackDecoder struct {
	distribution mixture.Distribution
	lattice      alphabet.Lattice
	set          alphabet.Set
	rank         func(d *mixture.Distribution, row *feature.Row) int64 // of the next sample
	low, high    int64                                                 // of samples
}

func newTrackDecoder(plan *channelPlan, stream []byte, frames, bits int) (*trackDecoder, error) {
	d := cacheline.New[trackDecoder]()
	d.lattice, d.set = plan.lattice, plan.set
	d.low, d.high = sampleRange(bits)
	if plan.sse {
		return d, d.readCorrected(plan, stream, frames)
	}
	return d, d.readSymbols(plan, stream, frames)
}

// stepsOf returns the steps that occur in a channel that is coded over a list of them.
func stepsOf(plan *channelPlan, stream []byte, frames int) ([]int64, error) {
	var d trackDecoder
	read := d.readSymbols
	if plan.sse {
		read = d.readCorrected
	}
	err := read(plan, stream, frames)
	return d.set.Steps(), err
}

func (d *trackDecoder) readSymbols(plan *channelPlan, stream []byte, frames int) error {
	if plan.kind == listed {
		list, rest, err := readStream(stream)
		if err != nil {
			return err
		}
		if err := d.readList(rangecoder.NewDecoder(list), plan, frames); err != nil {
			return err
		}
		stream = rest
	}
	coder, from := symbol.New(d.set), rangecoder.NewSymbolDecoder(stream)
	d.rank = func(m *mixture.Distribution, _ *feature.Row) int64 { return coder.Decode(from, m) }
	return nil
}

func (d *trackDecoder) readCorrected(plan *channelPlan, stream []byte, frames int) error {
	from := rangecoder.NewDecoder(stream)
	if plan.kind == listed {
		if err := d.readList(from, plan, frames); err != nil {
			return err
		}
	}
	coder := symbol.NewCorrected(d.set)
	d.rank = func(m *mixture.Distribution, row *feature.Row) int64 { return coder.Decode(from, m, row.Scale) }
	return nil
}

// readList reads the steps that occur.
func (d *trackDecoder) readList(from *rangecoder.Decoder, plan *channelPlan, frames int) error {
	var err error
	if d.set, err = alphabet.ReadListed(from, plan.set.Low, plan.set.High, frames); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// decode returns the step of the next sample. A step whose sample has no more than 32 bits has no more, either.
func (d *trackDecoder) decode(outputs *network.Outputs, row *feature.Row) (step int32, err error) {
	d.distribution.Set(outputs, &row.Disagreement, row.Base, row.Scale)
	s := d.set.Step(d.rank(&d.distribution, row))
	if v := d.lattice.Sample(s); v < d.low || v > d.high {
		return 0, fmt.Errorf("%w: a sample of %d", ErrDamaged, v)
	}
	return int32(s), nil
}

// room is where the samples of a channel go that has such steps: the same place, if they are the same.
func (p *channelPlan) room(steps []int32) []int32 {
	if p.lattice == alphabet.Unit {
		return steps
	}
	return make([]int32, len(steps))
}

// take sets samples by the steps that they are.
func (p *channelPlan) take(samples, steps []int32) {
	if p.lattice == alphabet.Unit {
		return
	}
	for i, s := range steps {
		samples[i] = int32(p.lattice.Sample(int64(s)))
	}
}

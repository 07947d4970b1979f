package stream

import (
	"context"
	"slices"

	"trilobyte/codec/recording"
)

// Gradual is a SegmentCoder that has the first samples of a segment before the last
// ones.
type Gradual interface {
	SegmentCoder

	// DecodeGradually is Decode, and calls ready, every few thousand frames, with the
	// samples that are decoded so far, but never with all: the first frames of all
	// channels, which do not change any more and may be kept.
	DecodeGradually(
		ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int), ready func(samples [][]int32),
	) ([][]int32, error)
}

// PartGradually is Part for one who cannot wait until all of a segment is decoded. It
// calls ready, on its own goroutine, with what it has so far, each time some thousand
// frames more, and never with all: a part with its first frames, whose Raw and Samples
// are those of the whole part, as far as they go, and do not change any more. Raw is
// nil where the file has FLAC frames, which only all samples make.
//
// The checksum is one of the whole part. What ready gets has not been compared with it:
// it may be wrong until PartGradually has returned the part, and is if that returns a
// *DamageError. Whoever passes it on has to take that back then, or to say so.
//
// Samples that are no integers come all at once, and so does what a SegmentCoder
// decodes that is not a Gradual.
func (d *Decoder) PartGradually(ctx context.Context, i int, progress func(samples int), ready func(Part)) (Part, error) {
	return d.part(ctx, i, progress, ready)
}

// Cut returns so many frames of a part that is audio, from the given one on: their
// place, Raw, unless they are FLAC frames, and Samples.
func (p Part) Cut(start, frames int64) Part {
	cut := Part{Place: p.Within(start, frames)}
	if p.Raw != nil && !p.FLAC() {
		size := int64(p.Format.FrameBytes())
		cut.Raw = p.Raw[start*size:][:frames*size]
		cut.Offset, cut.Size = p.Offset+start*size, frames*size
	}
	for _, channel := range p.Samples {
		cut.Samples = append(cut.Samples, channel[start:][:frames])
	}
	return cut
}

// growing is the coder of a part that is handed out while it is decoded.
type growing struct {
	Gradual
	ready func(Part)
	whole Place
	part  Part // what has been handed out
}

// growingAt returns what decodes the part at p with a coder, and tells ready of it
// meanwhile if it can.
func growingAt(p Place, c SegmentCoder, ready func(Part)) SegmentCoder {
	gradual, ok := c.(Gradual)
	if !ok || ready == nil || !p.Audio() || p.Format.Kind != recording.Integer {
		return c
	}
	return newGrowing(p, gradual, ready)
}

func newGrowing(p Place, c Gradual, ready func(Part)) *growing {
	return &growing{Gradual: c, ready: ready, whole: p, part: Part{Place: p.Within(0, 0), Raw: make([]byte, 0, p.Size)}}
}

// growingOf returns what tells ready of the samples that a reference leads to; nil if
// ready is to get them all at once.
func growingOf(p Place, ready func(Part)) func([][]int32) {
	if ready == nil || p.Format.Kind != recording.Integer {
		return nil
	}
	g := newGrowing(p, nil, ready)
	changed := make([][]int32, len(p.refers.Channels))
	return func(samples [][]int32) {
		for c := range samples {
			more := slices.Clone(samples[c][len(changed[c]):])
			if p.refers.change(more, p.Format.ContainerBits()) != nil {
				return // which is an error when all are there
			}
			changed[c] = append(changed[c], more...)
		}
		g.grow(slices.Clone(changed))
	}
}

// Decode implements SegmentCoder.
func (g *growing) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int)) ([][]int32, error) {
	return g.DecodeGradually(ctx, data, channels, frames, bits, progress, g.grow)
}

// grow adds what is new of the samples to the part, and hands it out.
func (g *growing) grow(samples [][]int32) {
	grown := Part{Place: g.whole.Within(0, int64(len(samples[0]))), Samples: samples}
	if !g.whole.FLAC() {
		added := make([][]int32, len(samples))
		for c, channel := range samples {
			added[c] = channel[g.part.Frames:]
		}
		grown.Raw = append(g.part.Raw, g.whole.Format.Bytes(added)...)
		grown.Size = int64(len(grown.Raw))
	}
	g.part = grown
	g.ready(grown)
}

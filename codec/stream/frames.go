package stream

import (
	"errors"
	"fmt"

	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
)

// Some segments are smaller as FLAC than as the SegmentCoder codes them: noise that
// stops abruptly, where FLAC begins a new block, and very short ones, of which
// nothing can be learned. They are stored as the inside of FLAC frames, so that no
// recording is larger than FLAC makes it, but for a few bytes around it.

// mayBeFrames reports whether the part at p may be compressed with methodFrames:
// FLAC has such samples, and they are neither in FLAC frames anyway nor elsewhere.
func mayBeFrames(p Place) bool {
	return methodOf(p) == methodCoded && p.Format.Kind != recording.Float && frameFormat(p).Check() == nil
}

// frameFormat is the format of these frames, but for the sample rate, which they do
// not tell.
func frameFormat(p Place) flac.Format {
	return flac.Format{Channels: p.Format.Channels, Bits: codedBits(p.Format), SampleRate: 1}
}

// BesideFLAC compares a part that Part has returned with what FLAC makes of it. It
// returns it with its FLACSize, and encoded as FLAC frames where these are smaller:
// so no recording is larger than its FLAC frames by more than some 40 bytes.
func (e *Encoder) BesideFLAC(p Part) (Part, error) {
	if p.Place.FLAC() {
		p.FLACSize = p.Size
		return p, nil
	}
	if p.Samples == nil {
		return p, nil
	}
	size, err := flac.Measure(p.Samples, p.Format.PCM().ContainerBits(), p.Format.SampleRate, p.Start/flac.BlockSize)
	if errors.Is(err, flac.ErrUnsupported) {
		return p, nil
	}
	if err != nil {
		return Part{}, err
	}
	p.FLACSize = size
	saving := ceil(p.Frames, flac.BlockSize) * flac.BareSaving
	if size-saving >= int64(len(p.Encoded)) || !mayBeFrames(p.Place) {
		return p, nil
	}
	frames, err := flac.Bare(codedSamples(p.Format, p.Raw), codedBits(p.Format))
	if err != nil {
		return Part{}, err
	}
	record := newRecord(p.record, e.layout.all().records, methodFrames, p.Raw, frames)
	if len(record) < len(p.Encoded) {
		p.Encoded = record
	}
	return p, nil
}

// readFrames returns the samples in a payload of methodFrames, as codedSamples does.
func readFrames(p Place, payload []byte) ([][]int32, error) {
	samples, err := recipe.DecodeBare(frameFormat(p), payload, int(p.Frames))
	if err != nil {
		return nil, fmt.Errorf("its FLAC frames do not decode: %w", err)
	}
	return samples, nil
}

package stream

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"trilobyte/codec/internal/float"
	"trilobyte/codec/recording"
)

// compandedBits is what companded samples are coded with: their values have up
// to 14 bits.
const compandedBits = 16

// methodOf is how the part at p is compressed, unless it is stored, or as FLAC frames
// (see mayBeFrames).
func methodOf(p Place) byte {
	if p.Refers() {
		return methodReferred
	}
	if p.FLAC() {
		return methodFLAC
	}
	if p.Audio() {
		return methodCoded
	}
	return methodDeflate
}

// payloadOf compresses the original bytes of a part, with methodOf. It returns
// the part's samples, too.
func payloadOf(ctx context.Context, c SegmentCoder, p Place, original []byte, progress func(samples int)) (payload []byte, samples [][]int32, err error) {
	f := p.Format
	switch methodOf(p) {
	case methodDeflate:
		payload, err = deflate(original)
		return payload, nil, err
	case methodReferred:
		if p.FLAC() {
			samples, err = checkedFLAC(p, original)
			return p.flac.recipe, samples, err
		}
		return nil, plain(f, original), nil
	case methodFLAC:
		return encodeFLAC(ctx, c, p, original, progress)
	}
	if f.Kind == recording.Float {
		payload, err = encodeFloats(ctx, c, f, original, progress)
		return payload, nil, err
	}
	samples = codedSamples(f, original)
	payload, err = c.Encode(ctx, samples, codedBits(f), progress)
	if f.Kind != recording.Integer {
		samples = plain(f, original)
	}
	return payload, samples, err
}

// codedSamples returns the samples of raw as they are coded: integers as they are,
// and the values that companded samples stand for.
func codedSamples(f recording.Format, raw []byte) [][]int32 {
	samples := f.Samples(raw)
	if f.Kind == recording.Integer {
		return samples
	}
	values := f.Kind.Values()
	for _, channel := range samples {
		for i, s := range channel {
			channel[i] = values[s+128]
		}
	}
	return samples
}

// codedBits is how many bits codedSamples have.
func codedBits(f recording.Format) int {
	if f.Kind == recording.Integer {
		return f.ContainerBits()
	}
	return compandedBits
}

// rawOf is the inverse of codedSamples for the part at p. It returns the part's
// samples, too.
func rawOf(p Place, coded [][]int32) (raw []byte, samples [][]int32, err error) {
	f := p.Format
	if err := checkShape(coded, f.Channels, int(p.Frames)); err != nil {
		return nil, nil, err
	}
	if f.Kind == recording.Integer {
		return f.Bytes(coded), coded, nil
	}
	values := f.Kind.Values()[:]
	for _, channel := range coded {
		for i, v := range channel {
			s, ok := slices.BinarySearch(values, v)
			if !ok {
				return nil, nil, errors.New("a sample has a value that its kind does not have")
			}
			channel[i] = int32(s) - 128
		}
	}
	raw = f.Bytes(coded)
	return raw, plain(f, raw), nil
}

// originalOf is the inverse of payloadOf, and of flac.Bare.
func originalOf(ctx context.Context, c SegmentCoder, p Place, method byte, payload []byte, progress func(samples int)) (original []byte, samples [][]int32, err error) {
	f := p.Format
	switch method {
	case methodDeflate:
		original, err = inflate(payload, p.Size)
		return original, nil, err
	case methodFLAC:
		return decodeFLAC(ctx, c, p, payload, progress)
	case methodFrames:
		if samples, err = readFrames(p, payload); err != nil {
			return nil, nil, err
		}
		return rawOf(p, samples)
	}
	if f.Kind == recording.Float {
		original, err = decodeFloats(ctx, c, p, payload, progress)
		return original, nil, err
	}
	samples, err = c.Decode(ctx, payload, f.Channels, int(p.Frames), codedBits(f), progress)
	if err != nil {
		return nil, nil, err
	}
	return rawOf(p, samples)
}

// encodeFloats compresses the bytes of floats.
func encodeFloats(ctx context.Context, c SegmentCoder, f recording.Format, original []byte, progress func(samples int)) ([]byte, error) {
	if f.Width == 8 {
		return float.Encode(ctx, c, f.Bits64(original), progress)
	}
	return float.Encode(ctx, c, f.Bits32(original), progress)
}

// decodeFloats is the inverse of encodeFloats.
func decodeFloats(ctx context.Context, c SegmentCoder, p Place, payload []byte, progress func(samples int)) ([]byte, error) {
	f := p.Format
	if f.Width == 8 {
		bits, err := float.Decode[uint64](ctx, c, payload, f.Channels, int(p.Frames), progress)
		if err != nil {
			return nil, err
		}
		return f.FromBits64(bits), nil
	}
	bits, err := float.Decode[uint32](ctx, c, payload, f.Channels, int(p.Frames), progress)
	if err != nil {
		return nil, err
	}
	return f.FromBits32(bits), nil
}

// checkShape makes sure of the shape of what a coder returns.
func checkShape(samples [][]int32, channels, frames int) error {
	if len(samples) != channels {
		return fmt.Errorf("the decoder returned %d channels instead of %d", len(samples), channels)
	}
	for c := range samples {
		if len(samples[c]) != frames {
			return fmt.Errorf("the decoder returned %d frames instead of %d", len(samples[c]), frames)
		}
	}
	return nil
}

// storedOf returns the samples of a part that is stored, nil if it has no integers.
func storedOf(p Place, raw []byte) ([][]int32, error) {
	if p.FLAC() {
		return flacSamples(p, raw)
	}
	return plain(p.Format, raw), nil
}

// plain returns raw audio as plain integers, or nil if it holds floats.
func plain(f recording.Format, raw []byte) [][]int32 {
	if f.Channels == 0 || f.Kind == recording.Float {
		return nil
	}
	return f.PCM().Samples(f.ToPCM(raw))
}

package stream_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"trilobyte/codec/stream"
)

// deltaCoder is a small lossless coder: differences between neighbouring
// samples as zigzag varints. It is enough to exercise the stream.
type deltaCoder struct{}

func (deltaCoder) ID() [32]byte { return [32]byte{'d', 'e', 'l', 't', 'a'} }

func (deltaCoder) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	data := []byte{byte(bits)}
	for _, channel := range samples {
		last := int64(0)
		for _, v := range channel {
			data = binary.AppendVarint(data, int64(v)-last)
			last = int64(v)
		}
	}
	return data, nil
}

func (deltaCoder) Decode(_ context.Context, data []byte, channels, frames, bits int, _ func(int)) ([][]int32, error) {
	if len(data) == 0 || int(data[0]) != bits {
		return nil, errors.New("other bits than encoded")
	}
	data = data[1:]
	samples := make([][]int32, channels)
	for c := range samples {
		last := int64(0)
		for range frames {
			v, n := binary.Varint(data)
			if n <= 0 {
				return nil, io.ErrUnexpectedEOF
			}
			data = data[n:]
			last += v
			samples[c] = append(samples[c], int32(last))
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%d bytes too many", len(data))
	}
	return samples, nil
}

func newDelta(name stream.ModelName) (stream.SegmentCoder, error) {
	if c := (deltaCoder{}); name == stream.NameOf(c.ID()) {
		return c, nil
	}
	return nil, errors.New("unknown model")
}

// silenceCoder codes nothing but digital silence, in a few bytes.
type silenceCoder struct{}

func (silenceCoder) ID() [32]byte { return [32]byte{'s', 'i', 'l', 'e', 'n', 'c', 'e'} }

func (silenceCoder) Encode(_ context.Context, samples [][]int32, _ int, _ func(int)) ([]byte, error) {
	for _, channel := range samples {
		if slices.ContainsFunc(channel, func(v int32) bool { return v != 0 }) {
			return nil, errors.New("not silent")
		}
	}
	return []byte("silence"), nil
}

func (silenceCoder) Decode(_ context.Context, data []byte, channels, frames, _ int, _ func(int)) ([][]int32, error) {
	if string(data) != "silence" {
		return nil, errors.New("not silent")
	}
	samples := make([][]int32, channels)
	for c := range samples {
		samples[c] = make([]int32, frames)
	}
	return samples, nil
}

// coders returns the test coder for a model.
func coders(name stream.ModelName) (stream.SegmentCoder, error) {
	for _, c := range []stream.SegmentCoder{deltaCoder{}, silenceCoder{}} {
		if stream.NameOf(c.ID()) == name {
			return c, nil
		}
	}
	return nil, errors.New("unknown model")
}

// shapes returns samples of a shape other than asked for.
type shapes struct {
	silenceCoder
	samples [][]int32
}

func (s shapes) Decode(context.Context, []byte, int, int, int, func(int)) ([][]int32, error) {
	return s.samples, nil
}

// odd decodes everything as 3.
type odd struct{ deltaCoder }

func (odd) Encode(context.Context, [][]int32, int, func(int)) ([]byte, error) { return []byte{3}, nil }

func (odd) Decode(_ context.Context, _ []byte, channels, frames, _ int, _ func(int)) ([][]int32, error) {
	return slices.Repeat([][]int32{slices.Repeat([]int32{3}, frames)}, channels), nil
}

// anyModel is a deltaCoder that goes by the name of any model.
type anyModel struct {
	deltaCoder
	name stream.ModelName
}

func (a anyModel) ID() (id [32]byte) {
	copy(id[:], a.name[:])
	return id
}

// memoryCoder remembers samples by a checksum of them, so that what it makes of any
// is smaller than FLAC frames. deltaCoder makes something larger.
type memoryCoder struct{ known *sync.Map }

func newMemory() memoryCoder { return memoryCoder{&sync.Map{}} }

func (memoryCoder) ID() [32]byte { return [32]byte{'m', 'e', 'm', 'o', 'r', 'y'} }

func (c memoryCoder) Encode(_ context.Context, samples [][]int32, bits int, _ func(int)) ([]byte, error) {
	copied := slices.Clone(samples)
	for i := range copied {
		copied[i] = slices.Clone(copied[i])
	}
	name := sha256.Sum256(fmt.Append(nil, bits, samples))
	c.known.Store(name, copied)
	return name[:], nil
}

func (c memoryCoder) Decode(_ context.Context, data []byte, _, _, _ int, _ func(int)) ([][]int32, error) {
	if len(data) != sha256.Size {
		return nil, errors.New("not what it makes")
	}
	samples, ok := c.known.Load([sha256.Size]byte(data))
	if !ok {
		return nil, errors.New("unknown samples")
	}
	return samples.([][]int32), nil
}

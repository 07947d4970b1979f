// Package jobtest has a small codec and sound for tests of what is built on
// codecs: quick, lossless, and a little smaller than the original.
package jobtest

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"sync"

	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// Coder codes the differences of neighbouring samples as varints, deflated.
type Coder struct{ model []byte }

// NewCoder returns the coder with a model, which is just a name for it.
func NewCoder(model string) Coder { return Coder{[]byte(model)} }

// writers are of flate: a new one takes longer than what it writes in most tests.
var writers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // there is this level
	}
	return w
}}

// ID implements stream.SegmentCoder.
func (c Coder) ID() [32]byte { return sha256.Sum256(c.model) }

// Encode implements stream.SegmentCoder.
func (c Coder) Encode(ctx context.Context, samples [][]int32, bits int, progress func(samples int)) ([]byte, error) {
	var b bytes.Buffer
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&b)
	var varints []byte
	for _, channel := range samples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		before := int64(0)
		varints = varints[:0]
		for _, s := range channel {
			varints = binary.AppendVarint(varints, int64(s)-before)
			before = int64(s)
		}
		if _, err := w.Write(varints); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(len(channel))
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Decode implements stream.SegmentCoder.
func (c Coder) Decode(ctx context.Context, data []byte, channels, frames, bits int, _ func(samples int)) ([][]int32, error) {
	b, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(data)), int64(channels)*int64(frames)*binary.MaxVarintLen64))
	if err != nil {
		return nil, err
	}
	samples := make([][]int32, channels)
	for i := range samples {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		samples[i] = make([]int32, frames)
		before := int64(0)
		for k := range samples[i] {
			difference, n := binary.Varint(b)
			if n <= 0 {
				return nil, errors.New("there are too few samples")
			}
			b = b[n:]
			before += difference
			samples[i][k] = int32(before)
		}
	}
	return samples, nil
}

// Codec is a codec with a model of so many bytes.
func Codec(model string) job.Codec {
	return job.Codec{
		Coder: NewCoder(model),
		Model: []byte(model),
		Load: func(model []byte) (stream.SegmentCoder, error) {
			return NewCoder(string(model)), nil
		},
	}
}

// WAV returns a WAV file with tones and a little noise, the same for the same
// arguments.
func WAV(rate, bits, channels, frames int, seed uint64) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	data := make([]byte, 0, frames*channels*bits/8+4)
	full := math.Pow(2, float64(bits-1))
	for i := range frames {
		for c := range channels {
			tone := math.Sin(float64(i)*0.03*float64(c+1)) + 0.01*random.NormFloat64()
			value := int32(tone * 0.4 * full)
			if bits == 8 {
				value += 128
			}
			data = binary.LittleEndian.AppendUint32(data, uint32(value))[:len(data)+bits/8]
		}
	}
	return append(WAVHeader(1, rate, bits, channels, len(data)), data...)
}

// WAVHeader returns the 44 bytes before the data of a WAV file with the given
// format tag (1: PCM, 3: floating point).
func WAVHeader(tag, rate, bits, channels, dataSize int) []byte {
	frame := channels * bits / 8
	h := fmt.Appendf(nil, "RIFF%sWAVEfmt ", le32(36+dataSize+dataSize%2))
	h = append(h, le32(16)...)
	h = append(h, le32(tag|channels<<16)...)
	h = append(h, le32(rate)...)
	h = append(h, le32(rate*frame)...)
	h = append(h, le32(frame|bits<<16)...)
	h = append(h, "data"...)
	return append(h, le32(dataSize)...)
}

func le32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }

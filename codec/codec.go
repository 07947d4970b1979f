// Package codec compresses the samples of recordings without loss, and gives them back exactly, on any machine.
//
// # How to use it
//
// Preset gives one of the built-in models, Load one from a file. NewCoder makes a Coder of it: its Encode turns the samples of a
// segment (up to some minutes of sound, all channels) into bytes, its Decode turns these and the segment's shape back into samples. What
// stands around segments, so that files can be streamed, searched and checked, is in other packages: codec/stream (one recording:
// header, segments, checksums), codec/recording (where the samples lie in a file), codec/flac (the FLAC that sizes are compared with).
//
// # How samples become bytes
//
// Adaptive linear predictors learn the recording at hand: least squares, NLMS filters, mixers of their predictions. A small integer
// network, which was trained on many recordings, looks at how they fared lately and says how likely each value of the next sample
// is. A range coder spends as many bits on what really comes as that probability asks for: two bytes at a time, most significant first
// (Trilobyte: Long, Novack, Donahue, arXiv 2603.08683, 2026). The decoder runs the same predictors over the same samples.
//
// A preset is data: a model file is an ONNX graph, the network, whose metadata describe the predictors that it was trained for.
//
// # What is promised
//
// The same samples and model give the same bytes, and the same bytes give the same samples, on every processor: all arithmetic is
// integer, or floating point whose order and rounding are specified (codec/FORMAT.md). Before a processor's vector instructions are
// used, they pass a test with known answers. Archives of release 1.0.0 and later decode for ever; before that the format may change.
//
// Decode never panics and takes bounded memory, whatever it is given; its errors wrap ErrDamaged. It cannot notice all damage: that is
// for the checksums around a segment.
package codec

import (
	"context"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/segment"
	"trilobyte/codec/internal/simd"
)

// ErrDamaged is wrapped by the errors of Decode for data that Encode does not make of any samples.
var ErrDamaged = segment.ErrDamaged

// Coder compresses segments with one model. It is safe for concurrent use.
type Coder struct{ segments *segment.Coder }

// NewCoder makes a coder on the fastest path of the processor that passes its test. What computes the network can be chosen with
// package codec/backend.
func NewCoder(m *Model) *Coder { return &Coder{segment.New(m.network)} }

// NewCoderOn makes a coder that has the network computed by the given runners, which package codec/backend makes: one when it
// encodes and one when it decodes.
func NewCoderOn(m *Model, encoding, decoding network.Runner) *Coder {
	return &Coder{segment.NewOn(m.network, encoding, decoding)}
}

// Share has GPUs code segments, too, whenever there is a queue, with the programs of the coder's model, nil if no GPU can run any. Package
// codec/backend calls it, before the coder is used.
func (c *Coder) Share(queue func() *cuda.Queue, p func() *segment.Programs) {
	c.segments.Share(queue, p)
}

// Alone returns a coder that has all segments coded where it is called.
func (c *Coder) Alone() *Coder { return &Coder{c.segments.Alone()} }

// ID is the identity of the coder's model, which decoding needs again.
func (c *Coder) ID() [32]byte { return c.segments.Model().ID() }

// Encode compresses samples[channel][frame], signed integers of the given bits (8, 16, 24 or 32). All channels have the same number of
// frames, at least one. It does not change samples, and fails only if the context ends. While it works, which may take a minute, it
// calls progress, unless that is nil, with how many more samples, over all channels, are coded.
func (c *Coder) Encode(ctx context.Context, samples [][]int32, bits int, progress func(samples int)) ([]byte, error) {
	return c.segments.Encode(ctx, samples, bits, progress)
}

// MeasureRepeats returns, for each of some lengths in frames, about how many bits a sample Encode saves by what repeats where
// samples[channel][frame] are cut into segments of that length: where it repeats itself, a recording wants longer ones. It is quick,
// and fails only if the context ends.
func (c *Coder) MeasureRepeats(ctx context.Context, samples [][]int32, lengths []int) ([]float64, error) {
	return c.segments.MeasureRepeats(ctx, samples, lengths)
}

// RepeatShare returns about what share of its bytes, 0 to 1, a segment samples[channel][frame] saves by repeating itself. It looks at two
// of its channels, takes a few hundredths of the time of Encode, and fails only if the context ends.
func (c *Coder) RepeatShare(ctx context.Context, samples [][]int32) (float64, error) {
	return c.segments.RepeatShare(ctx, samples)
}

// Remembers reports whether the model's network has a memory. One that has none takes less time, and leaves more to be learned.
func (c *Coder) Remembers() bool { return c.segments.Model().Remembers() }

// LatticeBits returns how many bits a sample of samples[channel][frame], at least one frame, follow from the lattice on which all of a channel
// lie, as samples do after a gain. Low bits that are 0 in all of them are not counted.
func (c *Coder) LatticeBits(samples [][]int32) float64 { return segment.LatticeBits(samples) }

// Decode returns the samples[channel][frame] of so many channels, frames and bits that Encode made data of. Its errors wrap ErrDamaged,
// or are the context's. It calls progress as Encode does.
func (c *Coder) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int)) ([][]int32, error) {
	return c.segments.Decode(ctx, data, channels, frames, bits, progress)
}

// DecodeGradually is Decode for one who cannot wait: after every few thousand frames it calls ready with the first frames of the samples,
// as far as all channels have them, but never with all of them. They do not change any more, and may be kept. What is there when it ends
// with an error may be wrong. It decodes where it is called, whoever else codes segments.
func (c *Coder) DecodeGradually(
	ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int), ready func(samples [][]int32),
) ([][]int32, error) {
	return c.segments.DecodeGradually(ctx, data, channels, frames, bits, progress, ready)
}

// Path is the name of the processor's vector instructions in use: "avx512", "avx2", or "go" without any. The environment variable
// TRILOBYTE_CPU chooses another one.
func Path() string { return string(simd.InUse()) }

// CheckPath returns an error if the path that TRILOBYTE_CPU asks for cannot be used, or if not even plain Go computes what it should
// on this machine. A program looks at it when it starts, and gives up.
func CheckPath() error { return simd.Check() }

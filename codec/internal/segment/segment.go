// Package segment codes the samples of one segment: all channels of a span of audio that decodes on its own. It ties
// together the alphabet, the predictors, the features, the network, the mixture and the coder of symbols. FORMAT.md
// specifies the bytes.
package segment

import (
	"context"
	"errors"
	"fmt"

	"trilobyte/codec/internal/network"
)

// ErrDamaged is wrapped by the errors of Decode for data that no encoder writes.
var ErrDamaged = errors.New("segment: the data is damaged")

// batchFrames is how many frames are decoded between two looks at the context.
const batchFrames = 64

// Coder codes segments with one model. It is safe for concurrent use.
type Coder struct {
	model       *network.Model
	description *network.Description
	encoding    network.Runner
	decoding    network.Runner
	shared      *shared // with GPUs; nil: the caller's core does all
}

// New makes a coder that uses the model m as it is built in.
func New(m *network.Model) *Coder { return NewOn(m, m.BuiltIn(), m.BuiltIn()) }

// NewOn makes a coder that has the outputs of the model m computed by the given runners of m, one when it encodes and
// one when it decodes.
func NewOn(m *network.Model, encoding, decoding network.Runner) *Coder {
	return &Coder{model: m, description: m.Description(), encoding: encoding, decoding: decoding}
}

// Model is the model that the coder codes with.
func (c *Coder) Model() *network.Model { return c.model }

// Encode compresses samples[channel][frame], signed integers of the given bits (8, 16, 24 or 32). All channels have
// the same number of frames, at least one. It fails only if the context ends. progress, which may be nil, is told how many more samples are coded.
func (c *Coder) Encode(ctx context.Context, samples [][]int32, bits int, progress func(samples int)) ([]byte, error) {
	plans, tracks := planChannels(samples)
	groups, err := planGroups(ctx, &c.description.Predictors, tracks)
	if err != nil {
		return nil, err
	}
	order := tracksOf(groups)
	streams, err := c.encode(ctx, plans, groups, progress)
	if err != nil {
		return nil, err
	}
	var out []byte
	for i := range plans {
		out = plans[i].append(out)
	}
	out = appendGroups(out, groups)
	for _, group := range groups {
		if mayRepeat(&c.description.Predictors, group.frames()) {
			out = appendLags(out, group.Lags)
		}
		out = appendBeginnings(out, &group)
	}
	for _, t := range order {
		out = appendStream(out, streams[t.Channel])
	}
	return out, nil
}

// encode returns the streams of the channels, and notes in their plans how they are coded.
func (c *Coder) encode(ctx context.Context, plans []channelPlan, groups []Group, progress func(samples int)) (streams [][]byte, err error) {
	results, release, err := c.shared.encode(ctx, plans, groups, c.description.SSE)
	if err != nil {
		return nil, err
	}
	streams = make([][]byte, len(plans))
	order := tracksOf(groups)
	if results != nil {
		for i, t := range order {
			streams[t.Channel] = results[i].take(&plans[t.Channel])
		}
		return streams, nil
	}
	defer release()
	for _, group := range groups {
		encoders := make([]*trackEncoder, len(group.Tracks))
		for i, t := range group.Tracks {
			encoders[i] = newTrackEncoder(&plans[t.Channel], c.description.SSE)
		}
		if err := c.encodeGroup(ctx, &group, order, encoders, progress); err != nil {
			return nil, err
		}
		for i, t := range group.Tracks {
			streams[t.Channel] = encoders[i].finish()
		}
	}
	return streams, nil
}

// Decode is the inverse of Encode for so many channels and frames. Its errors wrap ErrDamaged, or are the context's.
func (c *Coder) Decode(ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int)) ([][]int32, error) {
	s, err := c.read(data, channels, frames, bits)
	if err != nil {
		return nil, err
	}
	if err := c.decode(ctx, s, progress); err != nil {
		return nil, err
	}
	s.finish(frames)
	return s.samples, nil
}

// DecodeGradually is Decode for one who cannot wait: after every few thousand frames it calls ready with the first frames of
// samples[channel][frame], as far as all channels have them, but never with all of them. They may be kept, and do not change; that they are
// right, nobody knows yet. No GPU is asked, which would have nothing for many seconds.
func (c *Coder) DecodeGradually(
	ctx context.Context, data []byte, channels, frames, bits int, progress func(samples int), ready func(samples [][]int32),
) ([][]int32, error) {
	s, err := c.read(data, channels, frames, bits)
	if err != nil {
		return nil, err
	}
	for until := min(turnFrames, frames); ; until = min(until+turnFrames, frames) {
		if err := c.decodeUntil(ctx, s, until, progress); err != nil {
			return nil, err
		}
		s.finish(until)
		if until == frames {
			return s.samples, nil
		}
		ready(s.first(until))
	}
}

// coded is a segment to be decoded.
type coded struct {
	plans        []channelPlan
	groups       []Group  // their steps are set when it is decoded
	streams      [][]byte // by channel
	frames, bits int

	decoders []*groupDecoder // of the groups that are being decoded
	samples  [][]int32       // by channel; those that finish has set
	finished int             // so many frames
}

// read takes a segment apart.
func (c *Coder) read(data []byte, channels, frames, bits int) (*coded, error) {
	if channels < 1 || frames < 1 {
		return nil, fmt.Errorf("%w: %d channels of %d frames", ErrDamaged, channels, frames)
	}
	plans, data, err := readPlans(data, channels, bits, c.description.SSE)
	if err != nil {
		return nil, err
	}
	var tracks []Track
	for i, p := range plans {
		if p.coded() {
			tracks = append(tracks, Track{Channel: i, Low: float64(p.set.Low), High: float64(p.set.High)})
		}
	}
	r := &reader{data: data}
	groups := r.groups(tracks)
	if r.err != nil {
		return nil, r.err
	}
	for i := range groups {
		groups[i].prepare(frames)
		r.lags(&c.description.Predictors, &groups[i])
		r.beginnings(&groups[i])
	}
	if data, err = r.data, r.err; err != nil {
		return nil, err
	}
	streams := make([][]byte, channels)
	for _, t := range tracksOf(groups) {
		if streams[t.Channel], data, err = readStream(data); err != nil {
			return nil, err
		}
	}
	if len(data) > 0 {
		return nil, fmt.Errorf("%w: %d bytes too many", ErrDamaged, len(data))
	}
	return &coded{plans: plans, groups: groups, streams: streams, frames: frames, bits: bits}, nil
}

// decode decodes a segment where it is its turn first.
func (c *Coder) decode(ctx context.Context, s *coded, progress func(samples int)) error {
	done, release, err := c.shared.decode(ctx, s)
	if err != nil || done {
		return err
	}
	defer release()
	return c.decodeUntil(ctx, s, s.frames, progress)
}

// sampleRange returns the least and the greatest sample of so many bits.
func sampleRange(bits int) (low, high int64) {
	return -1 << (bits - 1), 1<<(bits-1) - 1
}

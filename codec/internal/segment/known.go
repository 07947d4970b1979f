package segment

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"trilobyte/codec/internal/cuda"
	"trilobyte/codec/internal/cuda/kernel"
	"trilobyte/codec/internal/network"
)

// errUnknownAnswer is wrapped by the errors of check.
var errUnknownAnswer = errors.New("it does not compute what it should")

// check has a GPU code what the processor has coded, and compares: sounds of one, two and three channels, of 16 and 24 bits, with gaps
// between their values, and long enough for what is decided after 16 kB.
func (p *Programs) check(m *network.Model, encode bool, do func(*cuda.Request) error) error {
	c := New(m)
	for _, k := range [...]struct {
		channels, frames, bits int
		gap                    int32
	}{{2, 6000, 24, 1}, {1, 700, 16, 3}, {3, 300, 16, 1}} {
		samples := KnownSound(k.channels, k.frames, k.bits, k.gap)
		data, err := c.Encode(context.Background(), samples, k.bits, nil)
		if err != nil {
			return err
		}
		known, err := c.read(data, k.channels, k.frames, k.bits)
		if err != nil {
			return err
		}
		if encode {
			err = p.checkEncoding(c, known, samples, do)
		} else {
			err = p.checkDecoding(c, known, do)
		}
		if err != nil {
			return fmt.Errorf("%w (%d channels of %d bits)", err, k.channels, k.bits)
		}
	}
	return nil
}

// compute has a GPU do a segment that the kernel takes.
func (p *Programs) compute(s *kernel.Segment, do func(*cuda.Request) error) (results []kernel.TrackResult, err error) {
	r := p.request(s, &results)
	if r == nil {
		return nil, nil
	}
	if err := do(r); err != nil {
		return nil, err
	}
	if results == nil {
		return nil, errUnknownAnswer
	}
	return results, nil
}

func (p *Programs) checkEncoding(c *Coder, known *coded, samples [][]int32, do func(*cuda.Request) error) error {
	plans, tracks := planChannels(samples)
	groups, err := planGroups(context.Background(), &c.description.Predictors, tracks)
	if err != nil {
		return err
	}
	results, err := p.compute(toEncode(plans, groups, c.description.SSE), do)
	if results == nil {
		return err
	}
	for i, t := range tracksOf(groups) {
		r := result(results[i])
		plan := plans[t.Channel]
		stream, want := r.take(&plan), &known.plans[t.Channel]
		if !bytes.Equal(stream, known.streams[t.Channel]) || plan.kind != want.kind || plan.sse != want.sse {
			return fmt.Errorf("%w: it encodes channel %d in another way", errUnknownAnswer, t.Channel+1)
		}
	}
	return nil
}

func (p *Programs) checkDecoding(c *Coder, known *coded, do func(*cuda.Request) error) error {
	s, err := known.toDecode()
	if err != nil {
		return err
	}
	results, err := p.compute(s, do)
	if results == nil {
		return err
	}
	if err := c.decode(context.Background(), known, nil); err != nil {
		return err
	}
	for i, t := range tracksOf(known.groups) {
		if !slices.Equal(results[i].Steps, t.Steps) {
			return fmt.Errorf("%w: it decodes other samples of channel %d", errUnknownAnswer, t.Channel+1)
		}
	}
	return nil
}

// KnownSound makes samples[channel][frame] of so many bits: tones that become louder, with noise, in multiples of gap.
func KnownSound(channels, frames, bits int, gap int32) [][]int32 {
	samples, seed := make([][]int32, channels), uint32(1)
	loudest := float64(int32(1)<<(bits-2)) / float64(gap)
	for c := range samples {
		samples[c] = make([]int32, frames)
		for i := range samples[c] {
			seed = seed*1664525 + 1013904223
			t := float64(i)
			v := float64(0.7*math.Sin(float64(t*0.05)+float64(c))) + float64(0.2*math.Sin(t*0.31))
			v += float64(0.05 * (float64(float64(seed>>8)/(1<<24)) - 0.5))
			samples[c][i] = gap * int32(loudest*v*(0.2+float64(0.8*t/float64(frames))))
		}
	}
	return samples
}

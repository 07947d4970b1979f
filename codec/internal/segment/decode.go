package segment

import (
	"context"
	"fmt"

	"trilobyte/codec/internal/cacheline"
	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
)

const (
	// turnFrames is how many frames are decoded before samples are handed out: a tenth of a second of CD audio.
	turnFrames = 4096
	// mostTurns is how many groups at most take turns, each of which has predictors of its own. If there are more, the first ones are
	// decoded to their end before the others begin.
	mostTurns = 8
)

// decodeUntil decodes so many frames of all groups, and goes on where it was before. The first groups are ahead by what others have to
// know of them.
func (c *Coder) decodeUntil(ctx context.Context, s *coded, until int, progress func(samples int)) error {
	if s.decoders == nil {
		s.decoders = make([]*groupDecoder, len(s.groups))
	}
	order := tracksOf(s.groups)
	for k, until := range s.turns(until) {
		d := s.decoders[k]
		if d == nil {
			var err error
			if d, err = c.newGroupDecoder(s, &s.groups[k], order); err != nil {
				return err
			}
			s.decoders[k] = d
		}
		if err := d.decode(ctx, until, progress); err != nil {
			return err
		}
		if until == s.frames {
			d.free()
		}
	}
	return nil
}

// turns returns how many frames of each group must be decoded, in their order, so that all of them have so many.
func (s *coded) turns(until int) []int {
	turns, group := make([]int, len(s.groups)), []int(nil) // of each track
	for k, g := range s.groups {
		if turns[k] = until; k < len(s.groups)-mostTurns {
			turns[k] = s.frames
		}
		for range g.Tracks {
			group = append(group, k)
		}
	}
	for k := len(s.groups) - 1; k >= 0; k-- {
		for _, r := range s.groups[k].References {
			of := &turns[group[r.track]]
			*of = max(*of, min(s.frames, predictor.Reference{Delay: r.delay}.Known(turns[k])))
		}
	}
	return turns
}

// finish makes samples of the steps of so many frames, and of what the channels are that are not coded sample by sample.
func (s *coded) finish(until int) {
	if s.samples == nil {
		s.samples = make([][]int32, len(s.plans))
		for _, t := range tracksOf(s.groups) {
			s.samples[t.Channel] = s.plans[t.Channel].room(t.Steps)
		}
	}
	from := s.finished
	s.finished = until
	for _, t := range tracksOf(s.groups) {
		s.plans[t.Channel].take(s.samples[t.Channel][from:until], t.Steps[from:until])
	}
	for i, p := range s.plans {
		switch {
		case p.coded():
		case p.kind == copied && p.factor == same:
			s.samples[i] = s.samples[p.source]
		case s.samples[i] == nil:
			s.samples[i] = make([]int32, s.frames)
			fallthrough
		default:
			p.derive(s.samples, i, from, until)
		}
	}
}

// derive sets frames of channel i, which is constant or a multiple of another one.
func (p *channelPlan) derive(samples [][]int32, i, from, until int) {
	for k := from; k < until; k++ {
		if p.kind == constant {
			samples[i][k] = int32(p.value)
		} else {
			samples[i][k] = p.factor.sample(samples[p.source][k])
		}
	}
}

// first returns the first frames of the samples.
func (s *coded) first(frames int) [][]int32 {
	first := make([][]int32, len(s.samples))
	for i, channel := range s.samples {
		first[i] = channel[:frames:frames]
	}
	return first
}

// groupDecoder decodes the steps of a group into its tracks.
type groupDecoder struct {
	group      *Group
	next       int // number of the next frame of the predictors
	extractors []*feature.Extractor
	memories   []*network.Memory
	decoders   []*trackDecoder
	run        func(inputs []uint8, outputs []network.Outputs)
	outputs    []network.Outputs
}

// newGroupDecoder makes the decoder of a group of a segment. order are all tracks of that.
func (c *Coder) newGroupDecoder(s *coded, group *Group, order []Track) (*groupDecoder, error) {
	d := &groupDecoder{
		group: group, extractors: newExtractors(c.description, group, order), memories: c.newMemories(len(group.Tracks)),
		run: network.ForOne(c.decoding), outputs: cacheline.Make[network.Outputs](1),
	}
	for _, t := range group.Tracks {
		decoder, err := newTrackDecoder(&s.plans[t.Channel], s.streams[t.Channel], s.frames, s.bits)
		if err != nil {
			return nil, err
		}
		d.decoders = append(d.decoders, decoder)
	}
	return d, nil
}

// decode decodes the group's frames up to a number, and those of the predictors that come before the last of these.
func (d *groupDecoder) decode(ctx context.Context, frames int, progress func(samples int)) error {
	group, run, outputs := d.group, d.run, d.outputs
	for i := d.next; i < frames+group.Offset; i++ {
		if i%batchFrames == 0 && i > 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if progress != nil {
				progress(batchFrames * len(group.Tracks))
			}
		}
		for t, e := range d.extractors {
			row, steps := e.Next(), group.coded[t]
			run(d.memories[t].Next(&row.Features), outputs)
			switch {
			case group.Offset == 0 || !group.padding(t, i):
				step, err := d.decoders[t].decode(&outputs[0], row)
				if err != nil {
					return fmt.Errorf("%w (channel %d, frame %d)", err, group.Tracks[t].Channel+1, i)
				}
				steps[i] = step
			case i >= len(group.Tracks[t].Steps):
				steps[i] = steps[i-1]
			}
			e.Learn(float64(steps[i]))
		}
	}
	d.next = max(d.next, frames+group.Offset)
	return nil
}

// free forgets the predictors of a group that is decoded to its end, and all else that may be large.
func (d *groupDecoder) free() { *d = groupDecoder{group: d.group, next: d.next} }

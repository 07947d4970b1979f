package segment

import (
	"context"
	"slices"

	"trilobyte/codec/internal/feature"
	"trilobyte/codec/internal/network"
	"trilobyte/codec/internal/predictor"
	"trilobyte/codec/internal/repeat"
)

// Group is a channel that is coded alone, or a pair, in the order of coding: frame by frame, the first one before the second one.
type Group struct {
	Tracks []Track
	// Offset is how many frames the second track of a pair is coded behind the first one, so that it is told of the first one's future.
	Offset int
	// References are the tracks of groups before it that tell of a channel alone.
	References []reference
	// Lags say where it repeats itself; nil stands for nowhere.
	Lags predictor.Lags
	// Starts are what is known of each track at the beginning.
	Starts []predictor.Start
	// Windows say whether each track has tones.
	Windows []predictor.Window

	// coded are the steps of each track as the predictors see them: so many more frames, in which nothing is coded, before those of
	// the second track and behind those of the first one. Steps are a part of it.
	coded [][]int32
}

// reference is a track that is coded before.
type reference struct {
	track int // number, in the order of coding
	delay int // see predictor.Reference
}

const (
	// maxOffset is the greatest offset.
	maxOffset = 32
	// maxReferences is the most references.
	maxReferences = predictor.MaxReferences
)

// frames is how many frames the predictors go through.
func (g *Group) frames() int { return len(g.coded[0]) }

// prepare makes room for the steps of tracks that have so many frames, and keeps the steps that are there. Before the second track's
// first step comes the one that is nearest to 0, behind the first one's last step that one again.
func (g *Group) prepare(frames int) {
	g.coded = nil
	for i := range g.Tracks {
		t := &g.Tracks[i]
		if g.Offset == 0 && t.Steps != nil {
			g.coded = append(g.coded, t.Steps)
			continue
		}
		all, first := make([]int32, frames+g.Offset), g.Offset*i
		copy(all[first:], t.Steps)
		t.Steps = all[first:][:frames]
		for k := range first {
			all[k] = int32(max(t.Low, min(t.High, 0)))
		}
		for k := first + frames; k < len(all); k++ {
			all[k] = all[k-1]
		}
		g.coded = append(g.coded, all)
	}
}

// padding reports whether nothing is coded of a track in a frame of the predictors.
func (g *Group) padding(track, frame int) bool {
	frame -= g.Offset * track
	return frame < 0 || frame >= len(g.Tracks[track].Steps)
}

// relations are what tells of the group besides its newest samples; before are the tracks before it.
func (g *Group) relations(before []Track) predictor.Relations {
	r := predictor.Relations{Lags: g.Lags, Starts: g.Starts, Windows: g.Windows}
	for _, f := range g.References {
		r.References = append(r.References, predictor.Reference{Samples: before[f.track].Steps, Delay: f.delay})
	}
	return r
}

// neighbours makes pairs of neighbouring tracks.
func neighbours(tracks []Track) []Group {
	var groups []Group
	for pair := range slices.Chunk(tracks, 2) {
		groups = append(groups, Group{Tracks: pair})
	}
	return groups
}

// tracksOf returns the tracks of some groups, in the order of coding.
func tracksOf(groups []Group) []Track {
	var tracks []Track
	for _, g := range groups {
		tracks = append(tracks, g.Tracks...)
	}
	return tracks
}

// planGroups chooses the groups in which tracks are coded. It fails only if the context ends.
func planGroups(ctx context.Context, d *predictor.Description, tracks []Track) ([]Group, error) {
	groups, err := arrange(ctx, tracks)
	if err != nil {
		return nil, err
	}
	for i := range groups {
		groups[i].prepare(len(tracks[0].Steps))
		if err := groups[i].listen(ctx, d); err != nil {
			return nil, err
		}
	}
	return groups, nil
}

// mostRepeated is the share of a group's size that may be saved by what repeats in it if tones are to be looked for: where much more comes
// again, what came before tells more than they do.
const mostRepeated = 1. / 8

// listen finds out how each track starts, where the group repeats itself, and which tracks have tones. It fails only if the context ends.
func (g *Group) listen(ctx context.Context, d *predictor.Description) (err error) {
	for _, t := range g.Tracks {
		g.Starts = append(g.Starts, predictor.FindStart(t.Steps))
	}
	repeated := 0.
	if mayRepeat(d, g.frames()) {
		if g.Lags, repeated, err = repeat.Find(ctx, g.coded); err != nil {
			return err
		}
	}
	g.Windows = make([]predictor.Window, len(g.Tracks))
	if repeated <= mostRepeated {
		for k, t := range g.Tracks {
			g.Windows[k] = predictor.FindWindow(d, t.Steps)
		}
	}
	return nil
}

// EachRow calls visit for every sample of a segment that is coded by itself, in the order of coding, with what is known of it before. The
// row is valid during the call. Training reads it. It fails only if the context ends.
func EachRow(ctx context.Context, d *network.Description, samples [][]int32, visit func(t Track, row *feature.Row, step int32)) error {
	_, tracks := planChannels(samples)
	groups, err := planGroups(ctx, &d.Predictors, tracks)
	if err != nil {
		return err
	}
	order := tracksOf(groups)
	for _, g := range groups {
		extractors := newExtractors(d, &g, order)
		for i := range g.frames() {
			for t, e := range extractors {
				row, step := e.Next(), g.coded[t][i]
				if !g.padding(t, i) {
					visit(g.Tracks[t], row, step)
				}
				e.Learn(float64(step))
			}
		}
	}
	return nil
}

// newExtractors makes the feature extractors of a group; order are all tracks of the segment.
func newExtractors(d *network.Description, group *Group, order []Track) []*feature.Extractor {
	var low, high []float64
	for _, t := range group.Tracks {
		low, high = append(low, t.Low), append(high, t.High)
	}
	sets := predictor.NewSets(&d.Predictors, group.coded, group.relations(order))
	return feature.New(sets, &d.Features, low, high)
}

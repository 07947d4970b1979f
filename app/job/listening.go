package job

import (
	"context"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/pipeline"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// Recordings that repeat themselves are another matter: a window knows nothing of
// what it repeats. So it is searched for what repeats, as the coder does it, in places
// that are spread evenly, of so many frames, or of a segment's at most: all of a
// recording that has no more, and one of so many of the frames of others.
const (
	searchedPlace = 1 << 21
	searchedShare = 24
)

// repeatTeller is a coder that tells what repeats save.
type repeatTeller interface {
	// RepeatShare returns about what share of its bytes, 0 to 1, a segment
	// samples[channel][frame] saves by repeating itself. It fails only if the
	// context ends.
	RepeatShare(ctx context.Context, samples [][]int32) (float64, error)
}

// latticeTeller is a coder that finds the values that samples can have.
type latticeTeller interface {
	// LatticeBits returns how many bits a sample follow from the values that
	// samples[channel][frame] can have, low bits that are 0 not counted.
	LatticeBits(samples [][]int32) float64
}

// latticeFrames are enough to find these values.
const latticeFrames = 1 << 16

// entryBytes is about what ZIP and the manifest take for an entry.
const entryBytes = 160

// listening is a piece of work on a recording: a window that is to be measured, or, if that is nil, the search.
type listening struct {
	rec    *sampled
	window *window
}

// listen finds out what is in all files, and meanwhile searches recordings and codes samples of them.
func (v *survey) listen(ctx context.Context, items []item) error {
	e := v.engine
	amount, err := v.foresee(ctx, items)
	if err != nil {
		return err
	}
	lost := map[*sampled]error{}
	err = each(ctx, e, v.work(ctx, newPlanner(amount), items), func(ctx context.Context, l listening) error {
		if l.window == nil {
			return v.search(ctx, l.rec)
		}
		return l.window.measure(ctx, v)
	}, func(l listening, err error) {
		if err != nil {
			lost[l.rec] = err
		}
		if w := l.window; w != nil {
			if w.size > 0 {
				v.result.Listened += l.rec.duration(w.stretch.frames)
			}
			l.rec.listened(v.report, w)
		}
	})
	for _, rec := range v.sampled {
		if lost[rec] != nil {
			v.lose(rec, lost[rec])
		}
	}
	return err
}

// work yields what there is to do with all recordings, as soon as it is known what is in each.
func (v *survey) work(ctx context.Context, plan *planner, items []item) func(yield func(listening) error) error {
	e := v.engine
	r := &reader{
		disk: e.disk(), gate: e.Gate, coder: v.presets[0].Coder, workers: e.workers(), report: &report{},
		copies: newCopies(e.disk(), e.Gate), sounds: newSounds(e.disk(), e.Gate), heard: v.hear,
	}
	return func(yield func(listening) error) error {
		for _, it := range items {
			v.overhead += entryBytes
			if it.kind != archive.KindFile {
				continue
			}
			rec, err := v.lookInto(ctx, r, it)
			if ctx.Err() != nil {
				return ctx.Err()
			} else if err != nil {
				v.report.failed(it.path, err)
			}
			if rec == nil {
				continue
			}
			plan.windows(rec)
			err = yield(listening{rec, nil})
			for i := 0; i < len(rec.windows) && err == nil; i++ {
				err = yield(listening{rec, rec.windows[i]})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// lose reports a recording that cannot be read any more.
func (v *survey) lose(rec *sampled, err error) {
	v.report.failed(rec.item.path, err)
	v.result.Recordings -= rec.count
	v.result.Audio -= time.Duration(rec.count) * rec.duration(rec.frames)
	rec.count, rec.windows, rec.own = 0, nil, nil
}

// each calls do for all things that a goroutine of its own yields, on all cores, and done
// with each in their order, on the calling goroutine. The error is the context's, or that
// of what yields them.
func each[T any](
	ctx context.Context, e *Engine, things func(yield func(T) error) error, do func(context.Context, T) error, done func(T, error),
) error {
	type result struct {
		thing T
		err   error
	}
	produce := func(yield func(func(context.Context) result) error) error {
		return things(func(t T) error {
			return yield(func(ctx context.Context) result {
				if err := e.Gate.Wait(ctx); err != nil {
					return result{t, err}
				}
				return result{t, do(ctx, t)}
			})
		})
	}
	return pipeline.Ordered(ctx, e.workers(), cores(e.workers()).Ahead(), e.Codec.Enter, produce, func(r result) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		done(r.thing, r.err)
		return nil
	})
}

// search finds out how much a recording repeats itself, and, where it has more bits than
// most, which values it can have.
func (v *survey) search(ctx context.Context, rec *sampled) error {
	defer v.forget(rec)
	teller, ok := v.presets[0].Coder.(repeatTeller)
	frames := total(rec.own)
	if !ok || frames == 0 || rec.format().Kind != recording.Integer {
		return nil
	}
	length := min(searchedPlace, frames, stream.Reach(rec.format(), rec.frames))
	places := max(frames/searchedShare/length, 1)
	for i := range places {
		place := cutFrom(rec.own, (2*i+1)*frames/(2*places)-length/2, length)
		samples, err := rec.samples(v.engine.disk(), place)
		if err != nil {
			return err
		}
		share, err := teller.RepeatShare(ctx, samples)
		if err != nil {
			return err
		}
		rec.repeats += share / float64(places)
		if i == 0 {
			rec.lattice = v.latticeBits(rec.format(), samples)
		}
	}
	return nil
}

// forget lets go of the samples of a recording that was searched.
func (v *survey) forget(rec *sampled) {
	if rec.heard != nil {
		v.holding.Add(-rec.frames * int64(rec.format().Channels))
		rec.heard = nil
	}
}

// latticeBits tells how many bits a sample follow from the values that the first samples
// have, or 0 where that is not looked for.
func (v *survey) latticeBits(f recording.Format, samples [][]int32) float64 {
	teller, ok := v.presets[0].Coder.(latticeTeller)
	if !ok || f.ValidBits <= usualBits {
		return 0
	}
	first := make([][]int32, len(samples))
	for c, s := range samples {
		first[c] = s[:min(latticeFrames, len(s))]
	}
	return teller.LatticeBits(first)
}

// listened tells how far an estimate is.
func (rec *sampled) listened(r *report, w *window) {
	if n := len(rec.windows); n > 0 && w == rec.windows[n-1] {
		size := rec.item.info.Size()
		r.send(Progress{Phase: r.phase, Name: rec.item.name, Done: size, Added: size, Audio: rec.duration(rec.frames)})
	}
}

package job

import (
	"context"
	"math"
	"time"

	"trilobyte/app/pipeline"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// How samples are chosen. What is coded of a recording are windows, spread evenly
// over it. Many short ones tell of more than few long ones, but the coder has not
// learned much in them: see missing. Of short recordings only some are coded, and tell
// of the others. FLAC's size, which is quick, is measured in all recordings.
const (
	// One of so many frames is coded, or fewer where that would be more windows than
	// so many, but not fewer than one of so many.
	mostShare, enoughWindows, leastShare = 16, 600, 48
	// A window has so many frames, so few that nothing repeats within it, or the second
	// in recordings that are too short for one of these.
	usualWindow, shortWindow = 1 << 13, 1 << 12
	// Where there is less sound than this, speed matters less than truth: of each
	// recording so many frames are coded, as one window if it has not more than so many.
	little, littleCoded, littleWhole = 2 * time.Minute, 1 << 17, 1 << 16
	// Where there is less than this, copies counted, one of so many frames is coded, and in
	// folders with more than this speed matters in any case.
	some, someShare = 5 * time.Minute, 6
	// FLAC's size, which differs more from place to place, is measured in pieces beside
	// these: of one of so many frames, but in so many pieces at least, unless that is
	// more than one of so many frames.
	measuredShare, leastMeasured, mostMeasured = 20, 4, 4
	// Of one of so many windows, but of so many at least, the first frames are coded with
	// all presets, too: max takes long.
	othersShare, othersLeast = 24, 5
	comparedFrames           = shortWindow
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

// listen codes samples of all recordings.
func (v *survey) listen(ctx context.Context) error {
	v.plan()
	var all []*window
	for _, rec := range v.sampled {
		all = append(all, rec.windows...)
	}
	return each(ctx, v.engine, inTurn(all), func(ctx context.Context, w *window) error {
		return w.measure(ctx, v)
	}, func(w *window, err error) {
		if err != nil && w.rec.count > 0 {
			v.lose(w.rec, err)
		}
		if w.size > 0 {
			v.result.Listened += w.rec.duration(w.stretch.frames)
		}
		w.rec.listened(v.report, w)
	})
}

// lose reports a recording that cannot be read any more.
func (v *survey) lose(rec *sampled, err error) {
	v.report.failed(rec.item.path, err)
	v.result.Recordings -= rec.count
	v.result.Audio -= time.Duration(rec.count) * rec.duration(rec.frames)
	rec.count, rec.windows, rec.own = 0, nil, nil
}

// inTurn yields things.
func inTurn[T any](things []T) func(yield func(T) error) error {
	return func(yield func(T) error) error {
		for _, t := range things {
			if err := yield(t); err != nil {
				return err
			}
		}
		return nil
	}
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

// plan chooses the windows of all recordings.
func (v *survey) plan() {
	sound, frames, weight, samples := time.Duration(0), int64(0), 0.0, 0.0
	for _, rec := range v.sampled {
		own := total(rec.own)
		sound += rec.duration(own)
		frames += own
		weight += float64(own) * float64(rec.format().FrameBytes())
		samples += float64(own) * float64(rec.format().Channels)
	}
	p := planner{little: sound < little && v.result.Audio < some, perSample: weight / max(samples, 1)}
	p.share = float64(min(max(frames/usualWindow/enoughWindows, mostShare), leastShare))
	if !p.little && v.result.Audio < some {
		p.share = someShare
	}
	for _, rec := range v.sampled {
		if rec.count > 0 {
			p.windows(rec)
		}
	}
	others := max(min(othersShare, len(p.toCode)/othersLeast), 1)
	for i, w := range p.toCode {
		w.others = i%others == others/2
	}
}

// planner chooses windows, within its means: bytes that may still be coded.
type planner struct {
	little    bool
	share     float64 // one of so many bytes is coded, and about as many samples
	perSample float64 // bytes
	means     float64
	planned   int       // windows
	toCode    []*window // of these, those to be coded
}

// windows chooses the windows of a recording: the more, the more its samples weigh.
func (p *planner) windows(rec *sampled) {
	own, channels := total(rec.own), float64(rec.format().Channels)
	want := float64(own) / p.share * float64(rec.format().FrameBytes()) / channels / p.perSample
	length := min(usualWindow, own)
	if want < usualWindow {
		length = min(shortWindow, own)
	}
	if p.little {
		want = max(want, float64(min(own, littleCoded)))
		if own <= littleWhole {
			length = own
		}
	}
	rec.certain = want >= float64(length)
	p.means += want * channels
	code := own >= min(shortWindow, rec.frames) && (p.little || rec.certain || p.means >= float64(length)*channels/2)
	if code {
		count := min(max(int64(want/float64(length)+0.5), 1), own/length)
		p.means -= float64(count*length) * channels
		p.add(rec, rec.own, count, length, true)
	}
	if !code || !rec.flac && rec.flacCan() {
		length = min(flac.BlockSize, rec.frames)
		count := max(rec.frames/measuredShare/length, leastMeasured)
		p.add(rec, rec.pieces, max(min(count, rec.frames/mostMeasured/length), 1), length, false)
	}
}

// add adds windows that are spread evenly over stretches of a recording.
func (p *planner) add(rec *sampled, from []stretch, count, length int64, code bool) {
	frames := total(from)
	first := p.scattered(frames/count - length)
	for i := range count {
		w := &window{rec: rec, stretch: rec.wholeFrames(cutFrom(from, i*frames/count+first, length)), code: code}
		if code {
			p.toCode = append(p.toCode, w)
		}
		rec.windows = append(rec.windows, w)
	}
}

// scattered returns a number from 0 to most. One after the other they are spread
// evenly, so that the windows of many short recordings lie everywhere in them:
// multiples of the golden section, without what is before the point.
func (p *planner) scattered(most int64) int64 {
	const golden = 0.6180339887498949
	p.planned++
	_, part := math.Modf(float64(p.planned) * golden)
	return int64(part * float64(max(most, 0)))
}

// cutFrom cuts so many frames from stretches, beginning at a frame of all of them,
// or as many as there are in that stretch.
func cutFrom(stretches []stretch, first, length int64) stretch {
	for _, s := range stretches {
		if first < s.frames {
			s.first += max(min(first, s.frames-length), 0)
			s.frames = min(length, s.frames)
			return s
		}
		first -= s.frames
	}
	return stretch{}
}

// listened tells how far an estimate is.
func (rec *sampled) listened(r *report, w *window) {
	if n := len(rec.windows); n > 0 && w == rec.windows[n-1] {
		size := rec.item.info.Size()
		r.send(Progress{Phase: r.phase, Name: rec.item.name, Done: size, Added: size, Audio: rec.duration(rec.frames)})
	}
}

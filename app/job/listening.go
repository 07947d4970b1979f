package job

import (
	"cmp"
	"context"
	"slices"
	"time"

	"trilobyte/app/pipeline"
	"trilobyte/codec/stream"
)

// How samples are chosen. What is coded of a recording are windows, spread evenly
// over it. They are long enough that the coder has learned most of what it will
// learn: see adaptation. Where that would be too much of a short recording, they are
// shorter, and where that is still too much, only some of many such recordings are
// coded. FLAC's size, which is quick, is measured in all of them.
const (
	// One of so many frames is coded.
	codedShare = 24
	// A window has so many frames, or fewer, but not less than the second.
	usualWindow, leastWindow = 1 << 16, 1 << 14
	// Where there is less sound than this, speed matters less than truth: of each
	// recording two windows are coded, and the beginnings of all that repeat.
	little = 2 * time.Minute
	// One of so many windows is coded with the other presets, too, but so many at
	// least.
	othersShare, othersLeast = 16, 2
)

// Recordings that repeat themselves are another matter: a window knows nothing of
// what it repeats. So the first half of such a recording is coded, and its first
// quarter, too: what the second quarter takes tells what the second half will. If all
// were too many, it is done of those for which it may matter most; the others are taken
// to gain as much, or rather less. The quickest preset does that, which gains about as
// much by repeats as any.
const (
	// repeatsFrom is how many bits a sample repeats must save, by a quick measure
	// that finds little of what there is.
	repeatsFrom = 0.1
	// repeatsWithin is how many frames that looks at: it takes a time that grows with
	// their square.
	repeatsWithin = 3 << 17
	// repeatsShare is like codedShare, and aloneShare where no preset is quicker than
	// the one that all is told of.
	repeatsShare, aloneShare = 6, 32
)

// listen codes samples of all recordings.
func (v *survey) listen(ctx context.Context) error {
	err := each(ctx, v.engine, v.sampled, func(ctx context.Context, rec *sampled) error {
		return v.findRepeats(ctx, rec)
	}, func(rec *sampled, err error) {
		if err != nil {
			v.lose(rec, err)
		}
	})
	if err != nil {
		return err
	}
	v.plan()
	var all []*window
	for _, rec := range v.sampled {
		all = append(all, rec.windows...)
	}
	return each(ctx, v.engine, all, func(ctx context.Context, w *window) error {
		return w.measure(ctx, v)
	}, func(w *window, err error) {
		if err != nil && w.rec.count > 0 {
			v.lose(w.rec, err)
		}
		if w.sizes != nil || w.quick > 0 {
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

// each calls do for all things, on all cores, and done with each in their order. The
// error is the context's.
func each[T any](ctx context.Context, e *Engine, things []T, do func(context.Context, T) error, done func(T, error)) error {
	type result struct {
		thing T
		err   error
	}
	produce := func(yield func(func(context.Context) result) error) error {
		for _, t := range things {
			err := yield(func(ctx context.Context) result {
				if err := e.Gate.Wait(ctx); err != nil {
					return result{t, err}
				}
				return result{t, do(ctx, t)}
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
	return pipeline.Ordered(ctx, e.workers(), produce, func(r result) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		done(r.thing, r.err)
		return nil
	})
}

// findRepeats finds out whether a recording repeats itself.
func (v *survey) findRepeats(ctx context.Context, rec *sampled) error {
	meter, ok := v.presets[0].Coder.(stream.RepeatMeter)
	longest := longestOf(rec.own)
	if !ok || longest.frames == 0 || longest.span.Format.Width > 4 {
		return nil
	}
	longest.frames = min(longest.frames, repeatsWithin, int64(stream.MaxSegmentSamples/rec.format().Channels))
	file, err := rec.open(v.engine.disk())
	if err != nil {
		return err
	}
	defer file.Close() // was only read from
	raw, err := rec.read(file, longest)
	if err != nil {
		return err
	}
	gains, err := meter.MeasureRepeats(ctx, longest.span.Format.Samples(raw), []int{int(longest.frames)})
	if err != nil {
		return err
	}
	rec.gain, rec.repeats = gains[0], gains[0] >= repeatsFrom
	return nil
}

// mayGain is how many bits repeats may save.
func (rec *sampled) mayGain() float64 {
	return rec.gain * float64(total(rec.own)*int64(rec.format().Channels))
}

func longestOf(stretches []stretch) (longest stretch) {
	for _, s := range stretches {
		if s.frames > longest.frames {
			longest = s
		}
	}
	return longest
}

// plan chooses the windows of all recordings.
func (v *survey) plan() {
	sound, samples := time.Duration(0), int64(0)
	var repeating []*sampled
	for _, rec := range v.sampled {
		own := total(rec.own)
		sound += rec.duration(own)
		samples += own * int64(rec.format().Channels)
		if rec.repeats && rec.count > 0 {
			repeating = append(repeating, rec)
		}
	}
	p := planner{little: sound < little, repeats: samples / aloneShare}
	if v.quick.ID() != v.presets[0].Coder.ID() {
		p.repeats = samples / repeatsShare
	}
	slices.SortStableFunc(repeating, func(a, b *sampled) int { return cmp.Compare(b.mayGain(), a.mayGain()) })
	for _, rec := range repeating {
		p.beginnings(rec)
	}
	for _, rec := range v.sampled {
		if rec.count > 0 {
			p.windows(rec)
		}
	}
}

// planner chooses windows, within its means: samples that may still be coded.
type planner struct {
	little         bool
	means, repeats int64
	coded          int // windows
}

// windows chooses the windows of a recording.
func (p *planner) windows(rec *sampled) {
	channels := int64(rec.format().Channels)
	from, code := rec.own, true
	if total(from) < min(leastWindow, rec.frames) { // FLAC has to be measured, though
		from, code = rec.pieces, false
	}
	frames := total(from)
	want := frames / codedShare
	p.means += want * channels
	if p.little {
		want = max(want, min(frames, 2*usualWindow))
	}
	length := int64(usualWindow)
	for length > leastWindow && length > want {
		length /= 2
	}
	length = min(length, frames)
	count := max((want+length/2)/length, 1)
	if code && (p.little || p.means >= length*channels/2) {
		p.means -= count * length * channels
	} else {
		code = false
	}
	for i := range count {
		w := &window{rec: rec, stretch: cutFrom(from, (2*i+1)*frames/(2*count)-length/2, length), code: code}
		if code {
			w.others = p.coded%othersShare == 0 || p.coded < othersLeast
			p.coded++
		}
		rec.windows = append(rec.windows, w)
	}
}

// beginnings has the beginnings coded of a recording that repeats itself, if there are the
// means.
func (p *planner) beginnings(rec *sampled) {
	s, channels := longestOf(rec.own), int64(rec.format().Channels)
	frames := min(s.frames, stream.MaxSegmentSamples/2/channels)
	if frames < 4*leastWindow {
		return
	}
	if cost := (frames/2 + frames/4) * channels; p.little || p.repeats >= cost/2 {
		p.repeats -= cost
		rec.begun = true
		for _, part := range []int64{4, 2} {
			s.frames = frames / part
			rec.windows = append(rec.windows, &window{rec: rec, stretch: s, beginning: true})
		}
	}
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

package job

import (
	"cmp"
	"math"
	"slices"
	"time"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// learning is how fast the coder learns, for each kind of recordings: it begins each
// window knowing nothing, and so does each segment, which is longer. What that costs
// falls with a power of the length, so that the bytes of windows, and of their
// beginnings, tell of segments.
//
// It is by what share of its own size a window would be larger, with FLAC's size as the
// measure, if it took as much throughout as its beginning does.
type learning map[recording.Format]float64

const (
	// learningPower is that power, and usualLearning what learning mostly is, of the
	// recordings that the models are trained on: of 21 of them, chosen at random, windows
	// of 4096 frames took 1.7 % more than windows of 16384, and these 0.9 % more than
	// all, but for three that repeat themselves or have gaps between their values.
	learningPower, usualLearning = 0.75, 0.02
	// trusted is how many windows of a kind count as much as what is learned of others.
	trusted = 4
)

// begun is what windows took, and their beginnings.
type begun struct{ count, size, flac, beginSize, beginFLAC float64 }

// learning is that of the windows, together with what others say.
func (b *begun) learning(others float64) float64 {
	if b.size == 0 || b.beginSize == 0 {
		return others
	}
	own := b.beginSize/b.beginFLAC/(b.size/b.flac) - 1
	return (b.count*own + trusted*others) / (b.count + trusted)
}

// learns finds out how fast the coder learns.
func (v *survey) learns() learning {
	all, kinds := &begun{}, map[recording.Format]*begun{}
	for _, rec := range v.sampled {
		kind := kinds[kindOf(rec)]
		if kind == nil {
			kind = &begun{}
			kinds[kindOf(rec)] = kind
		}
		for _, w := range rec.windows {
			if w.beginFLAC == 0 {
				continue
			}
			for _, b := range []*begun{all, kind} {
				b.count++
				b.size += float64(w.sizes[0])
				b.flac += float64(w.flac)
				b.beginSize += float64(w.beginSize)
				b.beginFLAC += float64(w.beginFLAC)
			}
		}
	}
	l, usual := learning{}, all.learning(usualLearning)
	for kind, b := range kinds {
		l[kind] = b.learning(usual)
	}
	return l
}

// left is what to multiply the bytes with that a coder needs for a window, to tell what
// it would need for as many frames within a segment of so many.
func (l learning) left(w *window, segment int64) float64 {
	if w.stretch.frames >= segment {
		return 1
	}
	share := 1 - math.Pow(float64(w.stretch.frames)/float64(segment), learningPower)
	return max(1-l[kindOf(w.rec)]*share/(math.Pow(beginningShare, learningPower)-1), 0.1)
}

// listened is what windows of a recording, or of many, have told.
type listened struct {
	frames, bytes, flac float64 // of windows that were coded
	raw                 float64 // bytes in the file
}

// add adds a window.
func (l *listened) add(w *window, bytes float64) {
	l.frames += float64(w.stretch.frames)
	l.bytes += bytes
	l.flac += float64(w.flac)
	l.raw += float64(w.stretch.frames * int64(w.stretch.span.Format.FrameBytes()))
}

// join adds what other windows have told.
func (l *listened) join(other listened) {
	l.frames += other.frames
	l.bytes += other.bytes
	l.flac += other.flac
	l.raw += other.raw
}

// ratio is what a byte becomes that FLAC needs, or if FLAC cannot hold it, one of the
// audio.
func (l listened) ratio() float64 {
	switch {
	case l.flac > 0:
		return l.bytes / l.flac
	case l.raw > 0:
		return l.bytes / l.raw
	}
	return 1
}

// listenedTo returns what has been heard of a recording in windows that were coded, as
// it would be within its segments, but for what repeats, and FLAC's bytes a frame in all.
func (rec *sampled) listenedTo(l learning) (windows listened, flacFrame float64) {
	own := total(rec.own)
	segment := min(own, int64(stream.SegmentFrames(rec.format(), max(own, 1))))
	frames, flacBytes := 0.0, 0.0
	for _, w := range rec.windows {
		frames += float64(w.stretch.frames)
		flacBytes += float64(w.flac)
		if w.sizes != nil {
			windows.add(w, float64(w.sizes[0])*l.left(w, segment))
		}
	}
	return windows, flacBytes / max(frames, 1)
}

// leftByRepeats is what is left of the bytes of a recording by what repeats in it, of
// which a search tells the share that it saves. Where that is little, most of it is only
// alike, and the predictors know a part of it without: of the recordings that the models
// are trained on, those of 9 and 15 % saved about a half and three quarters of that, and
// five of more than 30 % all, on average (0.88 to 1.48 of it).
func (rec *sampled) leftByRepeats() float64 {
	const little, more = 0.35, 2.2
	return 1 - rec.repeats*min(little+more*rec.repeats, 1)
}

// kindOf is what recordings have in common that are taken to be alike.
func kindOf(rec *sampled) recording.Format { return rec.format().PCM() }

// total tells the whole from the samples.
func (v *survey) total() {
	byKind, everything := map[recording.Format]*listened{}, &listened{}
	learning := v.learns()
	for _, rec := range v.sampled {
		windows, _ := rec.listenedTo(learning)
		kind := byKind[kindOf(rec)]
		if kind == nil {
			kind = &listened{}
			byKind[kindOf(rec)] = kind
		}
		kind.join(windows)
		everything.join(windows)
	}
	held, rest := 0.0, float64(v.overhead)
	for _, rec := range v.sampled {
		if rec.count == 0 {
			continue
		}
		alike := everything
		if kind := byKind[kindOf(rec)]; kind.frames > 0 {
			alike = kind
		}
		bytes, flacBytes := rec.size(*alike, learning, v.strength)
		if flacBytes > 0 {
			held += bytes
			v.result.Held += int64(rec.count) * rec.item.info.Size()
			v.result.FLAC += int64(float64(rec.count) * flacBytes)
		} else {
			rest += bytes
		}
	}
	v.presetTotals(held, rest)
}

// size is about what a recording takes with the first preset, and with FLAC, or 0 if
// that cannot hold it. strength is how many bytes FLAC files have for each that measuring
// makes of them.
func (rec *sampled) size(alike listened, l learning, strength float64) (bytes, flacBytes float64) {
	const header = 48 // of a stream
	windows, flacFrame := rec.listenedTo(l)
	own, frames := float64(total(rec.own)), float64(rec.frames)
	switch {
	case rec.flac:
		flacBytes = float64(rec.item.info.Size())
	case rec.flacCan():
		flacBytes = flac.HeaderSize + flacFrame*frames
	}
	switch {
	case own == 0:
	case rec.flac:
		if windows.frames == 0 {
			windows = alike
		}
		bytes = own / frames * float64(rec.bytes) / strength * windows.ratio()
	case windows.frames > 0:
		bytes = own * windows.bytes / windows.frames
	case flacFrame > 0:
		bytes = own * flacFrame * alike.ratio()
	default:
		bytes = own / frames * float64(rec.bytes) * alike.ratio()
	}
	bytes *= rec.leftByRepeats()
	most := float64(rec.bytes) // more is stored as it is, or as FLAC has it
	if flacBytes > 0 {
		most = min(most, flacBytes)
	}
	return min(bytes, most*own/frames) + float64(rec.kept) + header, flacBytes
}

// compared is what a preset has made of windows, and the first preset of the same.
type compared struct {
	windows         []comparison
	took, firstTook float64 // seconds
}

// comparison is of one window.
type comparison struct{ ratio, firstSize float64 }

// ratio is what a byte of the first preset becomes, in the middle of all bytes: among
// few windows there may be one of a rare kind.
func (c *compared) ratio() float64 {
	slices.SortFunc(c.windows, func(a, b comparison) int { return cmp.Compare(a.ratio, b.ratio) })
	all, below := 0.0, 0.0
	for _, w := range c.windows {
		all += w.firstSize
	}
	for _, w := range c.windows {
		if below += w.firstSize; below >= all/2 {
			return w.ratio
		}
	}
	return 1
}

// presetTotals puts together what each preset makes of all, of which the first one
// needs so many bytes for what FLAC can hold, and for the rest.
func (v *survey) presetTotals(held, rest float64) {
	with := make([]compared, len(v.presets))
	samples := 0.0
	for _, rec := range v.sampled {
		for _, w := range rec.windows {
			for i, size := range w.sizes {
				first := float64(w.sizes[0])
				with[i].windows = append(with[i].windows, comparison{float64(size) / first, first})
				with[i].took += w.took[i].Seconds()
				with[i].firstTook += w.took[0].Seconds()
			}
			if w.sizes != nil {
				samples += float64(w.stretch.frames) * float64(rec.format().Channels)
			}
		}
	}
	for i := range with {
		p, c := &v.result.Presets[i], &with[i]
		p.Held, p.Archive = int64(held), int64(held+rest)
		if len(c.windows) == 0 {
			continue // nothing was coded
		}
		p.Held = int64(held * c.ratio())
		p.Archive = p.Held + int64(rest)
		seconds := with[0].took / samples * v.work() * c.took / c.firstTook
		p.Time = time.Duration(seconds * float64(time.Second))
	}
}

// verifying is how much longer it takes to compress and verify than to compress.
const verifying = 2.1

// work is how many samples are to be coded, one core after the other.
func (v *survey) work() float64 {
	samples, segments := 0.0, 0.0
	for _, rec := range v.sampled {
		own := total(rec.own)
		samples += float64(own) * float64(rec.format().Channels)
		segments += math.Ceil(float64(own) / float64(stream.SegmentFrames(rec.format(), max(own, 1))))
	}
	return samples * verifying / max(min(float64(v.engine.workers()), segments), 1)
}

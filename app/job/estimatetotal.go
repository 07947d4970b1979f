package job

import (
	"math"
	"time"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// adaptation is the share of the bytes for which a coder that has heard so many
// frames needs more than one that has heard all: it learns as it goes. Measured on
// recordings of all kinds, each doubling of what it has heard saves about another
// 0.2 %, from 4096 frames on.
func adaptation(heard, all int64) float64 {
	const perDoubling = 0.002
	if heard >= all {
		return 1
	}
	return math.Exp2(perDoubling * math.Log2(float64(heard)/float64(all)))
}

// known is what windows of a recording, or of many, have told.
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

// of returns what has been heard of a recording in windows that were coded, or in
// whole segments, and FLAC's bytes a frame in all.
func (rec *sampled) listenedTo() (windows, segments listened, flacFrame float64) {
	own := total(rec.own)
	all := min(own, int64(stream.SegmentFrames(rec.format(), own)))
	frames, flacBytes := 0.0, 0.0
	for _, w := range rec.windows {
		frames += float64(w.stretch.frames)
		flacBytes += float64(w.flac)
		switch {
		case w.sizes == nil:
		case w.whole:
			segments.add(w, float64(w.sizes[0]))
		default:
			windows.add(w, float64(w.sizes[0])*adaptation(w.stretch.frames, all))
		}
	}
	return windows, segments, flacBytes / max(frames, 1)
}

// kindOf is what recordings have in common that are taken to be alike.
func kindOf(rec *sampled) recording.Format { return rec.format().PCM() }

// total tells the whole from the samples.
func (v *survey) total() {
	byKind, everything := map[recording.Format]*listened{}, &listened{}
	repeats := v.gainByRepeats()
	for _, rec := range v.sampled {
		windows, _, _ := rec.listenedTo()
		kind := byKind[kindOf(rec)]
		if kind == nil {
			kind = &listened{}
			byKind[kindOf(rec)] = kind
		}
		for _, l := range []*listened{kind, everything} {
			l.frames, l.bytes, l.flac, l.raw = l.frames+windows.frames, l.bytes+windows.bytes, l.flac+windows.flac, l.raw+windows.raw
		}
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
		bytes, flacBytes := rec.size(*alike, repeats)
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
// that cannot hold it.
func (rec *sampled) size(alike listened, repeats float64) (bytes, flacBytes float64) {
	const header = 48 // of a stream
	windows, segments, flacFrame := rec.listenedTo()
	own, frames := float64(total(rec.own)), float64(rec.frames)
	switch {
	case rec.flac:
		flacBytes = float64(rec.item.info.Size())
	case rec.flacCan():
		flacBytes = flac.HeaderSize + flacFrame*frames
	}
	switch {
	case own == 0:
	case segments.frames > 0:
		bytes = own * segments.bytes / segments.frames
	case windows.frames > 0:
		bytes = own * windows.bytes / windows.frames
	case flacFrame > 0:
		bytes = own * flacFrame * alike.ratio()
	default:
		bytes = own / frames * float64(rec.bytes) * alike.ratio()
	}
	if rec.repeats && segments.frames == 0 {
		least := rec.gain * own * float64(rec.format().Channels) / 8
		bytes = max(min(bytes*repeats, bytes-least), 0)
	}
	most := own / frames * float64(rec.bytes) // more is stored as it is
	return min(bytes, most) + float64(rec.kept) + header, flacBytes
}

// gainByRepeats is the share of the bytes that recordings need that repeat themselves,
// of what their windows tell, where no whole segment was coded. It is the mean of
// those of which both was, with one that gains nothing among them: few tell little of
// others.
func (v *survey) gainByRepeats() float64 {
	sum, n := 0.0, 1
	for _, rec := range v.sampled {
		if windows, segments, _ := rec.listenedTo(); windows.bytes > 0 && segments.bytes > 0 {
			sum += math.Log(min(segments.ratio()/windows.ratio(), 1))
			n++
		}
	}
	return math.Exp(sum / float64(n))
}

// presetTotals puts together what each preset makes of all, of which the first one
// needs so many bytes for what FLAC can hold, and for the rest.
func (v *survey) presetTotals(held, rest float64) {
	first := make([]float64, len(v.presets)) // bytes, where there are also those of the others
	sizes := make([]float64, len(v.presets))
	took := make([]time.Duration, len(v.presets))
	samples := make([]float64, len(v.presets))
	for _, rec := range v.sampled {
		for _, w := range rec.windows {
			for i, size := range w.sizes {
				first[i] += float64(w.sizes[0])
				sizes[i] += float64(size)
				took[i] += w.took[i]
				samples[i] += float64(w.stretch.frames) * float64(rec.format().Channels)
			}
		}
	}
	for i := range v.presets {
		p := &v.result.Presets[i]
		ratio := 1.0
		if first[i] > 0 {
			ratio = sizes[i] / first[i]
		}
		p.Held = int64(held * ratio)
		p.Archive = p.Held + int64(rest)
		if samples[i] > 0 {
			p.Time = time.Duration(float64(took[i]) / samples[i] * v.work())
		}
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

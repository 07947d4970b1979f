package job

import (
	"math"
	"time"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// adaptation is what to multiply the bytes with that a coder needs for so many frames,
// to tell what it would need for as many within all: it learns as it goes. Each
// doubling of what it has heard saves about another 0.2 %. That was measured with the
// default preset on the public benchmark and weighted by size: windows of 4096, 16384,
// 65536 and 131072 frames take 1.9, 1.0, 0.7 and 0.7 % more than all of up to 700,000.
// Single windows are off by 3 to 7 %, in both directions, so that many are needed.
func adaptation(heard, all int64) float64 {
	const perDoubling = 0.002
	if heard >= all {
		return 1
	}
	return math.Exp2(perDoubling * math.Log2(float64(heard)/float64(all)))
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

// less is what is told by the rest of a window, of which other is the beginning.
func (l listened) less(other listened) listened {
	return listened{l.frames - other.frames, l.bytes - other.bytes, l.flac - other.flac, l.raw - other.raw}
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

// listenedTo returns what has been heard of a recording in windows that were coded, what
// repeats leave of the bytes, or 1 if that is not known, and FLAC's bytes a frame in all.
func (rec *sampled) listenedTo() (windows listened, left, flacFrame float64) {
	var quick listened // with the quickest preset
	var beginnings []listened
	own := total(rec.own)
	all := min(own, int64(stream.SegmentFrames(rec.format(), own)))
	frames, flacBytes := 0.0, 0.0
	for _, w := range rec.windows {
		if w.beginning {
			var l listened
			l.add(w, float64(w.quick))
			beginnings = append(beginnings, l)
			continue
		}
		frames += float64(w.stretch.frames)
		flacBytes += float64(w.flac)
		adapted := adaptation(w.stretch.frames, all)
		if w.quick > 0 {
			quick.add(w, float64(w.quick)*adapted)
		}
		if w.sizes != nil {
			windows.add(w, float64(w.sizes[0])*adapted)
		}
	}
	left = 1
	if len(beginnings) == 2 && quick.bytes > 0 {
		quarter, half := beginnings[0], beginnings[1]
		left = min(max((half.ratio()+half.less(quarter).ratio())/2/quick.ratio(), 0.01), 1)
	}
	return windows, left, flacBytes / max(frames, 1)
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
	windows, left, flacFrame := rec.listenedTo()
	own, frames := float64(total(rec.own)), float64(rec.frames)
	switch {
	case rec.flac:
		flacBytes = float64(rec.item.info.Size())
	case rec.flacCan():
		flacBytes = flac.HeaderSize + flacFrame*frames
	}
	switch {
	case own == 0:
	case windows.frames > 0:
		bytes = own * windows.bytes / windows.frames
	case flacFrame > 0:
		bytes = own * flacFrame * alike.ratio()
	default:
		bytes = own / frames * float64(rec.bytes) * alike.ratio()
	}
	switch {
	case rec.begun:
		bytes *= left
	case rec.repeats:
		least := rec.gain * own * float64(rec.format().Channels) / 8
		bytes = max(min(bytes*math.Exp(repeats*rec.gain), bytes-least), 0)
	}
	most := own / frames * float64(rec.bytes) // more is stored as it is
	return min(bytes, most) + float64(rec.kept) + header, flacBytes
}

// gainByRepeats is what recordings that repeat themselves gain by it of which no
// beginning was coded: the mean logarithm of what is left of the bytes, for each bit that
// a sample gains by the quick measure, of those of which one was. Some that gain nothing
// are among them: few tell little of others.
func (v *survey) gainByRepeats() float64 {
	const nothing = 1
	sum, gain, n := 0.0, 0.0, 0.0
	for _, rec := range v.sampled {
		if _, left, _ := rec.listenedTo(); rec.begun {
			sum += math.Log(left)
			gain += rec.gain
			n++
		}
	}
	if n == 0 {
		return 0
	}
	return sum / (n + nothing) / (gain / n)
}

// compared is what a preset has made of windows, and the first preset of the same.
type compared struct{ size, firstSize, took, firstTook float64 }

// presetTotals puts together what each preset makes of all, of which the first one
// needs so many bytes for what FLAC can hold, and for the rest.
func (v *survey) presetTotals(held, rest float64) {
	with := make([]compared, len(v.presets))
	samples := 0.0
	for _, rec := range v.sampled {
		for _, w := range rec.windows {
			for i, size := range w.sizes {
				with[i].size += float64(size)
				with[i].firstSize += float64(w.sizes[0])
				with[i].took += w.took[i].Seconds()
				with[i].firstTook += w.took[0].Seconds()
			}
			if w.sizes != nil {
				samples += float64(w.stretch.frames) * float64(rec.format().Channels)
			}
		}
	}
	for i, c := range with {
		p := &v.result.Presets[i]
		p.Held, p.Archive = int64(held), int64(held+rest)
		if c.firstSize == 0 {
			continue // nothing was coded
		}
		p.Held = int64(held * c.size / c.firstSize)
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

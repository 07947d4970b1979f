package job

import (
	"cmp"
	"math"
	"time"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// The coder begins each window knowing nothing, and so does each segment, which is
// longer. What it saves is counted as the logarithm of by how much less than FLAC it
// needs. Of what it would save of an endless recording, a share is missing that falls
// with a power of the length: learning is this share for windows of so many frames.
//
// They were fitted to 125 recordings that hardly repeat themselves, most of them of what
// the models are trained on. Windows of 2048, 4096 and 8192 frames saved 56, 70 and 81 %
// of what the whole did: of 78 of 16 bits 58, 72 and 83, of 28 of 24 bits 43, 57 and 70,
// of 16 of at most 32 kHz 83, 100 and 100. That cannot be told as well from the windows
// of one folder.
const (
	learningWindow, learningPower = 1 << 13, 0.6

	// It is so many times as large for a network without a memory, which leaves more to be
	// learned: of fast, in 43 folders, the error was 1.8 points with 1, 1.1 with this.
	withoutMemory = 1.9

	usualLearning = 0.19 // of 16 bits
	fineLearning  = 0.28 // of more
	roughLearning = 0.09 // of 8
	slowLearning  = 0.05 // of sample rates up to slowRate
	slowRate      = 32000
	usualBits     = 16
	roughBits     = 8
)

// learning is how much a coder has to learn: withoutMemory, or 1.
type learning float64

func learningOf(c stream.SegmentCoder) learning {
	if remembers(c) {
		return 1
	}
	return withoutMemory
}

// memoryTeller is a coder that tells whether its network has a memory.
type memoryTeller interface{ Remembers() bool }

// remembers reports whether a coder's network has a memory.
func remembers(c stream.SegmentCoder) bool {
	teller, ok := c.(memoryTeller)
	return !ok || teller.Remembers()
}

// missing is the share of what the coder would save of an endless recording of a format
// that it does not save of so many frames.
func (l learning) missing(f recording.Format, frames float64) float64 {
	share := usualLearning
	switch {
	case f.SampleRate <= slowRate:
		share = slowLearning
	case f.ValidBits > usualBits:
		share = fineLearning
	case f.ValidBits <= roughBits:
		share = roughLearning
	}
	return min(float64(l)*share*math.Pow(learningWindow/frames, learningPower), 0.5)
}

// learned is what a byte becomes that FLAC needs, in segments of so many frames, if it
// becomes so much in windows of so many.
func (l learning) learned(f recording.Format, ratio, window, segment float64) float64 {
	if ratio >= 1 || ratio <= 0 {
		return ratio
	}
	return math.Pow(ratio, (1-l.missing(f, segment))/(1-l.missing(f, window)))
}

// learnedOf is learned for a recording of which FLAC needs so many bytes a sample. What the coder saves by knowing
// the values that occur, it saves from the first frame on: that is not learned.
func (rec *sampled) learnedOf(l learning, ratio, window, segment, flacSample float64) float64 {
	const least = 0.1
	f := rec.format()
	known := max(1-rec.lattice/8/flacSample, least)
	f.ValidBits -= int(rec.lattice + 0.5)
	return known * l.learned(f, ratio/known, window, segment)
}

// listened is what windows of a recording, or of many, have told.
type listened struct {
	count, frames, bytes, flac float64 // of windows that were coded
	raw                        float64 // bytes in the file
	root                       float64 // sum of the roots of FLAC's bytes times samples
}

// add adds a window.
func (l *listened) add(w *window) {
	frames, flac := float64(w.stretch.frames), float64(w.flac)
	f := w.stretch.span.Format
	l.join(listened{
		1, frames, float64(w.size), flac, frames * float64(f.FrameBytes()),
		math.Sqrt(flac * frames * float64(f.Channels)),
	}, 1)
}

// join adds what other windows have told, with a weight.
func (l *listened) join(other listened, weight float64) {
	l.count += weight * other.count
	l.frames += weight * other.frames
	l.bytes += weight * other.bytes
	l.flac += weight * other.flac
	l.raw += weight * other.raw
	l.root += weight * other.root
}

// length is how many frames a window has.
func (l listened) length() float64 { return l.frames / max(l.count, 1) }

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

// ratioOf is what a byte becomes that FLAC needs of another recording, or of all of the
// same, of which it needs so many for a sample. What needs more saves a smaller share, but
// more bytes: the root is between. For 43 folders the error was 7 to 10 % smaller than with
// the ratio that was heard, but for two recordings, of which windows tell little either way.
func (l listened) ratioOf(flacSample float64) float64 {
	if l.flac == 0 || flacSample == 0 {
		return l.ratio()
	}
	const least = 0.1
	return max(1-(l.flac-l.bytes)/l.root/math.Sqrt(flacSample), least)
}

// listenedTo returns what has been heard of a recording in windows that were coded, and
// FLAC's bytes a frame in all.
func (rec *sampled) listenedTo() (windows listened, flacFrame float64) {
	frames, flacBytes := 0.0, 0.0
	for _, w := range rec.windows {
		frames += float64(w.stretch.frames)
		flacBytes += float64(w.flac)
		if w.size > 0 {
			windows.add(w)
		}
	}
	return windows, flacBytes / max(frames, 1)
}

// leftByRepeats is what is left of the bytes of a recording by what repeats in it, of
// which a search tells the share that it saves. Where that is little, most of it is only
// alike, and the predictors know a part of it without: of 33 recordings, most of them of
// what the models are trained on, those of 5 to 8, 8 to 12, 12 to 20 and more than 20 %
// saved 0.4, 0.7, 0.6 and all of that. A window of a whole recording knows what repeats.
func (rec *sampled) leftByRepeats(window float64) float64 {
	const little, more = 0.42, 2.2
	if window >= float64(total(rec.own)) {
		return 1
	}
	return 1 - rec.repeats*min(little+more*rec.repeats, 1)
}

// kindOf is what recordings have in common that are taken to be alike.
func kindOf(rec *sampled) recording.Format { return rec.format().PCM() }

// total tells the whole from the samples.
func (v *survey) total() {
	pools, usual, l := v.pools(), strengthOf(v.sampled...), learningOf(v.presets[0].Coder)
	held, rest := 0.0, float64(v.overhead)
	for _, rec := range v.sampled {
		if rec.count == 0 {
			continue
		}
		bytes, flacBytes := rec.size(pools.alike(kindOf(rec)), usual, l)
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

// pools are what recordings have told of others of which nothing was coded: those of
// each kind that were chosen from among such, and all.
type pools struct {
	chosen     map[recording.Format]*listened
	everything listened
}

// pools puts together what recordings have told.
func (v *survey) pools() *pools {
	p := &pools{chosen: map[recording.Format]*listened{}}
	for _, rec := range v.sampled {
		windows, _ := rec.listenedTo()
		p.everything.join(windows, 1)
		if p.chosen[kindOf(rec)] == nil {
			p.chosen[kindOf(rec)] = &listened{}
		}
		if !rec.certain {
			p.chosen[kindOf(rec)].join(windows, 1)
		}
	}
	return p
}

// alike is what those tell that are most like a kind: its own, and, for as much as so
// many windows, all.
func (p *pools) alike(kind recording.Format) listened {
	const others = 5
	l := *p.chosen[kind]
	if l.count == 0 || l.flac > 0 {
		l.join(p.everything, min(others/max(p.everything.count, 1), 1))
	}
	return l
}

// strengthOf is how many bytes FLAC files have for each that measuring makes of the same
// windows: their sizes are known, and tell more than those of windows. It is 0 if there
// are none.
func strengthOf(recordings ...*sampled) float64 {
	packed, measured := 0.0, 0.0
	for _, rec := range recordings {
		for _, w := range rec.windows {
			if rec.flac {
				packed += float64(w.packed)
				measured += float64(w.flac)
			}
		}
	}
	return packed / max(measured, 1)
}

// size is about what a recording takes with the first preset, and with FLAC, or 0 if
// that cannot hold it. usual is the strength of FLAC files, l how much the preset has to learn.
func (rec *sampled) size(alike listened, usual float64, l learning) (bytes, flacBytes float64) {
	const header = 48 // of a stream
	windows, flacFrame := rec.listenedTo()
	own, frames := float64(total(rec.own)), float64(rec.frames)
	switch {
	case rec.flac:
		flacBytes = float64(rec.item.info.Size())
	case rec.flacCan():
		flacBytes = flac.HeaderSize + flacFrame*frames
	}
	if own > 0 {
		bytes = own / frames * float64(rec.bytes)
		switch {
		case rec.flac:
			bytes /= cmp.Or(strengthOf(rec), usual, 1)
		case flacFrame > 0:
			bytes = own * flacFrame
		}
		if windows.frames == 0 {
			windows = alike
		}
		flacSample := bytes / own / float64(rec.format().Channels)
		ratio := windows.ratioOf(flacSample)
		if windows.flac > 0 {
			segment := min(own, float64(stream.SegmentFrames(rec.format(), total(rec.own))))
			ratio = rec.learnedOf(l, ratio, windows.length(), segment, flacSample)
		}
		bytes *= ratio * rec.leftByRepeats(windows.length())
	}
	most := float64(rec.bytes) // more is stored as it is, or as FLAC has it
	if flacBytes > 0 {
		most = min(most, flacBytes)
	}
	return min(bytes, most*own/frames) + float64(rec.kept) + header, flacBytes
}

// comparison is what a preset and the first one have made of the same windows.
type comparison struct {
	size, firstSize float64
	took, firstTook time.Duration
}

// presetTotals puts together what each preset makes of all, of which the first one
// needs so many bytes for what FLAC can hold, and for the rest.
func (v *survey) presetTotals(held, rest float64) {
	with := make([]comparison, len(v.presets))
	samples, took := 0.0, 0.0
	for _, rec := range v.sampled {
		for _, w := range rec.windows {
			for i, c := range w.compared {
				if c.size > 0 {
					with[i].size += float64(c.size)
					with[i].firstSize += float64(w.size)
					with[i].took += c.took
					with[i].firstTook += w.took
				}
			}
			if w.size > 0 {
				samples += float64(w.stretch.frames) * float64(rec.format().Channels)
				took += w.took.Seconds()
			}
		}
	}
	for i := range with {
		p, c := &v.result.Presets[i], &with[i]
		p.Held, p.Archive = int64(held), int64(held+rest)
		if samples == 0 {
			continue // nothing was coded
		}
		seconds := took / samples * v.load()
		if c.size > 0 {
			p.Held = int64(held * c.size / c.firstSize)
			p.Archive = p.Held + int64(rest)
			seconds *= c.took.Seconds() / c.firstTook.Seconds()
		}
		p.Time = time.Duration(seconds * float64(time.Second))
	}
}

// verifying is how much longer it takes to compress and verify than to compress.
const verifying = 2.1

// load is how many samples are to be coded, one core after the other, or take as long: those of
// other recordings are decoded once more to be verified.
func (v *survey) load() float64 {
	samples, segments := 0.0, 0.0
	for _, rec := range v.sampled {
		own, others := float64(total(rec.own)), float64(rec.others)
		samples += (own*verifying + others*(verifying-1)) * float64(rec.format().Channels)
		segments += math.Ceil((own + others) / float64(stream.SegmentFrames(rec.format(), max(rec.frames, 1))))
	}
	return samples / max(min(float64(v.engine.workers()), segments), 1)
}

package job

import (
	"context"
	"io"
	"math"
	"time"

	"trilobyte/app/archive"
	"trilobyte/codec/flac"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
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
	// One of so many windows, but so many at least, are coded with the other presets, too:
	// with those that are quick, and with max, which takes long. (With fast in one of 24,
	// the error of what it saves in 43 folders was 1.9 points, in one of three 1.1.)
	quickShare, slowShare, leastCompared = 3, 24, 5
)

// planner chooses windows, within its means: bytes that may still be coded.
type planner struct {
	little    bool
	share     float64 // one of so many bytes is coded, and about as many samples
	perSample float64 // bytes
	means     float64
	planned   int // windows
	toCode    int // of these, those to be coded
	expected  int // of those, about how many there will be
}

// newPlanner makes the planner of so much sound.
func newPlanner(s amount) *planner {
	p := &planner{little: s.sound < little, perSample: s.bytes / max(s.samples, 1)}
	p.share = min(max(s.frames/usualWindow/enoughWindows, mostShare), leastShare)
	if !p.little && s.sound < some {
		p.share = someShare
	}
	p.expected = int(s.frames / p.share / usualWindow)
	return p
}

// amount is how much sound there is.
type amount struct {
	sound                  time.Duration
	frames, samples, bytes float64
}

// add adds what the header of a file tells.
func (a *amount) add(r io.ReaderAt, size int64) error {
	found, err := recording.Find(r, size)
	if err != nil {
		return err
	}
	count := func(rate uint32, frames int64, channels, bytes int) {
		a.sound += time.Duration(float64(frames) / float64(rate) * float64(time.Second))
		a.frames += float64(frames)
		a.samples += float64(frames) * float64(channels)
		a.bytes += float64(frames) * float64(bytes)
	}
	if found.Container == recording.FLAC {
		format, samples, err := recipe.ReadFormat(r, size)
		if err != nil {
			return err
		}
		count(format.SampleRate, samples, format.Channels, format.Channels*((format.Bits+7)/8))
		return nil
	}
	for _, s := range found.Spans {
		if s.Audio() {
			count(s.Format.SampleRate, s.Frames(), s.Format.Channels, s.Format.FrameBytes())
		}
	}
	return nil
}

// foresee finds out how much sound there is, by headers alone, so that windows can be chosen before all files are known. What cannot be
// read counts as none.
func (v *survey) foresee(ctx context.Context, items []item) (amount, error) {
	var a amount
	for _, it := range items {
		if it.kind != archive.KindFile {
			continue
		}
		if err := v.engine.Gate.Wait(ctx); err != nil {
			return a, err
		}
		file, err := v.engine.disk().Open(it.path)
		if err != nil {
			continue
		}
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			_ = a.add(file, info.Size()) // is told when the file is looked into
		}
		file.Close() // was only read from
	}
	return a, nil
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
			w.quick, w.slow = p.among(quickShare), p.among(slowShare)
			p.toCode++
		}
		rec.windows = append(rec.windows, w)
	}
}

// among reports whether the next window that is to be coded is among one of so many. The first one is.
func (p *planner) among(share int) bool {
	return p.toCode%max(min(share, p.expected/leastCompared), 1) == 0
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

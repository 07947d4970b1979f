package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// sampled is a recording of which samples are coded, to estimate what becomes of
// all of it.
type sampled struct {
	item   item         // as it was when it was opened
	count  int          // how often it is there, with its copies
	sound  stream.Sound // of a FLAC file
	flac   bool         // it is one
	pieces []stretch    // of its audio
	own    []stretch    // of these, what no other recording has
	others int64        // frames that other recordings have
	frames int64        // of all pieces
	bytes  int64        // of all pieces, in the file
	kept   int64        // bytes that the rest of the file takes in an archive

	heard   [][]int32 // all samples of a short FLAC file, until it is searched for repeats
	repeats float64   // about what share of its bytes repeats save, 0 to 1
	lattice float64   // bits a sample that follow from the values that occur
	certain bool      // it is long enough for some of it to be coded in any case
	windows []*window
}

// stretch is a part of the audio of a file.
type stretch struct {
	span          recording.Span
	first, frames int64 // within the span
}

// total is how many frames stretches have.
func total(stretches []stretch) (n int64) {
	for _, s := range stretches {
		n += s.frames
	}
	return n
}

// newSampled notes where the audio of a source is.
func newSampled(ctx context.Context, s *source) (*sampled, error) {
	rec := &sampled{item: s.item, flac: s.encoder != nil}
	rec.item.info = s.info
	for _, span := range s.found.Spans {
		if !span.Audio() {
			kept, err := deflatedSize(ctx, s.file, span.Offset, span.Size)
			if err != nil {
				return nil, err
			}
			rec.kept += kept
			continue
		}
		frames := span.Frames()
		if rec.flac {
			rec.sound, frames = s.encoder.Sound(), s.encoder.Header().Frames()
		}
		rec.pieces = append(rec.pieces, stretch{span, 0, frames})
		rec.bytes += span.Size
	}
	rec.frames = total(rec.pieces)
	if len(s.stretches) == 0 {
		rec.own = rec.pieces
		return rec, nil
	}
	at, span := int64(0), rec.pieces[0].span // there is one
	add := func(end int64) {
		if end > at {
			rec.own = append(rec.own, stretch{span, at, end - at})
		}
	}
	for _, other := range s.stretches {
		add(other.Start)
		at = other.Start + other.Frames
		if other.Source != stream.Itself {
			rec.others += other.Frames
		}
	}
	add(rec.frames)
	return rec, nil
}

// format is that of the first piece.
func (rec *sampled) format() recording.Format { return rec.pieces[0].span.Format }

// duration is how long so many frames last.
func (rec *sampled) duration(frames int64) time.Duration {
	return time.Duration(float64(frames) / float64(rec.format().SampleRate) * float64(time.Second))
}

// flacCan reports whether FLAC can hold the audio.
func (rec *sampled) flacCan() bool { return checkFLAC(rec.format(), rec.frames) == nil }

// open opens the file again, if it is still the same.
func (rec *sampled) open(d disk.FS) (disk.File, error) {
	file, err := d.Open(rec.item.path)
	if err != nil {
		return nil, err
	}
	if now, err := file.Stat(); err != nil || !unchanged(now, rec.item.info) {
		return nil, errors.Join(ErrChanged, file.Close())
	}
	return file, nil
}

// samples returns those of a stretch.
func (rec *sampled) samples(d disk.FS, s stretch) ([][]int32, error) {
	if rec.heard != nil {
		some := make([][]int32, len(rec.heard))
		for c, all := range rec.heard {
			some[c] = all[s.first:][:s.frames]
		}
		return some, nil
	}
	file, err := rec.open(d)
	if err != nil {
		return nil, err
	}
	defer file.Close() // was only read from
	raw, _, err := rec.read(file, s)
	if err != nil {
		return nil, err
	}
	return s.span.Format.Samples(raw), nil
}

// read returns a stretch of the audio, as a file would have it that has nothing else, and
// how many bytes this one has for it.
func (rec *sampled) read(r io.ReaderAt, s stretch) (raw []byte, packed int64, err error) {
	if rec.flac {
		samples, packed, err := rec.sound.Open(r).SamplesAlone(s.first, int(s.frames))
		if err != nil {
			return nil, 0, err
		}
		return s.span.Format.Bytes(samples), packed, nil
	}
	size := int64(s.span.Format.FrameBytes())
	raw = make([]byte, s.frames*size)
	if n, err := r.ReadAt(raw, s.span.Offset+s.first*size); n < len(raw) {
		return nil, 0, shorter(err)
	}
	return raw, int64(len(raw)), nil
}

// wholeFrames moves a stretch of a FLAC file to where a FLAC frame begins, and has it end where one ends: then
// it is known to the byte what the file has for it. Where FLAC frames are longer, it stays as it is.
func (rec *sampled) wholeFrames(s stretch) stretch {
	block := int64(rec.sound.Block())
	if block == 0 || block > s.frames {
		return s
	}
	s.first = (s.first + block/2) / block * block
	s.frames = min((s.frames+block/2)/block*block, rec.frames-s.first)
	return s
}

// window is a stretch of a recording that is measured.
type window struct {
	rec     *sampled
	stretch stretch
	code    bool // with the first preset; otherwise only FLAC's size is measured
	// Of the other presets, it is coded with those that are quick, and with the others.
	quick, slow bool

	size     int64         // with the first preset, or 0
	took     time.Duration // to code it
	compared []coded       // with each preset, or nil; of size 0 with those that it is not coded with
	flac     int64         // bytes of FLAC frames, or 0 if FLAC cannot hold it
	packed   int64         // bytes that the file has for it
}

// coded is what a preset makes of some audio.
type coded struct {
	size int64
	took time.Duration
}

// measure codes a window.
func (w *window) measure(ctx context.Context, v *survey) error {
	file, err := w.rec.open(v.engine.disk())
	if err != nil {
		return err
	}
	defer file.Close() // was only read from
	raw, packed, err := w.rec.read(file, w.stretch)
	if err != nil {
		return err
	}
	w.packed = packed
	format := w.stretch.span.Format
	if w.rec.flacCan() {
		if w.flac, err = flacSize(format, raw); err != nil {
			return err
		}
	}
	if !w.code {
		return nil
	}
	c, err := code(ctx, v.presets[0], format, raw)
	if err != nil {
		return err
	}
	w.size, w.took = c.size, c.took
	w.compared = make([]coded, len(v.presets))
	w.compared[0] = c
	for i, p := range v.presets[1:] {
		if quick := !remembers(p.Coder); quick && w.quick || !quick && w.slow {
			if w.compared[i+1], err = code(ctx, p, format, raw); err != nil {
				return err
			}
		}
	}
	return nil
}

// flacSize returns how many bytes of FLAC frames the audio takes in raw, which FLAC
// can hold.
func flacSize(f recording.Format, raw []byte) (int64, error) {
	pcm := f.PCM()
	return flac.Measure(pcm.Samples(f.ToPCM(raw)), pcm.ContainerBits(), f.SampleRate, 0)
}

// code codes the audio in raw.
func code(ctx context.Context, p PresetCoder, f recording.Format, raw []byte) (c coded, err error) {
	began := time.Now()
	spans := []recording.Span{{Size: int64(len(raw)), Format: f}}
	e, err := stream.NewEncoder(ctx, bytes.NewReader(raw), spans, p.Coder)
	if err != nil {
		return coded{}, err
	}
	for i := range e.Parts() {
		part, err := e.Part(ctx, i, nil)
		if err != nil {
			return coded{}, err
		}
		c.size += int64(len(part.Encoded))
	}
	c.took = time.Since(began)
	return c, nil
}

// deflatedSize is about what bytes of a file take that are kept: a few blocks are
// deflated.
func deflatedSize(ctx context.Context, r io.ReaderAt, offset, size int64) (int64, error) {
	const block, most = 64 << 10, 4
	count := min((size+block-1)/block, most)
	looked, deflated := int64(0), int64(0)
	for i := range count {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n := min(block, size)
		b := make([]byte, n)
		if n, err := r.ReadAt(b, offset+i*(size-n)/max(count-1, 1)); n < len(b) {
			return 0, shorter(err)
		}
		packed, err := archive.DeflatePart(nil, b, true)
		if err != nil {
			return 0, err
		}
		looked += n
		deflated += min(int64(len(packed)), n)
	}
	if looked == 0 {
		return 0, nil
	}
	return int64(float64(deflated) / float64(looked) * float64(size)), nil
}

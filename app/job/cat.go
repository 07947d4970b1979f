package job

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/pipeline"
	"trilobyte/codec/stream"
)

// CatOptions say what Cat is to write.
type CatOptions struct {
	Archive string // path of the archive
	Name    string // of the file in it
	// Format is the kind of file to make of a recording. FLACOrWAV stands for the
	// original, or, of a stretch, for FLAC if that is a FLAC file and WAV otherwise.
	Format ExportFormat
	// From and To limit the stretch to write, by the frames of the recording that
	// begin between them. To is the end if it is 0.
	From, To time.Duration
	// Early has the samples of the first segment written while it is decoded, for one
	// who listens: there is no need to hurry with the others. Whether they are right is
	// known only at the end of the segment, of which the last one that is wanted is
	// written when it is: what is wrong is followed by an error, and never complete.
	// Without Early, nothing is written that might be wrong.
	Early bool
}

// cut says whether not all is to be written.
func (o CatOptions) cut() bool { return o.From > 0 || o.To > 0 }

// Cat writes a file of an archive to w, from its beginning to its end: the
// original, or a FLAC or WAV file of a recording, or of a stretch of it. Only the
// segments are decoded that this needs, each to its end, where its checksum is. What
// is written agrees with the checksums of the archive, but for what CatOptions.Early
// says. If the error says that a part is damaged, all before it has been written. The
// WAV and FLAC files are those of Export, but that FLAC files do not
// say how large their frames are, nor those of a stretch the MD5 of the samples.
func (e *Engine) Cat(ctx context.Context, w io.Writer, o CatOptions) error {
	if o.From < 0 || o.To < 0 || o.To > 0 && o.To <= o.From {
		return fmt.Errorf("there is nothing from %s to %s", clock(o.From), clock(o.To))
	}
	a, err := archive.Open(e.disk(), o.Archive)
	if err != nil {
		return err
	}
	defer a.Close() // was only read from
	if err := e.cat(ctx, w, a, o); err != nil {
		return fmt.Errorf("%s: %w", o.Name, err)
	}
	return nil
}

func (e *Engine) cat(ctx context.Context, w io.Writer, a *archive.Archive, o CatOptions) error {
	entry, err := Entry(a, o.Name)
	if err != nil {
		return err
	}
	switch {
	case entry.Kind == archive.KindFolder:
		return errors.New("it is a folder; name a file in it")
	case entry.Kind == archive.KindLink:
		return fmt.Errorf("it is a link to %s; name that instead", entry.Target)
	case entry.Kind == archive.KindRecording:
		return e.catRecording(ctx, w, a, entry, o)
	case o.Format != FLACOrWAV || o.cut():
		return errors.New("it is not a recording that was compressed, so there is only all of it, as it was")
	}
	return catWhole(ctx, e.Gate, w, entry)
}

// catWhole writes a file that was kept whole.
func catWhole(ctx context.Context, gate *Gate, w io.Writer, e *archive.Entry) error {
	if err := e.Check(ctx); err != nil {
		return err
	}
	content, err := e.Content()
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	n, err := copyPausing(ctx, gate, io.MultiWriter(w, sum), content)
	if err == nil && (n != e.Size || sum.Sum32() != e.CRC32) {
		err = errors.New("its checksum (CRC-32) differs: it is damaged")
	}
	return err
}

// catRecording writes a recording.
func (e *Engine) catRecording(ctx context.Context, w io.Writer, a *archive.Archive, entry *archive.Entry, o CatOptions) error {
	d, err := e.Codec.Recordings(a).Open(entry)
	if err != nil {
		return err
	}
	if o.cut() && o.Format == FLACOrWAV {
		if o.Format = WAV; d.Header().FLAC() {
			o.Format = FLAC
		}
	}
	c := &catter{engine: e, entry: entry, decoder: d, early: o.Early}
	original := o.Format == FLACOrWAV || o.Format == FLAC && d.Header().FLAC() && !o.cut()
	if original {
		written := int64(0)
		return c.each(ctx, 0, d.Parts(), func(p stream.Part, _ bool) error {
			if p.Raw == nil { // FLAC frames are made when all samples are there
				return nil
			}
			n, err := w.Write(p.Raw[written-p.Place.Offset:])
			written += int64(n)
			return err
		})
	}
	return c.sound(ctx, w, o)
}

// catter writes one recording.
type catter struct {
	engine  *Engine
	entry   *archive.Entry
	decoder *stream.Decoder
	early   bool
}

// each calls write with the parts from first to before end, in their order. If the
// catter writes early, it calls it with the beginnings of the first segment, too, each
// longer than the one before. Only one goroutine at a time calls it.
func (c *catter) each(ctx context.Context, first, end int, write func(p stream.Part, whole bool) error) error {
	for c.early && first < end && !c.decoder.Place(first).Audio() { // so that it is the turn of the first segment
		p, err := c.decoder.Part(ctx, first, nil)
		if err != nil {
			return Lost(c.entry, c.decoder.Place(first), err)
		}
		if err := write(p, true); err != nil {
			return err
		}
		first++
	}
	type result struct {
		part  stream.Part
		place stream.Place
		begun bool // some of it is written
		err   error
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	decode := func(ctx context.Context, i int) (r result) {
		r.place = c.decoder.Place(i)
		if r.err = c.engine.Gate.Wait(ctx); r.err != nil {
			return r
		}
		var ready func(stream.Part)
		if c.early && i == first {
			ready = func(p stream.Part) {
				r.begun = true
				if err := write(p, false); err != nil {
					cancel(err)
				}
			}
		}
		r.part, r.err = c.decoder.PartGradually(ctx, i, c.engine.Gate.pausing(ctx, func(int) {}), ready)
		return r
	}
	produce := func(yield func(func(context.Context) result) error) error {
		for i := first; i < end; i++ {
			if err := yield(func(ctx context.Context) result { return decode(ctx, i) }); err != nil {
				return err
			}
		}
		return nil
	}
	err := pipeline.Ordered(ctx, c.engine.workers(), 2*c.engine.workers(), c.engine.Codec.Enter, produce, func(r result) error {
		switch {
		case r.err == nil:
			return write(r.part, true)
		case r.begun:
			return fmt.Errorf("%w; what was written of it may be wrong", Lost(c.entry, r.place, r.err))
		}
		return Lost(c.entry, r.place, r.err)
	})
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// sound writes a FLAC or WAV file of the recording, or of a stretch of it.
func (c *catter) sound(ctx context.Context, w io.Writer, o CatOptions) error {
	s, err := soundOf(ctx, c.decoder)
	if err != nil {
		return err
	}
	frameAt := func(t time.Duration) int64 { // the first one that begins then or later
		rate := int64(s.format.SampleRate)
		return int64(t/time.Second)*rate + (int64(t%time.Second)*rate+int64(time.Second)-1)/int64(time.Second)
	}
	first, end := frameAt(o.From), s.frames
	if o.To > 0 {
		end = min(end, frameAt(o.To))
	}
	switch {
	case o.cut() && first >= s.frames:
		return fmt.Errorf("no sample begins at %s or later: it ends at %s", clock(o.From), clock(c.entry.Duration()))
	case o.cut() && first >= end:
		return fmt.Errorf("no sample begins from %v to %v after its beginning: they are 1/%d of a second long", o.From, o.To, s.format.SampleRate)
	}
	var sum [16]byte
	if !o.cut() {
		hex.Decode(sum[:], []byte(c.entry.PCMMD5)) // zeros if it is not known
	}
	s.frames = end - first
	kind := exportKinds[o.Format]
	if err := kind.check(s.format, s.frames); err != nil {
		return err
	}
	encoder, err := kind.stream(w, s, sum)
	if err != nil {
		return err
	}
	from, until := c.parts(first, end)
	next := first
	err = c.each(ctx, from, until, func(p stream.Part, whole bool) error {
		b := min(end, p.Start+p.Frames)
		if !whole {
			b = min(b, end-1)
		}
		if !p.Audio() || b <= next {
			return nil
		}
		piece := p.Cut(next-p.Start, b-next)
		next = b
		return encoder.Write(piece.PCM())
	})
	if err != nil {
		return err
	}
	return encoder.Close()
}

// parts returns between which parts the frames are from first to before end.
func (c *catter) parts(first, end int64) (from, until int) {
	for i := range c.decoder.Parts() {
		p := c.decoder.Place(i)
		if !p.Audio() || p.Start+p.Frames <= first || p.Start >= end {
			continue
		}
		if until == 0 {
			from = i
		}
		until = i + 1
	}
	return from, until
}

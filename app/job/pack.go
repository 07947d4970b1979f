package job

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"

	"trilobyte/app/archive"
	"trilobyte/codec/flac"
)

// packer writes the parts of items, which come in order, to the archive.
type packer struct {
	writer *archive.Writer
	reader *reader
	report *report
	former *former // what is updated
	reread bool
	// instead of a file with the same content as others, which failed, one of these
	// has been archived on its own.
	instead  map[string]string
	contents map[string]holder // of files, by their SHA-256
	links    links             // symbolic links

	current packing // of the file whose parts come; nil between files and after failure
}

// holder is an entry that holds content.
type holder struct {
	name    string
	carried bool // as the archive that is updated had it
	gone    bool // no source has it
}

// packing is a file on its way into the archive.
type packing interface {
	add(part) error
	// finish returns how the file is compressed, and its description as far as
	// the archive does not know it.
	finish() (entry *archive.EntryWriter, method uint16, f archive.File, err error)
	abort()
	sum() [32]byte // SHA-256 of the original bytes so far
}

// consume takes the next part. Its error is what ends the job.
func (k *packer) consume(ctx context.Context, p part) error {
	if p.source == nil && p.take {
		return k.takeOver(ctx, p.item)
	}
	if p.source == nil {
		return k.single(ctx, p)
	}
	s := p.source
	if s.take && p.err == nil {
		if err := k.reader.release(s); err != nil {
			return k.fail(ctx, s, s.item, err)
		}
		it := s.item
		it.link = s.linked
		return k.takeOver(ctx, it)
	}
	if s.same != nil && p.err == nil {
		return k.copy(ctx, s)
	}
	last := p.index == s.parts-1
	err := k.add(p)
	if errors.Is(err, errSourceLost) {
		s.failed.Store(true) // its other parts are those of stretches that are nowhere
		k.abort()
		err = k.alone(ctx, s.item)
	}
	if err == nil && last && k.current != nil {
		err = k.finish(ctx, s)
	}
	if last {
		err = errors.Join(err, k.reader.release(s))
	}
	return k.fail(ctx, s, p.item, err)
}

// fail reports that a file has failed, unless the archive has, or the job was
// cancelled.
func (k *packer) fail(ctx context.Context, s *source, it item, err error) error {
	var write *archive.WriteError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &write):
		return err
	}
	k.abort()
	if s != nil {
		s.failed.Store(true)
	}
	if it.gone && !errors.Is(err, ErrDamagedBefore) {
		err = fmt.Errorf("%s cannot be taken over: %w", it.name, err)
	}
	if it.gone {
		return err
	}
	k.report.leftOut(it, err)
	return k.retake(ctx, it)
}

// abort forgets what has come of the file whose parts come.
func (k *packer) abort() {
	if k.current != nil {
		k.current.abort()
		k.current = nil
	}
}

// single archives a folder or a link.
func (k *packer) single(ctx context.Context, p part) error {
	if p.err != nil {
		return k.fail(ctx, nil, p.item, p.err)
	}
	(&fileProgress{report: k.report, name: p.item.name}).started()
	d := newDigest()
	f := archive.File{Target: archive.EscapeName(p.item.target)}
	entry, err := k.writer.Begin(p.item.name, p.item.kind, int64(len(p.item.target)))
	if err != nil {
		return k.fail(ctx, nil, p.item, err)
	}
	if _, err := entry.Write([]byte(p.item.target)); err != nil {
		return err
	}
	d.Write([]byte(p.item.target))
	d.fill(&f)
	p.item.describe(k.reader.disk, k.report.lacks, &f)
	if f, err = entry.Commit(zip.Store, f); err != nil {
		return err
	}
	if p.item.kind == archive.KindLink && k.links.first(p.item) != "" {
		k.report.lacks(LackHardLinks, f.Name, errors.New("symbolic links are kept one by one"))
	}
	if p.item.take {
		k.taken(p.item, f)
	} else {
		k.report.done(f)
	}
	return nil
}

// add adds a part of a regular file.
func (k *packer) add(p part) error {
	s := p.source
	if s.failed.Load() {
		return nil
	}
	if p.err != nil {
		return p.err
	}
	if p.index == 0 {
		var err error
		if k.current, err = k.begin(s); err != nil {
			k.current = nil
			return err
		}
	}
	return k.current.add(p)
}

func (k *packer) begin(s *source) (packing, error) {
	if s.encoder == nil {
		if err := k.writer.CheckName(s.item.name, archive.KindFile); err != nil {
			return nil, err
		}
		return &wholePacking{writer: k.writer, source: s, digest: newDigest()}, nil
	}
	entry, err := k.writer.Begin(s.item.name, archive.KindRecording, s.info.Size())
	if err != nil {
		return nil, err
	}
	begin, err := s.begin(k.writer)
	if err != nil {
		entry.Abort()
		return nil, err
	}
	return &recordingPacking{entry: entry, source: s, begin: begin, digest: newDigest()}, nil
}

// finish completes the entry of a file that has not changed meanwhile.
func (k *packer) finish(ctx context.Context, s *source) error {
	entry, method, f, err := k.current.finish()
	if err != nil {
		return err
	}
	sum := k.current.sum()
	if err := s.check(ctx, k.reader.disk, sum, k.reread); err != nil {
		return err
	}
	s.item.describe(k.reader.disk, k.report.lacks, &f)
	f.HardLink = k.linked(s.linked, f)
	f.Format, f.Note = s.found.Container, noteOf(s.item.name, s.found)
	if f, err = entry.Commit(method, f); err != nil {
		return err
	}
	s.progress.end()
	k.current = nil
	k.holds(holder{name: f.Name}, f)
	k.report.done(f)
	return nil
}

// linked returns the name of an entry that another one is a hard link to, if it has the
// same content, or "".
func (k *packer) linked(to string, f archive.File) string {
	if first, ok := k.writer.File(to); ok && first.SHA256 == f.SHA256 {
		return to
	}
	return ""
}

// recordingPacking packs a recording.
type recordingPacking struct {
	entry  *archive.EntryWriter
	source *source
	begin  []byte // of the stream
	digest *digest
	flac   int64
	audio  int64 // bytes
	coded  int64 // bytes that audio was compressed to
	noFLAC bool  // FLAC cannot hold it
}

func (w *recordingPacking) add(p part) error {
	if p.index == 0 {
		if _, err := w.entry.Write(w.begin); err != nil {
			return err
		}
	}
	if _, err := w.entry.Write(p.encoded); err != nil {
		return err
	}
	w.digest.writePart(p.raw, p.pcm)
	if p.pcm == nil {
		return nil
	}
	w.noFLAC = w.noFLAC || p.flac == 0
	w.flac += p.flac
	w.audio += int64(len(p.raw))
	w.coded += int64(len(p.encoded))
	m := Measured{Name: w.source.item.name, Original: w.audio, FLAC: w.flac, Compressed: w.coded}
	m.Stretch = Stretch{int64(len(p.raw)), p.flac, int64(len(p.encoded)), p.peaks}
	if w.noFLAC {
		m.FLAC = 0
	}
	w.source.progress.report.send(m)
	return nil
}

func (w *recordingPacking) finish() (*archive.EntryWriter, uint16, archive.File, error) {
	header := w.source.encoder.Header()
	format := header.Format()
	f := archive.File{
		Kind:       archive.KindRecording,
		Samples:    format.Kind.String(),
		SampleRate: format.SampleRate,
		Bits:       format.ValidBits,
		Channels:   format.Channels,
		Frames:     header.Frames(),
		RefersTo:   w.source.refersTo(),
	}
	switch {
	case header.FLAC():
		f.FLAC = header.Size()
	case !w.noFLAC:
		f.FLAC = flac.HeaderSize + w.flac
	}
	w.digest.fill(&f)
	return w.entry, archive.Method, f, nil
}

func (w *recordingPacking) abort() { w.entry.Abort() }

func (w *recordingPacking) sum() [32]byte { return w.digest.sum() }

// undecided is after how many blocks it is decided whether a file that is kept
// whole is deflated or stored. Files that have more are rare, and deflate makes
// the rest at most 0.1 % larger.
const undecided = 16

// wholePacking packs a file that is kept whole.
type wholePacking struct {
	writer  *archive.Writer
	source  *source
	digest  *digest
	pending []part               // until it is decided
	entry   *archive.EntryWriter // after that
	method  uint16
}

func (w *wholePacking) add(p part) error {
	w.digest.Write(p.raw)
	if w.entry != nil {
		return w.write(p)
	}
	w.pending = append(w.pending, p)
	if len(w.pending) < undecided && p.index < w.source.parts-1 {
		return nil
	}
	return w.decide()
}

// decide chooses the method that is the smaller one so far.
func (w *wholePacking) decide() error {
	raw, encoded := 0, 0
	for _, p := range w.pending {
		raw += len(p.raw)
		encoded += len(p.encoded)
	}
	w.method = zip.Store
	if encoded < raw {
		w.method = zip.Deflate
	}
	var err error
	if w.entry, err = w.writer.Begin(w.source.item.name, archive.KindFile, w.source.info.Size()); err != nil {
		return err
	}
	for _, p := range w.pending {
		if err := w.write(p); err != nil {
			return err
		}
	}
	w.pending = nil
	return nil
}

func (w *wholePacking) write(p part) error {
	b := p.raw
	if w.method == zip.Deflate {
		b = p.encoded
	}
	_, err := w.entry.Write(b)
	return err
}

func (w *wholePacking) finish() (*archive.EntryWriter, uint16, archive.File, error) {
	f := archive.File{Kind: archive.KindFile}
	w.digest.fill(&f)
	return w.entry, w.method, f, nil
}

func (w *wholePacking) abort() {
	if w.entry != nil {
		w.entry.Abort()
	}
}

func (w *wholePacking) sum() [32]byte { return w.digest.sum() }

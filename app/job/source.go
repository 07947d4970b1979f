package job

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/duplicate"
	"trilobyte/codec/flac/recipe"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

const (
	// blockSize is how much of a file that is kept whole is deflated in one
	// task; deflateWindow is how much before it the deflater may refer to.
	blockSize     = 1 << 20
	deflateWindow = 32 << 10
)

// source is a regular file that is being archived.
type source struct {
	item   item
	gate   *Gate
	file   disk.File
	info   fs.FileInfo     // as it was opened
	same   *sameness       // what it is a copy of, or nil; if it is one, there is no encoder
	linked string          // the name of the file before that it is on the disk, where same does not say so
	found  *recording.File // what is in it
	// stretches are those that recordings before it have, in the entries whose names
	// are sources, by their numbers.
	stretches []stream.Stretch
	sources   map[int64]string
	take      bool            // what the archive that is updated has of it is taken over
	encoder   *stream.Encoder // nil if the file is kept whole
	parts     int             // at least one
	failed    atomic.Bool     // its other parts are no longer needed
	progress  fileProgress
}

// part is a part of an item, ready to be written: the only one of a folder or
// link, a part of a recording, or a block of a file that is kept whole.
type part struct {
	item    item
	source  *source // nil for folders, links, files that cannot be opened, and what is taken over
	take    bool    // it is taken over
	index   int
	encoded []byte // compressed
	raw     []byte // original
	pcm     []byte // the audio in it, as recording.Format.PCM has it; nil if it is not audio
	flac    int64  // bytes that FLAC needs for it
	peaks   [stretchPeaks]float32
	err     error
}

// reader opens items and makes their parts.
type reader struct {
	disk    disk.FS
	gate    *Gate
	coder   stream.SegmentCoder
	workers int
	report  *report
	copies  *copies
	sounds  *sounds
	former  *former // what is updated
	// heard gets the samples of FLAC files in turn, if it is not nil. Then these files are
	// only looked into: their parts cannot be made.
	heard func(samples [][]int32)

	mu   sync.Mutex
	open map[*source]bool
}

// remember notes items that are in the archive already, as read does those that it
// reads. Those that cannot be read any more are left out.
func (r *reader) remember(ctx context.Context, items []item) error {
	r = &reader{disk: r.disk, gate: r.gate, coder: r.coder, workers: r.workers, report: &report{}, copies: r.copies, sounds: r.sounds}
	for _, it := range items {
		if it.kind != archive.KindFile {
			continue
		}
		s, err := r.begin(ctx, it, false)
		if err == nil {
			s.file.Close() // was only read from
		}
		if ctx.Err() != nil {
			return err
		}
	}
	return nil
}

// openSource opens a file and finds out what is in it, and, unless it is to stand
// alone, what it shares with those before it.
func (r *reader) openSource(ctx context.Context, it item, alone bool) (*source, error) {
	s, err := r.begin(ctx, it, alone)
	if err != nil {
		return nil, err
	}
	s.take = it.take && !alone && r.former.fits(s)
	if err := r.prepare(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

// prepare finds out how many parts a source has that begin has returned. It stays open
// until it is released, unless it fails.
func (r *reader) prepare(ctx context.Context, s *source) error {
	if s.take {
		s.parts = 1
	} else if err := s.prepare(ctx, r.coder); err != nil {
		return errors.Join(err, s.file.Close())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.open[s] = true
	return nil
}

// begin opens a file and looks into it.
func (r *reader) begin(ctx context.Context, it item, alone bool) (*source, error) {
	file, err := r.disk.Open(it.path)
	if err != nil {
		return nil, err
	}
	s := &source{item: it, gate: r.gate, file: file, linked: it.link}
	s.progress.report, s.progress.name = r.report, it.name
	if s.info, err = file.Stat(); err == nil {
		s.item.info = s.info
		s.progress.size = s.info.Size()
		err = r.look(ctx, s, alone)
	}
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return s, nil
}

// release closes a source that openSource has opened.
func (r *reader) release(s *source) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, s)
	return s.file.Close()
}

// close closes all sources that are still open, once no task runs any more.
func (r *reader) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for s := range r.open {
		s.file.Close() // was only read from
	}
}

// look finds out what is in a source, see openSource.
func (r *reader) look(ctx context.Context, s *source, alone bool) (err error) {
	if !s.info.Mode().IsRegular() {
		return ErrChanged
	}
	if !alone {
		if s.same, err = r.copies.find(ctx, s); err != nil {
			return err
		}
	}
	if s.found, err = recording.Find(s.file, s.info.Size()); err != nil || s.same != nil {
		return err
	}
	sound, audio := stream.SoundIn(s.found.Spans)
	var prints *duplicate.Printer
	if s.found.Container == recording.FLAC {
		prints = &duplicate.Printer{}
		if err := r.lookIntoFLAC(ctx, s, prints); err != nil {
			return err
		}
		if audio = s.encoder != nil; audio {
			sound = s.encoder.Sound()
		}
	}
	if audio && !alone {
		return r.sounds.look(ctx, s, sound, prints)
	}
	return nil
}

// lookIntoFLAC finds the audio of a FLAC file, if it can be rebuilt, and prints its
// samples. That takes a while, which is part of the work on the file.
func (r *reader) lookIntoFLAC(ctx context.Context, s *source, prints *duplicate.Printer) error {
	s.progress.inspecting()
	file := s.gate.reading(ctx, s.file)
	var encoder *stream.Encoder
	var err error
	if r.heard == nil {
		encoder, err = stream.NewFLACEncoder(ctx, file, s.info.Size(), r.coder, r.workers, s.progress.inspected, prints.Add)
	} else {
		encoder, err = stream.LookIntoFLAC(ctx, file, s.info.Size(), r.coder, r.workers, prints.Add, r.heard)
	}
	var problem *recipe.Problem
	if errors.As(err, &problem) {
		s.found.Reasons = []recording.Reason{{Kind: recording.Irreversible, Name: "FLAC", Detail: problem.Error()}}
		return nil
	}
	if err != nil {
		return err
	}
	s.encoder = encoder
	s.found.Spans, s.found.Reasons = encoder.Header().Layout(), nil
	if encoder.WrongMD5() {
		s.found.Notes = append(s.found.Notes, recording.Note{Kind: recording.Checksum})
	}
	return nil
}

// prepare divides a source into parts.
func (s *source) prepare(ctx context.Context, coder stream.SegmentCoder) (err error) {
	switch {
	case s.same != nil:
		s.parts = 1
		return nil
	case !hasAudio(s.found):
		s.parts = max(int((s.info.Size()+blockSize-1)/blockSize), 1)
		return nil
	case s.encoder == nil:
		if s.encoder, err = stream.NewEncoder(ctx, s.file, s.found.Spans, coder, s.stretches...); err != nil {
			return err
		}
	case len(s.stretches) > 0:
		s.encoder.Refer(s.stretches[0].Reference)
	}
	s.parts = s.encoder.Parts()
	return nil
}

// part makes part i.
func (s *source) part(ctx context.Context, i int) part {
	p := part{item: s.item, source: s, index: i}
	if p.err = s.gate.Wait(ctx); p.err != nil {
		return p
	}
	s.progress.started()
	switch {
	case s.failed.Load(), s.same != nil, s.take:
	case s.encoder == nil:
		p.err = s.deflate(&p)
	default:
		p.err = s.encode(ctx, &p)
	}
	return p
}

// encode compresses a part of a recording, and measures what FLAC makes of it.
func (s *source) encode(ctx context.Context, p *part) error {
	place := s.encoder.Place(p.index)
	coded := newSegmentProgress(&s.progress, place)
	made, err := s.encoder.Part(ctx, p.index, s.gate.pausing(ctx, coded.add))
	if err != nil {
		return err
	}
	coded.end()
	if made, err = s.encoder.BesideFLAC(made); err != nil {
		return err
	}
	p.encoded, p.raw, p.pcm, p.flac = made.Encoded, made.Raw, made.PCM(), made.FLACSize
	if s.progress.report.events != nil {
		p.peaks = peaksOf(made)
	}
	return nil
}

// deflate compresses a block of a file that is kept whole.
func (s *source) deflate(p *part) error {
	size := s.info.Size()
	start := int64(p.index) * blockSize
	end := min(start+blockSize, size)
	windowStart := max(start-deflateWindow, 0)
	b := make([]byte, end-windowStart)
	if n, err := s.file.ReadAt(b, windowStart); n < len(b) {
		return shorter(err)
	}
	window := start - windowStart
	p.raw = b[window:]
	var err error
	p.encoded, err = archive.DeflatePart(b[:window], p.raw, end == size)
	s.progress.add(int64(len(p.raw)), 0)
	return err
}

// unchanged says whether a file looks the same as before.
func unchanged(now, before fs.FileInfo) bool {
	return now.Size() == before.Size() && now.ModTime().Equal(before.ModTime()) && os.SameFile(now, before)
}

// check returns an error if the file is no longer what was read, which had the
// given SHA-256. reread has all of it read once more.
func (s *source) check(ctx context.Context, d disk.FS, sum [sha256.Size]byte, reread bool) error {
	open, err := s.file.Stat()
	if err != nil {
		return err
	}
	now, err := d.Stat(s.item.path)
	if err != nil {
		return fmt.Errorf("%w (it is gone)", ErrChanged)
	}
	for _, info := range []fs.FileInfo{open, now} {
		if !unchanged(info, s.info) {
			return ErrChanged
		}
	}
	if !reread {
		return nil
	}
	h := sha256.New()
	if _, err := copyPausing(ctx, s.gate, h, io.NewSectionReader(s.file, 0, s.info.Size())); err != nil {
		return err
	}
	if [sha256.Size]byte(h.Sum(nil)) != sum {
		return ErrChanged
	}
	return nil
}

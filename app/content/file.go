package content

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"sort"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// File is a file in an archive that can be read. It needs no closing. Its methods
// may be called by several goroutines.
type File struct {
	archive.File
	archive *Archive
	entry   *archive.Entry
	decoder *stream.Decoder // nil if it is kept whole
}

// ReadAt reads len(p) bytes from offset on, or fewer with io.EOF at the end. Errors
// of a recording say which part of it is damaged, by its times. Those of damage wrap
// a *stream.DamageError.
func (f *File) ReadAt(ctx context.Context, p []byte, offset int64) (int, error) {
	r := f.Reader(ctx)
	defer r.Close()
	if _, err := r.Seek(offset, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(r, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

// check compares a file that is kept whole with its checksum, once.
func (f *File) check(ctx context.Context) error {
	a := f.archive
	a.mu.Lock()
	sound := a.sound[f.entry]
	a.mu.Unlock()
	if sound {
		return nil
	}
	held := f.entry
	if holder := held.Holder(); holder != nil {
		held = holder
	}
	if err := held.Check(ctx); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sound[f.entry] = true
	return nil
}

// Reader returns what reads the file, until ctx ends. It is to be closed, and is for
// one goroutine.
func (f *File) Reader(ctx context.Context) *Reader { return f.reader(ctx, false) }

// Listen is Reader for one who listens, and cannot wait until a segment is decoded to
// its end, where its checksum is: it returns what there is. Where that turns out to be
// wrong, the error comes before the last byte of the segment has been read. Whoever
// passes on what is read must see to it that nobody takes it for the file before that.
func (f *File) Listen(ctx context.Context) *Reader { return f.reader(ctx, true) }

func (f *File) reader(ctx context.Context, early bool) *Reader {
	r := &Reader{size: f.Size}
	if f.decoder != nil {
		d := &decoding{file: f, early: early}
		r.read = func(p []byte, offset int64) (int, error) { return d.read(ctx, p, offset) }
		r.close = d.close
		return r
	}
	w := &whole{file: f}
	r.read = func(p []byte, offset int64) (int, error) { return w.read(ctx, p, offset) }
	r.close = func() {}
	return r
}

// Reader reads a file from any place on.
type Reader struct {
	size, offset int64
	// read reads at least one byte before the end.
	read  func(p []byte, offset int64) (int, error)
	close func()
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if r.offset >= r.size {
		return 0, io.EOF
	}
	n, err := r.read(p[:min(int64(len(p)), r.size-r.offset)], r.offset)
	r.offset += int64(n)
	return n, err
}

// Seek implements io.Seeker.
func (r *Reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.offset
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("there is nothing before the beginning of a file")
	}
	r.offset = offset
	return offset, nil
}

// Close ends what is being decoded for the reader.
func (r *Reader) Close() error {
	r.close()
	return nil
}

// decoding reads a recording. It decodes ahead of what is read in turn.
type decoding struct {
	file    *File
	early   bool      // what may be wrong is read, too
	claimed []claimed // the current part, and those after it
	next    int64     // offset of what would be read in turn
	inTurn  int64     // bytes that were
}

// claimed is a part that a reader needs, or will need.
type claimed struct {
	part    int
	segment *segment
}

// aheadAfter is how many bytes must have been read in turn before more is decoded
// than was asked for, unless a part has less.
const aheadAfter = 1 << 20

// read reads what there is of a part.
func (d *decoding) read(ctx context.Context, p []byte, offset int64) (int, error) {
	if offset != d.next {
		d.inTurn = 0
	}
	decoder := d.file.decoder
	part := sort.Search(decoder.Parts(), func(i int) bool { return decoder.Place(i).Offset > offset }) - 1
	place := decoder.Place(part)
	ahead := 0
	if d.inTurn >= min(aheadAfter, place.Size/2) {
		ahead = runtime.GOMAXPROCS(0)
	}
	b, err := d.file.archive.cache.get(ctx, d.claim(part, ahead), d.early, offset-place.Offset)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return 0, err
	}
	n := copy(p, b[offset-place.Offset:])
	d.next = offset + int64(n)
	d.inTurn += int64(n)
	return n, nil
}

// claim claims a part and so many after it, and releases all others.
func (d *decoding) claim(part, ahead int) *segment {
	last := min(part+ahead, d.file.decoder.Parts()-1)
	var kept []claimed
	for _, c := range d.claimed {
		if part <= c.part && c.part <= last {
			kept = append(kept, c)
		} else {
			d.file.archive.cache.release(c.segment)
		}
	}
	d.claimed = kept
	for i := part; i <= last; i++ {
		if d.find(i) == nil {
			d.claimed = append(d.claimed, claimed{i, d.file.claim(i)})
		}
	}
	return d.find(part)
}

// find returns the segment of a part that is claimed, or nil.
func (d *decoding) find(part int) *segment {
	for _, c := range d.claimed {
		if c.part == part {
			return c.segment
		}
	}
	return nil
}

func (d *decoding) close() {
	for _, c := range d.claimed {
		d.file.archive.cache.release(c.segment)
	}
	d.claimed = nil
}

// claim claims a part of a recording in the cache.
func (f *File) claim(part int) *segment {
	held := f.entry
	if holder := held.Holder(); holder != nil {
		held = holder
	}
	return f.archive.cache.claim(place{held, part}, func(ctx context.Context, early func([]byte)) ([]byte, error) {
		p, err := f.decoder.PartGradually(ctx, part, nil, func(p stream.Part) {
			if p.Raw != nil && f.archive.unchanged() == nil {
				early(p.Raw)
			}
		})
		if err == nil {
			err = f.archive.unchanged()
		} else if changed := f.archive.unchanged(); changed != nil {
			err = changed // which is why it does not decode
		}
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%s: %w", f.Name, job.Lost(f.entry, f.decoder.Place(part), err))
		}
		return p.Raw, err
	})
}

// whole reads a file that is kept whole.
type whole struct {
	file    *File
	content io.Reader
	at      int64 // where in the file content is
}

func (w *whole) read(ctx context.Context, p []byte, offset int64) (int, error) {
	if w.content == nil || offset < w.at {
		content, err := w.file.entry.Content()
		if err != nil {
			return 0, err
		}
		w.content, w.at = content, 0
	}
	if seeker, ok := w.content.(io.Seeker); ok {
		if _, err := seeker.Seek(offset, io.SeekStart); err != nil {
			return 0, err
		}
		w.at = offset
	}
	for w.at < offset { // it has to be inflated up to there
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := io.CopyN(io.Discard, w.content, min(offset-w.at, 1<<20))
		if w.at += n; err != nil {
			return 0, w.failed(err)
		}
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	n, err := io.ReadAtLeast(w.content, p, min(1, len(p)))
	w.at += int64(n)
	if changed := w.file.archive.unchanged(); changed != nil {
		return 0, fmt.Errorf("%s: %w", w.file.Name, changed)
	}
	if err != nil {
		return 0, w.failed(err)
	}
	return n, nil
}

// failed is why there is no more to read where there should be.
func (w *whole) failed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("it is shorter than the archive says: it is damaged")
	}
	return fmt.Errorf("%s: %w", w.file.Name, err)
}

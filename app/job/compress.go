package job

import (
	"context"
	"errors"
	"slices"

	"trilobyte/app/archive"
	"trilobyte/app/pipeline"
)

// CompressOptions say what Compress is to do.
type CompressOptions struct {
	// Paths are the files and folders to archive. The last element of each is
	// the first one of its entries' names.
	Paths []string
	// Sources are what Scan has found at Paths, or nil: then Compress scans.
	Sources *Sources
	// Archive is the path of the archive. There must not be anything, unless Update
	// is set.
	Archive string
	// Verify has the archive read again from the disk, decoded and compared
	// before it gets its name, and the sources read again while they are
	// archived.
	Verify bool

	// Update has what is at the path of the archive, if it is one, brought up to date:
	// what has the size and the time that it has there is taken over as it is coded,
	// and so is what is gone from the disk, with "(gone)" in its name where something of
	// another kind has that now.
	Update bool
	// Mirror has an update discard what is gone from the disk, unless it lies in what
	// cannot be looked at. The archive becomes what it would be if it were made anew,
	// to the byte: all files are read, to see what they share.
	Mirror bool
	// Checksum has an update compare the content of files, and not their times. Mirror
	// does that, too.
	Checksum bool
	// VerifyAll has an update verify what it has taken over, too. What was damaged in
	// the archive before is compressed anew; if no file on the disk has its content any more,
	// the archive stays as it is, and the error wraps ErrDamagedBefore.
	VerifyAll bool
}

// Compress makes an archive. What cannot be read, or changes while it is read,
// is reported and left out, and the archive says so. The archive appears under its name when it is
// complete, on the disk and, if asked for, verified. If Compress returns an
// error, nothing has appeared, but for one error that says so: when the disk
// does not confirm the name. No source is ever written to.
//
// If the program is killed, or the computer loses its power, the next Compress
// to the same path goes on behind the last file that was finished, provided
// that the files are still the same. Updates begin anew: the archive that is
// updated stays until the new one takes its place.
//
// The error wraps ErrNamesakes if two of the paths end in the same name,
// fs.ErrExist if there is something at the archive's path,
// archive.ErrBusy if another program is making the same archive,
// ErrNothingToDo if nothing could be archived, and ErrNotVerified if the
// archive does not decode to what was put into it.
func (e *Engine) Compress(ctx context.Context, o CompressOptions) (summary Summary, err error) {
	r := e.report(Compressing)
	if err := e.scanSources(ctx, &o); err != nil {
		return r.summary, err
	}
	for _, f := range o.Sources.failures {
		r.add(f)
	}
	r.summary.Missing = slices.Clone(o.Sources.missing)
	if len(o.Sources.items) == 0 {
		return r.summary, ErrNothingToDo
	}
	if o.Update {
		return e.update(ctx, r, o)
	}
	w, err := archive.Create(e.disk(), o.Archive, e.Codec.Coder.ID())
	if err != nil {
		return r.summary, err
	}
	return e.make(ctx, w, r, o, nil)
}

// scanSources scans, if that is not done yet.
func (e *Engine) scanSources(ctx context.Context, o *CompressOptions) (err error) {
	if o.Sources == nil {
		if o.Sources, err = e.Scan(ctx, o.Paths); err != nil {
			return err
		}
	}
	return o.Sources.namesakes
}

// make fills an archive and publishes it.
func (e *Engine) make(ctx context.Context, w *archive.Writer, r *report, o CompressOptions, u *update) (Summary, error) {
	err := e.fill(ctx, w, r, o, u)
	if u != nil {
		err = errors.Join(err, u.close()) // what is open cannot be replaced everywhere
	}
	if err != nil {
		if errors.Is(context.Cause(ctx), ErrSuspended) {
			return r.summary, errors.Join(err, w.Leave())
		}
		return r.summary, errors.Join(err, w.Discard())
	}
	r.summary.ArchiveSize = w.Size()
	return r.summary, w.Publish()
}

// Abandon removes what an interrupted Compress has left of the archive that was
// to be at path. An archive that is there stays.
func (e *Engine) Abandon(path string) error { return archive.RemoveLeft(e.disk(), path) }

// begin finds out what is to be archived, and what has been already: by an interrupted
// run, or in the archive that is updated, if there is one.
func (e *Engine) begin(ctx context.Context, w *archive.Writer, r *report, o CompressOptions, u *update) (done, items []item, f *former, err error) {
	if u == nil {
		r.planned(len(o.Sources.items), o.Sources.bytes)
		done, items, err = e.resume(ctx, w, r, o.Sources.items)
		return done, items, &former{}, err
	}
	files := 0
	for _, it := range u.items {
		if !it.take {
			files++
		}
	}
	r.planned(files, unread(u.items))
	return nil, u.items, u.former, nil
}

// fill writes all of the archive and verifies it.
func (e *Engine) fill(ctx context.Context, w *archive.Writer, r *report, o CompressOptions, u *update) error {
	kept, items, former, err := e.begin(ctx, w, r, o, u)
	if err != nil {
		return err
	}
	reader := &reader{
		disk: e.disk(), gate: e.Gate, coder: e.Codec.Coder, workers: e.workers(), report: r,
		copies: newCopies(e.disk(), e.Gate), sounds: newSounds(e.disk(), e.Gate), open: map[*source]bool{},
		former: former,
	}
	defer reader.close()
	defer former.close(e.disk())
	if err := reader.remember(ctx, kept); err != nil {
		return err
	}
	crew := e.crew(unread(items))
	defer crew.End() // not before all is verified: what helps need not begin anew
	packer := &packer{writer: w, reader: reader, report: r, former: former, reread: o.Verify, instead: map[string]string{},
		contents: map[string]holder{}, links: links{}}
	produce := func(yield func(func(context.Context) part) error) error {
		defer crew.Last()
		return reader.read(ctx, items, yield)
	}
	consume := func(p part) error {
		if err := e.Gate.Wait(ctx); err != nil {
			return err
		}
		return packer.consume(ctx, p)
	}
	if err := pipeline.Ordered(ctx, crew.Size(), crew.Ahead(), e.Codec.Enter, produce, consume); err != nil {
		return err
	}
	if len(w.Files()) == 0 {
		return ErrNothingToDo
	}
	for _, m := range r.summary.Missing {
		w.LeaveOut(m)
	}
	r.summary.Missing = w.Missing()
	if err := w.Finish(e.Codec.Model, e.Codec.BuiltIn[e.Codec.Coder.ID()] != nil); err != nil {
		return err
	}
	if !o.Verify {
		return ctx.Err()
	}
	if err := e.verifyNew(ctx, w.Temp(), o, r.summary, items); err != nil {
		return err
	}
	r.summary.Verified = true
	if !o.VerifyAll {
		r.summary.Unverified = unverified(r.summary)
	}
	return nil
}

// unread is how many bytes items have that are not taken over as they are coded.
func unread(items []item) (bytes int64) {
	for _, it := range items {
		if !it.take {
			bytes += it.size()
		}
	}
	return bytes
}

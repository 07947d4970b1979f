package job

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"trilobyte/app/archive"
	"trilobyte/app/pipeline"
	"trilobyte/codec/stream"
)

// target takes the files that come out of an archive, one after the other.
type target interface {
	// refuse returns why an entry need not be decoded, or nil. It may be called
	// at any time, from another goroutine.
	refuse(ctx context.Context, e *archive.Entry) error
	// begin returns what takes the bytes of a file, or, if it is a pcmWriter, the
	// audio of a recording, which has a decoder.
	begin(ctx context.Context, e *archive.Entry, d *stream.Decoder) (io.Writer, error)
	commit(e *archive.Entry) error // of a file that is what the archive says
	abort()                        // what has begun and not been committed
}

// unpacker decodes entries of an archive, compares them with all checksums and
// gives them to a target.
type unpacker struct {
	archive *archive.Archive
	codec   Codec
	gate    *Gate
	report  *report
	target  target
	damaged damaged // what is to be done about damage
	// follower is target, if files with the same content need be decoded only once.
	follower follower

	coder   func(stream.ModelName) (stream.SegmentCoder, error)
	refers  *References
	current *unpacking // the file whose pieces come; nil between files and after failure
}

// damaged is what an unpacker does about damage in a file.
type damaged int

const (
	giveUp  damaged = iota // on the file, at the first damage
	findAll                // of the damage, and report each of it
	salvage                // write silence for it, and report each of it
)

// task is an entry that is being decoded.
type task struct {
	entry     *archive.Entry
	gate      *Gate
	suspect   error           // what a check of the compressed data has found
	losses    []error         // what is damaged, each with its place
	decoder   *stream.Decoder // of a recording
	pieces    int             // at least one
	continues bool            // behind damage
	saves     bool            // what is left
	outcome   *outcome        // of the task, if others may follow it
	follows   *outcome        // of what has the same content, if it may follow that
	links     *outcome        // of what is the same file
	unlinked  error           // why it is made as a copy of that
	failed    atomic.Bool     // its other pieces are no longer needed
	progress  fileProgress
}

// piece is a part of a recording, or all of another entry, which the consumer
// reads by itself.
type piece struct {
	task  *task
	index int
	raw   []byte
	pcm   []byte  // the audio in it, as recording.Format.PCM has it; nil if it is not audio
	lost  []error // why raw is not what was there
	err   error
}

// unpacking is the state of a file that comes out.
type unpacking struct {
	out    io.Writer
	digest *digest
	failed bool // to write to out
}

// run decodes entries with the crew for so many bytes.
func (u *unpacker) run(ctx context.Context, crewFor func(bytes int64) Crew, entries []*archive.Entry) error {
	total := int64(0)
	for _, e := range entries {
		total += e.Size
	}
	u.report.planned(len(entries), total)
	crew := crewFor(total)
	defer crew.End()
	u.coder, u.refers = u.codec.coders(u.archive), NewReferences(u.codec, u.archive, keptByJobs, crew.Size())
	defer u.refers.Wait()
	produce := func(yield func(func(context.Context) piece) error) error {
		defer crew.Last()
		return u.produce(ctx, entries, yield)
	}
	err := pipeline.Ordered(ctx, crew.Size(), crew.Ahead(), u.codec.Enter, produce, func(p piece) error {
		if err := u.gate.Wait(ctx); err != nil {
			return err
		}
		return u.consume(ctx, p)
	})
	if u.current != nil {
		u.target.abort()
	}
	return err
}

// produce yields the tasks that decode entries.
func (u *unpacker) produce(ctx context.Context, entries []*archive.Entry, yield func(func(context.Context) piece) error) error {
	shared := newShared(entries)
	for _, e := range entries {
		t := &task{entry: e, gate: u.gate, pieces: 1, continues: u.damaged != giveUp, saves: u.damaged == salvage}
		t.progress.report, t.progress.name, t.progress.size = u.report, e.Name, e.Size
		err := u.prepare(ctx, t)
		if u.follower != nil && (err == nil || errors.Is(err, ErrThere)) {
			shared.add(t)
		}
		if err == nil && t.follows == nil {
			err = u.open(t)
		}
		if err != nil {
			if err := yield(func(context.Context) piece { return piece{task: t, err: err} }); err != nil {
				return err
			}
			continue
		}
		for i := range t.pieces {
			if err := yield(func(ctx context.Context) piece { return t.piece(ctx, i) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// prepare makes sure that an entry may be decoded.
func (u *unpacker) prepare(ctx context.Context, t *task) error {
	if t.entry.Err != nil {
		return t.entry.Err
	}
	err := u.target.refuse(ctx, t.entry)
	if errors.Is(err, archive.ErrData) && t.entry.Kind == archive.KindRecording && t.entry.Holder() == nil {
		// Decoding it may say where.
		t.suspect, err = err, nil
	}
	return err
}

// open begins to decode an entry.
func (u *unpacker) open(t *task) error {
	if t.entry.Kind != archive.KindRecording {
		return nil
	}
	var err error
	if t.decoder, err = openStream(t.entry, u.coder, u.damaged != giveUp); err != nil {
		return t.blame(err)
	}
	t.decoder.Refer(u.refers.For(t.entry))
	if size := t.decoder.Header().Size(); size != t.entry.Size {
		return fmt.Errorf("the archive says that it has %d bytes, but its compressed data %d", t.entry.Size, size)
	}
	t.pieces = t.decoder.Parts()
	return nil
}

// piece decodes piece i.
func (t *task) piece(ctx context.Context, i int) piece {
	p := piece{task: t, index: i}
	if p.err = t.gate.Wait(ctx); p.err != nil {
		return p
	}
	t.progress.started()
	if t.failed.Load() || t.decoder == nil || t.follows != nil {
		return p
	}
	place := t.decoder.Place(i)
	coded := newSegmentProgress(&t.progress, place)
	part, err := t.decoder.Part(ctx, i, t.gate.pausing(ctx, coded.add))
	if err != nil && ctx.Err() == nil && t.continues {
		for _, loss := range lossesAt(place, err) {
			p.lost = append(p.lost, t.blame(loss))
		}
		if !t.saves {
			coded.end()
			return p
		}
		part, err = standIn(ctx, t.decoder, i)
	}
	if err != nil {
		p.err = t.blame(err)
		return p
	}
	coded.end()
	p.raw, p.pcm = part.Raw, part.PCM()
	return p
}

// consume takes the next piece. Its error is what ends the job.
func (u *unpacker) consume(ctx context.Context, p piece) error {
	e := p.task.entry
	if errors.Is(p.err, ErrThere) {
		p.task.progress.started()
		p.task.progress.add(e.Size, 0)
		u.report.summary.There++
		if p.task.outcome != nil {
			p.task.outcome.sound = true
		}
		var link *archive.Entry
		if p.task.links != nil && p.task.links.sound {
			link = p.task.links.entry
		}
		err := u.follower.keep(e, link)
		if err == nil {
			u.report.done(e.File)
		}
		return u.fail(ctx, p.task, err)
	}
	if (p.task.follows != nil || p.task.links != nil) && p.err == nil {
		done, err := u.follow(ctx, p.task)
		if done {
			return u.fail(ctx, p.task, err)
		}
		return u.alone(ctx, p.task)
	}
	err := u.add(ctx, p)
	if err == nil && p.index == p.task.pieces-1 && u.current != nil {
		err = u.finish(p.task)
	}
	return u.fail(ctx, p.task, err)
}

// fail reports that an entry has failed, unless the context has ended. err may be
// nil.
func (u *unpacker) fail(ctx context.Context, t *task, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	t.failed.Store(true)
	if u.current != nil {
		u.target.abort()
		u.current = nil
	}
	if t.outcome != nil {
		t.outcome.losses = append(t.outcome.losses, err)
	}
	u.report.stopped(t.entry, err)
	return nil
}

// add passes a piece on.
func (u *unpacker) add(ctx context.Context, p piece) error {
	if p.task.failed.Load() {
		return nil
	}
	if p.err != nil {
		return p.err
	}
	e := p.task.entry
	if p.index == 0 {
		out, err := u.target.begin(ctx, e, p.task.decoder)
		if err != nil {
			return err
		}
		u.current = &unpacking{out: out, digest: newDigest()}
	}
	return u.write(ctx, p)
}

func (u *unpacker) write(ctx context.Context, p piece) error {
	c, decoder := u.current, p.task.decoder
	if decoder == nil {
		content, err := p.task.entry.Content()
		if err != nil {
			return err
		}
		_, err = copyPausing(ctx, u.gate, c, content)
		if err != nil && ctx.Err() == nil && p.task.continues && !c.failed {
			p.task.losses = append(p.task.losses, p.task.blame(err))
			return nil
		}
		return err
	}
	p.task.losses = append(p.task.losses, p.lost...)
	c.digest.writePart(p.raw, p.pcm)
	b := p.raw
	if _, ok := c.out.(pcmWriter); ok {
		b = p.pcm
	}
	_, err := c.out.Write(b)
	return err
}

// Write takes bytes that are not samples.
func (c *unpacking) Write(p []byte) (int, error) {
	c.digest.Write(p)
	n, err := c.out.Write(p)
	c.failed = c.failed || err != nil
	return n, err
}

// finish compares what has come out with what went in.
func (u *unpacker) finish(t *task) error {
	e, d := t.entry, u.current.digest
	if t.decoder != nil {
		if err := t.decoder.Behind(); err != nil {
			t.losses = append(t.losses, err)
		}
	}
	err := t.blame(compare(e, t.decoder, d))
	if err == nil {
		err = t.suspect
	}
	if len(t.losses) == 0 && err != nil {
		if !t.continues {
			return err
		}
		t.losses = append(t.losses, err)
	}
	if len(t.losses) > 0 {
		return u.lost(t)
	}
	return u.commit(t)
}

// commit completes a file that is what the archive says.
func (u *unpacker) commit(t *task) error {
	if err := u.target.commit(t.entry); err != nil {
		return err
	}
	u.current = nil
	u.complete(t)
	return nil
}

// lost reports what is damaged in a file, and has the target keep the rest of
// it if that is wanted.
func (u *unpacker) lost(t *task) error {
	var as string
	if s, ok := u.target.(salvager); ok && u.damaged == salvage {
		var err error
		if as, err = s.salvage(t.entry, t.decoder); err != nil {
			t.losses = append(t.losses, err)
			u.target.abort()
		} else {
			u.report.summary.Salvaged++
		}
	} else {
		u.target.abort()
	}
	u.current = nil
	if t.outcome != nil {
		t.outcome.losses = t.losses
	}
	for _, loss := range t.losses {
		if as != "" {
			loss = fmt.Errorf("%w; the rest was saved as %s", loss, as)
		}
		u.report.failed(t.entry.Name, loss)
	}
	return nil
}

// compare returns an error if an entry has not come out as it went in.
func compare(e *archive.Entry, decoder *stream.Decoder, d *digest) error {
	switch {
	case d.size != e.Size:
		return fmt.Errorf("it has %d bytes, but had %d: it is damaged", d.size, e.Size)
	case archive.ZIPSum(e.Kind, d.crc32, d.sum()) != e.CRC32:
		return errors.New("its checksum in ZIP differs: it is damaged")
	case e.SHA256 == "":
		return nil // the manifest is lost
	}
	if sum := d.sum(); hex.EncodeToString(sum[:]) != e.SHA256 {
		return errors.New("its checksum (SHA-256) differs: it is damaged")
	}
	if decoder == nil {
		return nil
	}
	h := decoder.Header()
	f := h.Format()
	switch {
	case e.PCMMD5 != "" && hex.EncodeToString(d.md5.Sum(nil)) != e.PCMMD5:
		return errors.New("the checksum of its audio (MD5) differs: it is damaged")
	case f.Kind.String() != e.Samples || f.SampleRate != e.SampleRate || f.Channels != e.Channels || f.ValidBits != e.Bits || h.Frames() != e.Frames:
		return errors.New("the archive contradicts itself about its format")
	}
	return nil
}

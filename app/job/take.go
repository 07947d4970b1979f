package job

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/codec/recording"
	"trilobyte/codec/stream"
)

// former is the archive that is updated, whose entries are taken over as they are
// coded.
type former struct {
	archive *archive.Archive
	codec   Codec
	dir     string // for temporary files
	// exact has the archive become what it would be if it were made anew: what
	// recordings share is searched for in all of them.
	exact bool
	// taken are the entries that have been found to be taken over, as they are coded,
	// with the names that they get.
	taken   map[string]string
	renamed map[string]string // entries that get another name
	damaged map[string]error  // entries that must not be taken over

	mu    sync.Mutex
	temps map[string]disk.File // open, so that no other run takes them for left over
}

// newFormer returns what the update plans to take over, of the archive that it has.
func newFormer(c Codec, o CompressOptions, u *update) *former {
	return &former{
		archive: u.old, codec: c, dir: filepath.Dir(o.Archive), exact: o.Mirror, taken: map[string]string{}, temps: map[string]disk.File{},
		renamed: u.renamed, damaged: u.damaged,
	}
}

// name is what an entry is called in the new archive.
func (f *former) name(old string) string {
	if name, ok := f.renamed[old]; ok {
		return name
	}
	return old
}

// takes says whether the content of an item can be taken over: that which it needs is,
// and it is coded with a model that will do. It is remembered.
func (f *former) takes(it item) bool {
	e := it.content()
	if f.taken[e.Name] != "" {
		return true
	}
	if f.damaged[e.Name] != nil {
		return false
	}
	if e.Kind == archive.KindRecording {
		header, err := headerOf(e)
		if err != nil || !f.knows(header.Model) {
			return false
		}
		for _, s := range header.Stretches() {
			if s.Source == stream.Itself {
				continue
			}
			if source := e.Source(s.Source, s.Sum); source == nil || f.taken[source.Name] == "" {
				return false
			}
		}
	}
	f.taken[e.Name] = it.name
	return true
}

// knows says whether recordings that are coded with a model may be in the new
// archive, too.
func (f *former) knows(model stream.ModelName) bool {
	if model == stream.NameOf(f.codec.Coder.ID()) {
		return true
	}
	for id := range f.codec.BuiltIn {
		if !f.exact && model == stream.NameOf(id) {
			return true
		}
	}
	return false
}

// fits says whether the content that a source has in the archive is what coding it anew
// would make, and can be taken over. It is remembered.
func (f *former) fits(s *source) bool {
	e := s.item.content()
	if s.same != nil || (e.Kind == archive.KindRecording) != hasAudio(s.found) {
		return false
	}
	if e.Kind == archive.KindRecording {
		header, err := headerOf(e)
		if err != nil || !f.sameStretches(e, header.Stretches(), s) {
			return false
		}
	}
	return f.takes(s.item)
}

// sameStretches says whether an entry refers to what has been found in a source.
func (f *former) sameStretches(e *archive.Entry, there []stream.Stretch, s *source) bool {
	if len(there) != len(s.stretches) {
		return false
	}
	for i, found := range s.stretches {
		if !there[i].SamePart(found) || (there[i].Source == stream.Itself) != (found.Source == stream.Itself) {
			return false
		}
		if found.Source == stream.Itself {
			continue
		}
		source := e.Source(there[i].Source, there[i].Sum)
		if source == nil || f.taken[source.Name] != s.sources[found.Source] {
			return false
		}
	}
	return true
}

func headerOf(e *archive.Entry) (stream.Header, error) {
	compressed, err := e.Compressed()
	if err != nil {
		return stream.Header{}, err
	}
	return stream.ReadHeader(compressed, compressed.Size())
}

// bring decodes an entry into a temporary file, because it cannot be taken over as it
// is, and returns it as an item that can be archived from there.
func (f *former) bring(ctx context.Context, d disk.FS, g *Gate, workers int, it item) (item, error) {
	file, name, err := disk.CreateTemp(d, f.dir, 0o600)
	if err != nil {
		return it, notBrought(it, err)
	}
	f.mu.Lock()
	f.temps[name] = file
	f.mu.Unlock()
	var failure error
	r := &report{events: func(ev Event) {
		if failed, ok := ev.(Failed); ok {
			failure = errors.Join(failure, failed.Err)
		}
	}}
	u := &unpacker{archive: f.archive, codec: f.codec, gate: g, report: r, target: scratch{file}}
	err = u.run(ctx, func(int64) Crew { return cores(workers) }, []*archive.Entry{it.old})
	if err = errors.Join(err, failure); err != nil {
		return it, damagedBefore(it.old.Name, err)
	}
	it.path, it.take = name, false
	if it.info, err = d.Lstat(name); err != nil {
		return it, notBrought(it, err)
	}
	return it, nil
}

// notBrought says of an error of a temporary file what that was for.
func notBrought(it item, err error) error {
	return fmt.Errorf("decoding %s into a temporary file: %w", it.name, disk.WithoutPath(err))
}

// close removes temporary files.
func (f *former) close(d disk.FS) {
	for name, file := range f.temps {
		file.Close()   // is thrown away
		d.Remove(name) // another run removes what is left
	}
}

// scratch is a target for one entry: a file.
type scratch struct{ file disk.File }

func (scratch) refuse(context.Context, *archive.Entry) error { return nil }

func (s scratch) begin(context.Context, *archive.Entry, *stream.Decoder) (io.Writer, error) {
	return s.file, nil
}

func (scratch) commit(*archive.Entry) error { return nil }

func (scratch) abort() {}

// takeOver takes an entry over. If that is not possible and there is its file, that is
// archived.
func (k *packer) takeOver(ctx context.Context, it item) error {
	if it.gone {
		return k.fail(ctx, nil, it, k.takeGone(ctx, it))
	}
	err := k.take(ctx, it)
	var write *archive.WriteError
	if err == nil || ctx.Err() != nil || errors.As(err, &write) {
		return k.fail(ctx, nil, it, err)
	}
	return k.alone(ctx, it)
}

// takeGone takes over an entry that there is no file of. If what it refers to is not
// there any more, it is decoded and archived.
func (k *packer) takeGone(ctx context.Context, it item) error {
	err := k.take(ctx, it)
	if errors.Is(err, errSourceLost) {
		it, err = k.former.bring(ctx, k.reader.disk, k.reader.gate, k.reader.workers, it)
		if err == nil {
			err = k.alone(ctx, it)
		}
	}
	return err
}

// take takes an entry over, with the name, time and permissions that its file has now:
// its bytes, unless another entry has them already.
func (k *packer) take(ctx context.Context, it item) error {
	e := it.content()
	f := cmp.Or(it.other, it.old).File
	it.describe(k.reader.disk, k.report.lacks, &f)
	f.HardLink = k.linked(it.link, f)
	if it.other != nil {
		f.Note = k.noteOfOther(it, f.Note)
	}
	if h, ok := k.contents[f.SHA256]; ok && hasContent(e.Kind) && (h.gone || it.unread(k.former.exact)) {
		held, _ := k.writer.File(h.name)
		f.SameAs, f.RefersTo = h.name, held.RefersTo
		f, err := k.writer.Copy(it.name, f)
		if err == nil {
			k.taken(it, f)
		}
		return err
	}
	f.SameAs = ""
	if err := cmp.Or(k.former.damaged[e.Name], e.Check(ctx)); err != nil && e.Kind != archive.KindFolder {
		return damagedBefore(e.Name, err)
	}
	entry, err := k.writer.Begin(it.name, f.Kind, f.Size)
	if err != nil {
		return err
	}
	if f.RefersTo, err = k.takeBytes(ctx, e, entry); err != nil {
		entry.Abort()
		return err
	}
	if f, err = entry.Commit(e.Method(), f); err != nil {
		return err
	}
	k.holds(holder{f.Name, true, it.gone}, f)
	k.taken(it, f)
	return nil
}

// holds notes that an entry holds content that others may have, too.
func (k *packer) holds(h holder, f archive.File) {
	if f.Size > 0 && hasContent(f.Kind) {
		k.contents[f.SHA256] = h
	}
}

// noteOfOther returns the note of a file whose content the archive has under another
// name, which had that note.
func (k *packer) noteOfOther(it item, note string) string {
	file, err := k.reader.disk.Open(it.path)
	if err != nil {
		return note
	}
	defer file.Close() // was only read from
	found, err := recording.Find(file, it.info.Size())
	if err != nil || found.Container == recording.FLAC { // of which it knows too little
		return note
	}
	return noteOf(it.name, found)
}

// takeBytes copies the compressed bytes of an entry of the archive that is updated, but
// for the places of what it refers to, of which it returns the names.
func (k *packer) takeBytes(ctx context.Context, old *archive.Entry, entry *archive.EntryWriter) (refersTo []string, err error) {
	compressed, err := old.Compressed()
	if err != nil {
		return nil, err
	}
	var begin []byte
	var replaced int64
	if old.Kind == archive.KindRecording {
		begin, replaced, err = stream.Relocate(compressed, compressed.Size(), func(r stream.Reference) (stream.Reference, error) {
			source := old.Source(r.Source, r.Sum)
			if source == nil || !k.contents[source.SHA256].carried {
				return r, errSourceLost
			}
			name := k.contents[source.SHA256].name
			if !slices.Contains(refersTo, name) {
				refersTo = append(refersTo, name)
			}
			r.Source, _ = k.writer.Back(name)
			return r, nil
		})
		if err != nil && !errors.Is(err, errSourceLost) {
			err = damagedBefore(old.Name, err)
		}
		if err != nil {
			return nil, err
		}
	}
	if _, err := entry.Write(begin); err != nil {
		return nil, err
	}
	rest := io.NewSectionReader(compressed, replaced, compressed.Size()-replaced)
	_, err = copyPausing(ctx, k.reader.gate, entry, rest)
	return refersTo, err
}

// taken reports a file that was taken over.
func (k *packer) taken(it item, f archive.File) {
	if it.other != nil {
		k.report.summary.moved[f.Name] = true
		k.report.done(f)
		return
	}
	if it.action == Repair {
		k.report.done(f)
		return
	}
	k.report.summary.Kept[f.Name] = true
	k.report.summary.Files = append(k.report.summary.Files, f)
	k.report.send(Done{Phase: k.report.phase, File: f, Kept: true})
}

// retake takes over what the archive has of a file that cannot be archived now.
func (k *packer) retake(ctx context.Context, it item) error {
	if it.old == nil {
		return nil
	}
	if _, there := k.writer.File(it.name); there {
		return nil
	}
	it.other, it.take, it.gone, it.link = nil, true, true, k.former.name(it.old.HardLink)
	return k.takeGone(ctx, it)
}

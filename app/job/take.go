package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
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
	exact   bool
	taken   map[string]bool   // what has been found to be taken over
	renamed map[string]string // entries that get another name
	damaged map[string]error  // entries that must not be taken over

	mu    sync.Mutex
	temps map[string]disk.File // open, so that no other run takes them for left over
}

// name is what an entry is called in the new archive.
func (f *former) name(old string) string {
	if name, ok := f.renamed[old]; ok {
		return name
	}
	return old
}

// moved returns what the entry that is being written refers to the one of a name by.
func moved(w *archive.Writer, name string, r stream.Reference) (stream.Reference, error) {
	back, ok := w.Back(name)
	if !ok {
		return r, errSourceLost
	}
	r.Source = back
	return r, nil
}

// takes says whether an entry can be taken over: those that it needs are, and it is
// coded with a model that will do. It is remembered.
func (f *former) takes(e *archive.Entry) bool {
	if f.damaged[e.Name] != nil {
		return false
	}
	if h := e.Holder(); h != nil {
		if !f.taken[h.Name] {
			return false
		}
	} else if e.Kind == archive.KindRecording {
		header, err := headerOf(e)
		if err != nil || !f.knows(header.Model) {
			return false
		}
		for _, s := range header.Stretches() {
			if source := e.Source(s.Source, s.Sum); source == nil || !f.taken[source.Name] {
				return false
			}
		}
	}
	f.taken[e.Name] = true
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

// fits says whether the entry that a source has in the archive is what coding it anew
// would make, and can be taken over. It is remembered.
func (f *former) fits(s *source) bool {
	e := s.item.old
	if s.linked != e.HardLink {
		return false // of an empty file; what has content is a copy if it is linked
	}
	if s.same != nil || e.Holder() != nil || (e.Kind == archive.KindRecording) != hasAudio(s.found) {
		return false
	}
	if e.Kind == archive.KindRecording {
		header, err := headerOf(e)
		if err != nil || !f.sameStretches(e, header.Stretches(), s) {
			return false
		}
	}
	return f.takes(e)
}

// sameStretches says whether an entry refers to what has been found in a source.
func (f *former) sameStretches(e *archive.Entry, there []stream.Stretch, s *source) bool {
	if len(there) != len(s.stretches) {
		return false
	}
	for i, found := range s.stretches {
		source := e.Source(there[i].Source, there[i].Sum)
		if source == nil || source.Name != s.sources[found.Source] || !there[i].SamePart(found) {
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
	err := k.take(ctx, it)
	var write *archive.WriteError
	if err == nil || it.gone || ctx.Err() != nil || errors.As(err, &write) {
		return k.fail(ctx, nil, it, err)
	}
	if err := k.alone(ctx, it); err != nil {
		return err
	}
	if _, ok := k.writer.File(it.name); ok && errors.Is(err, archive.ErrData) {
		k.report.summary.Repaired = append(k.report.summary.Repaired, it.name)
	}
	return nil
}

// take takes an entry over, with the name, time and permissions that its file has now.
func (k *packer) take(ctx context.Context, it item) error {
	f := it.old.File
	it.describe(k.reader.disk, k.report.lacks, &f)
	f.HardLink = k.former.name(f.HardLink)
	if first, ok := k.writer.File(f.HardLink); !ok || first.SHA256 != f.SHA256 || it.unlinked {
		f.HardLink = ""
	}
	if it.old.Holder() != nil {
		return k.takeCopy(it, f)
	}
	if err := it.old.Check(ctx); err != nil {
		return damagedBefore(it.old.Name, err)
	}
	entry, err := k.writer.Begin(it.name, f.Kind, f.Size)
	if err != nil {
		return err
	}
	if err := k.takeBytes(ctx, it.old, entry); err != nil {
		entry.Abort()
		return err
	}
	if f, err = entry.Commit(it.old.Method(), f); err != nil {
		return err
	}
	k.kept(f)
	return nil
}

// takeBytes copies the compressed bytes of an entry of the archive that is updated, but
// for the places of what it refers to.
func (k *packer) takeBytes(ctx context.Context, old *archive.Entry, entry *archive.EntryWriter) error {
	compressed, err := old.Compressed()
	if err != nil {
		return err
	}
	var begin []byte
	var replaced int64
	if old.Kind == archive.KindRecording {
		begin, replaced, err = stream.Relocate(compressed, compressed.Size(), func(r stream.Reference) (stream.Reference, error) {
			source := old.Source(r.Source, r.Sum)
			if source == nil || !k.report.summary.Kept[k.former.name(source.Name)] {
				return r, errSourceLost
			}
			return moved(k.writer, k.former.name(source.Name), r)
		})
		if err != nil {
			return err
		}
	}
	if _, err := entry.Write(begin); err != nil {
		return err
	}
	rest := io.NewSectionReader(compressed, replaced, compressed.Size()-replaced)
	_, err = copyPausing(ctx, k.reader.gate, entry, rest)
	return err
}

// takeCopy takes over an entry whose content another one holds.
func (k *packer) takeCopy(it item, f archive.File) error {
	f.SameAs = k.former.name(f.SameAs)
	holder, ok := k.writer.File(f.SameAs)
	if !ok || holder.SameAs != "" || holder.SHA256 != f.SHA256 {
		return errSourceLost
	}
	f, err := k.writer.Copy(it.name, f)
	if err != nil {
		return err
	}
	k.kept(f)
	return nil
}

// kept reports a file that was taken over.
func (k *packer) kept(f archive.File) {
	if k.report.summary.Kept == nil {
		k.report.summary.Kept = map[string]bool{}
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
	if err := k.former.damaged[it.old.Name]; err != nil {
		return damagedBefore(it.old.Name, err)
	}
	it.gone = true
	err := k.take(ctx, it)
	if errors.Is(err, errSourceLost) {
		it, err = k.former.bring(ctx, k.reader.disk, k.reader.gate, k.reader.workers, it)
		if err == nil {
			err = k.alone(ctx, it)
		}
	}
	return err
}

package archive

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
)

// indexed is where in a Writer a file is.
type indexed struct {
	number int   // in files
	start  int64 // of its local header in the archive
}

// File returns what has been committed under that name.
func (w *Writer) File(name string) (f File, ok bool) {
	at, ok := w.index[name]
	if ok {
		f = w.files[at.number]
	}
	return f, ok
}

// Back is how many bytes before the next entry, or the one that has begun, that of the
// name begins, which must have been committed. Entries refer to others by that.
func (w *Writer) Back(name string) (distance int64, ok bool) {
	at, ok := w.index[name]
	return w.next() - at.start, ok
}

// Copy adds an entry whose content that of the name f.SameAs holds, which has been
// committed and holds it itself. The caller fills in f but for the name, the
// compressed size and its CRC-32C. Errors of the disk are WriteErrors.
func (w *Writer) Copy(name string, f File) (File, error) {
	holder, ok := w.File(f.SameAs)
	identity := identityOf(holder)
	if !ok || holder.SameAs != "" || identity == nil {
		return File{}, fmt.Errorf("%s holds no content that another file could have", f.SameAs)
	}
	e, err := w.beginNext(name, f.Kind, f.Size, true)
	if err != nil {
		return File{}, err
	}
	back, _ := w.Back(f.SameAs)
	if _, err := e.Write(binary.AppendUvarint(identity, uint64(back))); err != nil {
		return File{}, err
	}
	return e.Commit(methodCopy, f)
}

// Copies tell what content they have by some bytes of its SHA-256. Of recordings, ZIP
// has those before.
const (
	identityStart = 4
	identityEnd   = 8
	identitySize  = identityEnd - identityStart
)

// identityOf returns these bytes, or nil if they are not known.
func identityOf(f File) []byte {
	sum, err := hex.DecodeString(f.SHA256)
	if err != nil || len(sum) < identityEnd {
		return nil
	}
	return sum[identityStart:identityEnd]
}

// Holder is the entry that holds the content of this one, or nil if it does itself.
func (e *Entry) Holder() *Entry { return e.holder }

// Source returns the recording that begins so many bytes before this entry and has
// that CRC32. Where bytes are lost between the two, or are too many, the checksum
// finds it. It is nil if the archive has lost it.
func (e *Entry) Source(back int64, sum uint32) *Entry {
	recording := func(s *Entry) bool { return s.Kind == KindRecording && s.CRC32 == sum }
	if s := e.archive.starts[e.start-back]; s != nil && recording(s) {
		return s
	}
	return e.archive.first(sum, recording)
}

// first returns the first entry with that CRC32 that is wanted, or nil.
func (a *Archive) first(sum uint32, wanted func(*Entry) bool) *Entry {
	if i := slices.IndexFunc(a.sums[sum], wanted); i >= 0 {
		return a.sums[sum][i]
	}
	return nil
}

// withoutHeld returns files as the manifest has them: what is true of the content of
// those that have none of their own stands with the entry that holds it.
func withoutHeld(files []File) []File {
	files = slices.Clone(files)
	for i, f := range files {
		if f.SameAs != "" {
			files[i] = File{
				Name: f.Name, Kind: KindFile, Size: f.Size, Compressed: f.Compressed, CRC32: f.CRC32,
				Modified: f.Modified, Nanoseconds: f.Nanoseconds, Mode: f.Mode, HardLink: f.HardLink, Note: f.Note,
				Holes: f.Holes, Attributes: f.Attributes, Hidden: f.Hidden,
			}
		}
	}
	return files
}

// resolve finds the holders of the content of entries that have none. The error is
// one of reading.
func (a *Archive) resolve() error {
	a.starts, a.sums = map[int64]*Entry{}, map[uint32][]*Entry{}
	for _, e := range a.entries {
		if e.zip.Method != methodCopy {
			a.starts[e.start] = e
			a.sums[e.CRC32] = append(a.sums[e.CRC32], e)
		}
	}
	for _, e := range a.entries {
		if e.Err != nil || e.zip.Method != methodCopy {
			continue
		}
		holder, err := e.findHolder()
		if unreadable(err) {
			return err
		}
		if err == nil {
			err = e.adoptHolder(holder)
		}
		e.Err = err
	}
	return nil
}

var (
	errHolderLost = errors.New("the archive has lost the file whose content it has")
	errReference  = errors.New("what the archive says about whose content it has is damaged")
)

// findHolder finds the entry that holds the content of this one. Of what tells which
// that is, its place and some bytes of its SHA-256, one suffices, beside its size
// and ZIP's checksum.
func (e *Entry) findHolder() (*Entry, error) {
	identity, back, err := e.reference()
	if unreadable(err) {
		return nil, err
	}
	if err != nil {
		back = 0 // there is no such copy
	}
	if h := e.named(identity, back); h != nil {
		return h, nil
	}
	if e.archive.first(e.CRC32, e.isLike) != nil {
		return nil, errReference
	}
	return nil, errHolderLost
}

// isLike says whether an entry has a content like that of a copy.
func (e *Entry) isLike(h *Entry) bool {
	return (h.Kind == KindRecording || h.Kind == KindFile) && h.Size == e.Size && h.CRC32 == e.CRC32
}

// named returns the entry whose content a copy has that says this of it, or nil.
func (e *Entry) named(identity []byte, back int64) *Entry {
	if h := e.archive.starts[e.start-back]; h != nil && e.isLike(h) {
		return h
	}
	return e.archive.first(e.CRC32, func(h *Entry) bool {
		known := identityOf(h.File)
		return e.isLike(h) && (known == nil || bytes.Equal(known, identity))
	})
}

// reference reads what the entry says of the one that holds its content: some bytes
// of its SHA-256, and how many bytes before this one it begins.
func (e *Entry) reference() (identity []byte, back int64, err error) {
	stored, err := e.stored()
	if err != nil {
		return nil, 0, err
	}
	return referenceIn(stored)
}

// referenceIn is reference for these bytes.
func referenceIn(stored *io.SectionReader) (identity []byte, back int64, err error) {
	b, err := io.ReadAll(io.NewSectionReader(stored, 0, identitySize+binary.MaxVarintLen64))
	if err != nil {
		return nil, 0, err
	}
	identity = b[:min(len(b), identitySize)]
	distance, n := binary.Uvarint(b[len(identity):])
	if n <= 0 || distance > 1<<62 || int64(identitySize+n) != stored.Size() {
		return identity, 0, errReference
	}
	return identity, int64(distance), nil
}

// checkReference compares what the entry says of the one that holds its content with
// that. In an archive that has lost bytes, the distance may be another one.
func (e *Entry) checkReference() error {
	identity, back, err := e.reference()
	if unreadable(err) {
		return err
	}
	known := identityOf(e.holder.File)
	differs := known != nil && !bytes.Equal(known, identity)
	if err != nil || differs || e.archive.whole() && e.archive.starts[e.start-back] != e.holder {
		return fmt.Errorf("%w: %w; the content is that of %s", ErrData, errReference, e.holder.Name)
	}
	return nil
}

// adoptHolder has the content of the entry come from another one.
func (e *Entry) adoptHolder(holder *Entry) error {
	if holder.Err != nil {
		return fmt.Errorf("it has the content of %s: %w", holder.Name, holder.Err)
	}
	own := e.File
	e.File, e.holder = holder.File, holder
	e.Name, e.SameAs, e.HardLink, e.Note = own.Name, holder.Name, own.HardLink, own.Note
	e.File.Compressed, e.CRC32C, e.Mode = own.Compressed, own.CRC32C, own.Mode
	e.Modified, e.Nanoseconds = own.Modified, own.Nanoseconds
	e.Holes, e.Attributes, e.Hidden = own.Holes, own.Attributes, own.Hidden
	return nil
}

package archive

import (
	"encoding/binary"
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

// Start is where the entry of that name begins in the archive, which must have
// been committed: its offset in bytes. Other entries refer to it by that.
func (w *Writer) Start(name string) (start int64, ok bool) {
	at, ok := w.index[name]
	return at.start, ok
}

// Copy adds an entry whose content that of the name f.SameAs holds, which has been
// committed and holds it itself. The caller fills in f but for the name, the
// compressed size and its CRC-32C. Errors of the disk are WriteErrors.
func (w *Writer) Copy(name string, f File) (File, error) {
	start, ok := w.Start(f.SameAs)
	if holder, _ := w.File(f.SameAs); !ok || holder.SameAs != "" {
		return File{}, fmt.Errorf("%s holds no content that another file could have", f.SameAs)
	}
	e, err := w.Begin(name, f.Kind, f.Size)
	if err != nil {
		return File{}, err
	}
	if _, err := e.Write(binary.AppendUvarint(nil, uint64(start))); err != nil {
		return File{}, err
	}
	return e.Commit(methodCopy, f)
}

// At returns the entry that begins at an offset of the archive, in bytes, which is
// what other entries refer to it by, or nil if there is none.
func (a *Archive) At(start int64) *Entry {
	for _, e := range a.entries {
		if e.start == start {
			return e
		}
	}
	return nil
}

// Holder is the entry that holds the content of this one, or nil if it does itself.
func (e *Entry) Holder() *Entry { return e.holder }

// withoutHeld returns files as the manifest has them: what is true of the content of
// those that have none of their own stands with the entry that holds it.
func withoutHeld(files []File) []File {
	files = slices.Clone(files)
	for i, f := range files {
		if f.SameAs != "" {
			files[i] = File{
				Name: f.Name, Kind: KindFile, Size: f.Size, Compressed: f.Compressed, CRC32C: f.CRC32C, CRC32: f.CRC32,
				Modified: f.Modified, Nanoseconds: f.Nanoseconds, Mode: f.Mode, HardLink: f.HardLink, Note: f.Note,
			}
		}
	}
	return files
}

// resolve finds the holders of the content of entries that have none. The error is
// one of reading.
func (a *Archive) resolve() error {
	starts := map[int64]*Entry{}
	for _, e := range a.entries {
		if e.zip.Method != methodCopy {
			starts[e.start] = e
		}
	}
	for _, e := range a.entries {
		if e.Err != nil || e.zip.Method != methodCopy {
			continue
		}
		start, err := e.reference()
		if unreadable(err) {
			return err
		}
		holder := starts[start]
		if err != nil {
			holder = nil
		}
		e.Err = e.adoptHolder(holder)
	}
	return nil
}

// reference reads where the entry begins that holds the content of this one.
func (e *Entry) reference() (int64, error) {
	stored, err := e.stored()
	if err != nil {
		return 0, err
	}
	b, err := io.ReadAll(io.LimitReader(stored, binary.MaxVarintLen64))
	if err != nil {
		return 0, err
	}
	start, n := binary.Uvarint(b)
	if n <= 0 || start > 1<<62 || int64(n) != stored.Size() {
		return 0, errors.New("it does not say whose content it has")
	}
	return int64(start), nil
}

// adoptHolder has the content of the entry come from another one.
func (e *Entry) adoptHolder(holder *Entry) error {
	switch {
	case holder == nil || holder.Kind != KindRecording && holder.Kind != KindFile:
		return errors.New("the archive has lost the file whose content it has")
	case holder.Err != nil:
		return fmt.Errorf("it has the content of %s: %w", holder.Name, holder.Err)
	case e.Size != holder.Size, e.File.CRC32 != holder.File.CRC32:
		return fmt.Errorf("the archive contradicts itself: it has the content of %s, but another checksum", holder.Name)
	}
	own := e.File
	e.File, e.holder = holder.File, holder
	e.Name, e.SameAs, e.HardLink, e.Note = own.Name, holder.Name, own.HardLink, own.Note
	e.File.Compressed, e.CRC32C, e.Mode = own.Compressed, own.CRC32C, own.Mode
	e.Modified, e.Nanoseconds = own.Modified, own.Nanoseconds
	return nil
}

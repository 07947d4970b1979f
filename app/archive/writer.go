package archive

import (
	"archive/zip"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"slices"

	"trilobyte/app/disk"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// Writer makes an archive, entry by entry. It is not for concurrent use.
type Writer struct {
	part  *part
	path  string // the final name
	model [32]byte
	file  disk.File
	place *place
	zip   *zip.Writer
	names tree
	files []File
	// missing is what has been left out.
	missing []Missing
	index   map[string]indexed
	bundle  bundle    // that is not in the archive yet
	bundles []bundled // that are, in files
	sum     uint32    // CRC-32C of the local headers
	begun   bool      // what an interrupted run has left is kept or overwritten
	entry   bool      // an entry has begun and is neither committed nor aborted
}

// Create begins an archive that will be at path, whose recordings are coded with
// the model of that identity. Until it is published it has a temporary name in
// the same folder, which is the same one whenever the archive is begun: see
// Recover. The caller must call Publish, Discard or Leave.
//
// The error wraps fs.ErrExist if there is something at path, and ErrBusy if
// another Writer is making the archive at this moment.
func Create(d disk.FS, path string, model [32]byte) (*Writer, error) {
	return create(d, path, model, false)
}

// Replace begins an archive as Create does, which takes the place of what is at path
// when it is published, in one step.
func Replace(d disk.FS, path string, model [32]byte) (*Writer, error) {
	return create(d, path, model, true)
}

func create(d disk.FS, path string, model [32]byte, replace bool) (*Writer, error) {
	w := &Writer{path: path, model: model, names: tree{}, index: map[string]indexed{}}
	var err error
	if w.part, err = openPart(d, path, replace); err != nil {
		return nil, w.failed(err)
	}
	w.file = w.part.file
	w.place = &place{file: w.file}
	w.zip = zip.NewWriter(w.place)
	return w, nil
}

// Temp is where the archive is until it is published.
func (w *Writer) Temp() string { return w.part.path }

// CheckName returns why there cannot be an entry of that name and kind, beside
// those that are in the archive, or nil.
func (w *Writer) CheckName(name string, kind Kind) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return w.names.check(name, kind)
}

// Begin starts the next entry. name must pass CheckName, and size is that of
// the original. The entry's compressed bytes are to be written to the Entry,
// which is to be committed or aborted before the next one begins.
//
// Small recordings, and copies, share an entry of ZIP. They are in the journal until
// there are many of them, or another entry begins, or the archive is finished.
func (w *Writer) Begin(name string, kind Kind, size int64) (*EntryWriter, error) {
	return w.beginNext(name, kind, size, isBundled(kind, size))
}

func (w *Writer) beginNext(name string, kind Kind, size int64, bundled bool) (*EntryWriter, error) {
	if w.entry {
		return nil, errors.New("an entry begins before the last one has ended")
	}
	if err := w.CheckName(name, kind); err != nil {
		return nil, err
	}
	if err := w.Keep(nil); err != nil {
		return nil, err
	}
	if bundled {
		w.bundle.data = w.bundle.data[:w.bundle.size]
	} else if err := w.closeBundle(); err != nil {
		return nil, err
	}
	e := w.begin(name, kind, size)
	w.entry, e.bundled = true, bundled
	return e, nil
}

// next is where the next entry begins, or the one that has begun. What is in a bundle
// begins behind what is before it in there, as if the bundle had no index.
func (w *Writer) next() int64 { return w.place.offset + w.bundle.size }

func (w *Writer) begin(name string, kind Kind, size int64) *EntryWriter {
	zipName := name
	if kind == KindFolder {
		zipName += "/"
	}
	headerSize := localHeaderSize + len(zipName)
	if needsZip64(size) {
		headerSize += localZip64Size
	}
	start := w.place.offset + int64(headerSize)
	return &EntryWriter{w: w, name: name, kind: kind, size: size, start: start}
}

// EntryWriter takes the compressed bytes of an entry.
type EntryWriter struct {
	w       *Writer
	name    string
	kind    Kind
	size    int64
	start   int64 // where the compressed bytes begin
	written int64
	crc32c  uint32
	bundled bool
}

// WriteError says that the archive cannot be written.
type WriteError struct {
	Path string // of the archive
	Err  error
}

// Error implements error.
func (e *WriteError) Error() string { return fmt.Sprintf("writing %s: %v", e.Path, e.Err) }

// Unwrap returns the reason.
func (e *WriteError) Unwrap() error { return e.Err }

// Write implements io.Writer. Its errors are WriteErrors, or say that a small recording
// takes far more than its size.
func (e *EntryWriter) Write(p []byte) (n int, err error) {
	switch {
	case !e.bundled:
		if n, err = e.w.file.WriteAt(p, e.start+e.written); err != nil {
			err = e.w.failed(err)
		}
	case e.written+int64(len(p)) > mostOfMember:
		return 0, fmt.Errorf("%w: it takes more than a recording of %d bytes can", ErrData, e.size)
	default:
		e.w.bundle.data = append(e.w.bundle.data, p...)
		n = len(p)
	}
	e.crc32c = crc32.Update(e.crc32c, castagnoli, p[:n])
	e.written += int64(n)
	return n, err
}

// Commit completes the entry. method is how its bytes are compressed: Method,
// zip.Deflate or zip.Store. The caller fills in f except for the name, kind,
// sizes and CRC-32C, which Commit sets and returns. Errors are WriteErrors.
func (e *EntryWriter) Commit(method uint16, f File) (File, error) {
	w := e.w
	f.Name, f.Kind, f.Size, f.Compressed, f.CRC32C = e.name, e.kind, e.size, e.written, e.crc32c
	if e.bundled {
		return f, w.gather(f)
	}
	start, j := w.next(), journalEntry{Method: method, Files: []File{f}}
	if err := w.complete(j, f); err != nil {
		return File{}, w.failed(err)
	}
	w.note(f, start)
	w.enter(j, f)
	w.entry = false
	return f, nil
}

// complete writes what says that an entry is there.
func (w *Writer) complete(j journalEntry, f File) error {
	if err := w.commit(j.Method, f); err != nil {
		return err
	}
	return w.part.add(j)
}

// note adds an entry of the user, which begins at start, to what will be in the manifest.
func (w *Writer) note(f File, start int64) {
	w.names.add(f.Name, f.Kind)
	w.index[f.Name] = indexed{len(w.files), start}
	w.files = append(w.files, f)
}

// enter counts an entry of ZIP that is in the archive, with the last ones of files.
func (w *Writer) enter(j journalEntry, f File) {
	w.sum = crc32.Update(w.sum, castagnoli, localHeader(header(j.Method, f)))
	if j.Method == methodBundle {
		w.bundles = append(w.bundles, bundled{len(w.files) - len(j.Files), len(j.Files)})
	}
}

// Abort forgets the entry. What has been written of it is overwritten by the
// next entry.
func (e *EntryWriter) Abort() { e.w.entry = false }

// commit writes the local header in front of the entry's bytes.
func (w *Writer) commit(method uint16, f File) error {
	h := header(method, f)
	if needsZip64(f.Size) {
		// In local headers archive/zip leaves the block of sizes to its
		// caller, in the central directory it writes its own.
		h.Extra = localZip64(f.Size, f.Compressed)
		h.UncompressedSize64, h.CompressedSize64 = uint32Max, uint32Max
		defer func() {
			h.Extra = nil
			h.UncompressedSize64, h.CompressedSize64 = uint64(f.Size), uint64(f.Compressed)
			//lint:ignore SA1019 Close writes these to the directory if they suffice.
			h.UncompressedSize, h.CompressedSize = uint32(min(f.Size, uint32Max)), uint32(min(f.Compressed, uint32Max))
		}()
	}
	data, err := w.zip.CreateRaw(h)
	if err != nil {
		return err
	}
	if err := w.zip.Flush(); err != nil {
		return err
	}
	// The data is in its place: let archive/zip only count it.
	counting := w.place.counting
	w.place.counting = true
	defer func() { w.place.counting = counting }()
	block := make([]byte, min(f.Compressed, 1<<20))
	for left := f.Compressed; left > 0; {
		n, err := data.Write(block[:min(left, int64(len(block)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return w.zip.Flush()
}

// add writes a whole entry at once.
func (w *Writer) add(name string, method uint16, original, compressed []byte) error {
	e := w.begin(name, KindFile, int64(len(original)))
	if _, err := e.Write(compressed); err != nil {
		return err
	}
	f := File{
		Name: name, Kind: KindFile, Size: e.size, Compressed: e.written,
		Mode: 0o644, Modified: firstDOSTime, CRC32: crc32.ChecksumIEEE(original),
	}
	return w.commit(method, f)
}

func (w *Writer) failed(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err // which names the temporary file
	}
	return &WriteError{w.path, err}
}

// Size is the size of the archive in bytes, once it is finished.
func (w *Writer) Size() int64 { return w.place.offset }

// Files is what has been committed so far.
func (w *Writer) Files() []File { return w.files }

// Finish writes the model (its bytes, if they are below a thousandth of the
// archive, or the model is not known to every program that reads archives), the
// manifest and the central directory, and waits until all is on the disk.
// The archive can then be read at Temp.
//
// Errors are WriteErrors.
func (w *Writer) Finish(model []byte, known bool) error {
	if w.entry {
		return errors.New("the archive is finished before its last entry has ended")
	}
	if err := w.Keep(nil); err != nil {
		return err
	}
	if err := w.closeBundle(); err != nil {
		return err
	}
	if err := w.finish(model, known); err != nil {
		return w.failed(err)
	}
	return nil
}

func (w *Writer) finish(model []byte, known bool) error {
	start := w.place.offset
	if err := w.addModel(model, known); err != nil {
		return err
	}
	if err := w.addDeflated(manifestName, marshal(w.files, w.bundles, w.missing, w.model[:], w.sum)...); err != nil {
		return err
	}
	if err := w.seal(start); err != nil {
		return err
	}
	return w.file.Sync()
}

// addModel writes the model if it is small enough, or not known to every program
// that reads archives. It is of use only to recordings.
func (w *Writer) addModel(model []byte, known bool) error {
	audio := false
	for i := range w.files {
		audio = audio || w.files[i].Kind == KindRecording
	}
	const thousandth = 1000
	if !audio || len(model) == 0 || known && int64(len(model)) > w.place.offset/thousandth {
		return nil
	}
	return w.addDeflated(modelName, model)
}

// addDeflated adds an entry of the archive's own, in parts that are deflated apart.
func (w *Writer) addDeflated(name string, parts ...[]byte) error {
	packed, method, err := pack(parts...)
	if err != nil {
		return err
	}
	return w.add(name, method, slices.Concat(parts...), packed)
}

// seal writes the central directory, and the seal of all from start on.
func (w *Writer) seal(start int64) error {
	if err := w.zip.SetComment(sealComment([sha256.Size]byte{})); err != nil {
		return err
	}
	if err := w.zip.Close(); err != nil {
		return err
	}
	size := w.place.offset
	// An aborted entry may have left more behind.
	if err := w.file.Truncate(size); err != nil {
		return err
	}
	seal, err := sealOf(w.file, start, size)
	if err != nil {
		return err
	}
	_, err = w.file.WriteAt([]byte(seal), size-int64(len(seal)))
	return err
}

// Publish gives the finished archive its final name, unless something has
// taken that in the meantime and is not to be replaced: then it wraps fs.ErrExist. The archive is
// discarded if Publish fails, with one exception: if only the last step does,
// making sure that the name is on the disk, the archive is there and whole.
func (w *Writer) Publish() error {
	if err := w.part.publish(w.path); err != nil {
		return w.failed(err)
	}
	if err := w.part.disk.SyncDir(filepath.Dir(w.path)); err != nil {
		return &WriteError{w.path, fmt.Errorf("it is complete, but the disk does not confirm that its name will last: %w", err)}
	}
	return nil
}

// Discard removes the archive, which has not been published.
func (w *Writer) Discard() error { return w.part.discard() }

// Leave ends the work on the archive, which has not been published, so that
// another Writer can go on with it: see Recover.
func (w *Writer) Leave() error { return w.part.leave() }

// place is where archive/zip writes to: at offset of the file, or nowhere
// while it only counts.
type place struct {
	file     disk.File
	offset   int64
	counting bool
}

func (p *place) Write(b []byte) (int, error) {
	n := len(b)
	var err error
	if !p.counting {
		n, err = p.file.WriteAt(b, p.offset)
	}
	p.offset += int64(n)
	return n, err
}

package archive

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/flate"
)

// Compressed returns the compressed bytes of the entry's content, or as many as
// there are in a torn archive. The error wraps ErrData if its beginning is missing.
func (e *Entry) Compressed() (*io.SectionReader, error) {
	if e.holder != nil {
		return e.holder.Compressed()
	}
	compressed, err := e.stored()
	if err != nil {
		return nil, err
	}
	if _, start, _ := compressed.Outer(); start < 0 {
		return nil, fmt.Errorf("%w: its beginning is missing from the archive", ErrData)
	}
	return compressed, nil
}

// Reach returns the compressed bytes up to where the next entry begins, where that is
// elsewhere than it should be: this one may have lost bytes, or have too many.
func (e *Entry) Reach() (*io.SectionReader, error) {
	if e.holder != nil {
		return e.holder.Reach()
	}
	compressed, err := e.stored()
	room := e.room
	if e.bundle != nil {
		room = e.File.Compressed + e.shift()
	}
	if err != nil || room <= 0 {
		return compressed, err
	}
	_, start, _ := compressed.Outer()
	return io.NewSectionReader(e.archive.file, start, room), nil
}

// Method is how the bytes of the entry are compressed, as ZIP numbers it.
func (e *Entry) Method() uint16 { return e.zip.Method }

// stored returns what is behind the local header of the entry.
func (e *Entry) stored() (*io.SectionReader, error) {
	if e.bundle != nil {
		return e.storedInBundle()
	}
	size := int64(e.zip.CompressedSize64)
	if e.located {
		start := e.start + int64(len(localHeader(&e.zip.FileHeader)))
		return io.NewSectionReader(e.archive.file, start, max(0, min(size, e.archive.size-start))), nil
	}
	if size < 0 || size > e.archive.size {
		return nil, errors.New("the archive's table of contents has an impossible size for it")
	}
	header := localHeader(&e.zip.FileHeader)
	start := e.start + int64(len(header))
	// Where the archive's end is damaged, ZIP's offsets may be wrong, and where bytes are lost or too many
	// before it, so is what follows from the sizes.
	if there := make([]byte, len(header)); !e.archive.sealed {
		n, err := e.archive.file.ReadAt(there, e.start)
		if err != nil && err != io.EOF {
			return nil, err
		}
		if bytes.Equal(there[:n], header) {
			return io.NewSectionReader(e.archive.file, start, size), nil
		}
		if start, err = e.zip.DataOffset(); err != nil {
			return nil, fmt.Errorf("the archive's table of contents leads to a wrong place: %w", err)
		}
	}
	return io.NewSectionReader(e.archive.file, start, size), nil
}

// Content returns the original bytes of an entry that is not a recording. The
// reader yields an error rather than more than Size bytes; that there are as
// many, and the right ones, is for the caller to check.
func (e *Entry) Content() (io.Reader, error) {
	if e.holder != nil {
		return e.holder.Content()
	}
	if e.Kind == KindFolder {
		return bytes.NewReader(nil), nil
	}
	compressed, err := e.Compressed()
	if err != nil {
		return nil, err
	}
	switch e.zip.Method {
	case zip.Store:
		return compressed, nil
	case zip.Deflate:
		return &limited{r: flate.NewReader(compressed), left: e.Size}, nil
	}
	return nil, fmt.Errorf("it is compressed with ZIP method %d, which this program does not know", e.zip.Method)
}

// limited fails where there is more to read than there may be.
type limited struct {
	r    io.Reader
	left int64
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.r.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, errors.New("it is larger than the archive says")
	}
	return n, err
}

// ErrData says that the compressed bytes of an entry are damaged.
var ErrData = errors.New("its compressed data is damaged")

// Check compares everything in the archive about the entry that does not need
// decoding: its local header, its compressed bytes (of which the error wraps
// ErrData), and the ZIP directory with the manifest. If another entry holds its
// content, that one is not checked.
func (e *Entry) Check(ctx context.Context) error {
	if e.Err != nil {
		return e.Err
	}
	compressed, err := e.stored()
	if err != nil {
		return err
	}
	if err := e.checkHeader(); err != nil {
		return err
	}
	if have := compressed.Size(); have < int64(e.zip.CompressedSize64) {
		return fmt.Errorf("%w: the archive ends after %d of its %d compressed bytes", ErrData, have, e.zip.CompressedSize64)
	}
	if e.holder != nil {
		return e.checkReference()
	}
	if !e.listed || e.Kind != KindFile {
		return nil // its bytes are under other checks, of what they decode to
	}
	sum, err := checksum(ctx, compressed)
	if err != nil {
		return err
	}
	if sum != e.CRC32C {
		_, start, size := compressed.Outer()
		return fmt.Errorf("%w (between byte %d and %d of the archive)", ErrData, start, start+size)
	}
	return nil
}

// checkHeader compares the local header of the entry with the table of contents. Of a
// bundle, it is that of its first member, and so is the index.
func (e *Entry) checkHeader() error {
	if e.bundle != nil {
		if e.start != e.bundle.start {
			return nil
		}
		if err := e.bundle.checkHeader(); err != nil {
			return err
		}
		return e.bundle.checkIndex(e)
	}
	stored, err := e.stored()
	if err != nil {
		return err
	}
	want := localHeader(&e.zip.FileHeader)
	_, start, _ := stored.Outer()
	start -= int64(len(want))
	got := make([]byte, len(want))
	if start < 0 {
		return errors.New("its ZIP header is damaged")
	}
	if _, err := e.archive.file.ReadAt(got, start); err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("its ZIP header is damaged (at byte %d of the archive)", start)
	}
	return nil
}

// checksum returns the CRC-32C of what r has.
func checksum(ctx context.Context, r *io.SectionReader) (uint32, error) {
	sum := uint32(0)
	buffer := make([]byte, min(256<<10, r.Size()+1))
	for {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := r.Read(buffer)
		sum = crc32.Update(sum, castagnoli, buffer[:n])
		if err == io.EOF {
			return sum, nil
		}
		if err != nil {
			return 0, err
		}
	}
}

package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// local is a local header that was found without the table of contents.
type local struct {
	zip.FileHeader
	start int64
}

// end is where the entry ends, if all of it is there.
func (l *local) end() int64 {
	return l.start + int64(len(localHeader(&l.FileHeader))) + int64(l.CompressedSize64)
}

// findEntries finds the entries of an archive whose table of contents archive/zip
// cannot read, for the given reason: a torn archive.
func (a *Archive) findEntries(reason error) (manifestFile *zip.File, err error) {
	if err := a.walk(); err != nil {
		return nil, err
	}
	z := &zip.Reader{}
	entries := 0
	starts := map[*zip.File]int64{}
	for i := range a.found {
		f := &zip.File{FileHeader: a.found[i].FileHeader}
		z.File = append(z.File, f)
		starts[f] = a.found[i].start
		if !strings.HasPrefix(a.found[i].Name, reservedFolder+"/") {
			entries++
		}
	}
	if manifestFile, err = a.sort(z); err != nil {
		return nil, a.explain(reason)
	}
	for _, e := range slices.Concat(a.entries, a.own) {
		e.start, e.located = starts[e.zip], true
	}
	a.damage = append(a.damage, fmt.Errorf("its end, with the table of contents, is missing or damaged: was it copied completely? %d of its entries were found without it", entries))
	return manifestFile, nil
}

// findManifest finds the manifest of an archive whose table of contents has
// lost it.
func (a *Archive) findManifest() (*zip.File, error) {
	if err := a.walk(); err != nil {
		return nil, err
	}
	for i := range a.found {
		l := &a.found[i]
		if l.Name != manifestName {
			continue
		}
		f := &zip.File{FileHeader: l.FileHeader}
		a.own = append(a.own, &Entry{File: fromDirectory(f), zip: f, archive: a, start: l.start, located: true})
		return f, nil
	}
	return nil, nil
}

// spot is where an entry must be if the archive is as it was written.
type spot struct {
	start int64
	file  *File
}

// layOutManifest finds the spots of what the manifest lists. It ends where an
// entry cannot be in the archive.
func (a *Archive) layOutManifest() {
	a.places = map[string]spot{}
	offset := int64(0)
	for i := range a.manifest.Files {
		f := &a.manifest.Files[i]
		size := int64(len(localHeader(header(methodOf(f), *f))))
		if f.Compressed < 0 || f.Compressed > a.size || offset > a.size-size {
			return
		}
		a.places[f.Name] = spot{offset, f}
		offset += size + f.Compressed
	}
}

// locate puts an entry that the manifest lists at its spot. ok says whether it
// has one, and exact whether its local header stands there.
func (a *Archive) locate(e *Entry) (ok, exact bool, err error) {
	if a.places == nil {
		a.layOutManifest()
	}
	s, ok := a.places[e.Name]
	if !ok {
		return false, false, nil
	}
	h := header(methodOf(s.file), *s.file)
	b := make([]byte, len(localHeader(h)))
	if _, err := a.file.ReadAt(b, s.start); err != nil && err != io.EOF {
		return false, false, err
	}
	// Files are stored or deflated, which the manifest does not say.
	if m := binary.LittleEndian.Uint16(b[8:]); s.file.Kind == KindFile && (m == zip.Store || m == zip.Deflate) {
		h.Method = m
	}
	e.zip, e.start, e.located = &zip.File{FileHeader: *h}, s.start, true
	e.File, e.listed = *s.file, true
	e.Mode = s.file.Mode.Perm()
	return true, bytes.Equal(b, localHeader(h)), nil
}

// prefer takes the word of the manifest about where an entry is, and what it
// is, if the seal of the table of contents is broken and what the manifest says
// is true, or the table's word cannot be.
func (a *Archive) prefer(e *Entry, f *File) error {
	if a.sealed {
		return nil
	}
	better := *e
	ok, exact, err := a.locate(&better)
	if ok && (exact || e.Err != nil || e.located) {
		*e = better
		e.Err = possible(f)
	}
	return err
}

// methodOf guesses how an entry is compressed.
func methodOf(f *File) uint16 {
	switch {
	case f.Kind == KindRecording:
		return Method
	case f.Kind == KindFile && f.Compressed < f.Size:
		return zip.Deflate
	}
	return zip.Store
}

// walk finds the local headers, from the archive's first byte on. Where there
// is none, because it is damaged, it goes on with the next sound one.
func (a *Archive) walk() error {
	a.found = []local{}
	offset := int64(0)
	for offset < a.size {
		l, err := a.localAt(offset)
		if err == nil && l == nil {
			offset, err = a.nextLocal(offset + 1)
			if offset < 0 {
				return err
			}
			continue
		}
		if err != nil {
			return err
		}
		a.found = append(a.found, *l)
		offset = l.end()
	}
	return nil
}

// localAt reads the local header at an offset. It returns nil if there is none
// that this package writes.
func (a *Archive) localAt(offset int64) (*local, error) {
	b := make([]byte, localHeaderSize)
	if _, err := a.file.ReadAt(b, offset); err != nil {
		return nil, eof(err)
	}
	if !isLocal(b) {
		return nil, nil
	}
	nameSize := int(binary.LittleEndian.Uint16(b[26:]))
	rest := make([]byte, nameSize+int(binary.LittleEndian.Uint16(b[28:])))
	if _, err := a.file.ReadAt(rest, offset+localHeaderSize); err != nil {
		return nil, eof(err)
	}
	l := &local{start: offset}
	l.Name = string(rest[:nameSize])
	l.Extra = rest[nameSize : nameSize+timestampSize]
	if binary.LittleEndian.Uint16(l.Extra) != timestampID {
		return nil, nil
	}
	l.ReaderVersion = binary.LittleEndian.Uint16(b[4:])
	l.Flags = binary.LittleEndian.Uint16(b[6:])
	l.Method = binary.LittleEndian.Uint16(b[8:])
	l.ModifiedTime, l.ModifiedDate = binary.LittleEndian.Uint16(b[10:]), binary.LittleEndian.Uint16(b[12:])
	l.Modified = time.Unix(int64(int32(binary.LittleEndian.Uint32(l.Extra[5:]))), 0)
	l.CRC32 = binary.LittleEndian.Uint32(b[14:])
	l.CompressedSize64 = uint64(binary.LittleEndian.Uint32(b[18:]))
	l.UncompressedSize64 = uint64(binary.LittleEndian.Uint32(b[22:]))
	const mode = 0o644 // local headers have none
	l.SetMode(mode)
	if large := rest[nameSize+timestampSize:]; len(large) == localZip64Size {
		l.UncompressedSize64 = binary.LittleEndian.Uint64(large[4:])
		l.CompressedSize64 = binary.LittleEndian.Uint64(large[12:])
	}
	const limit = 1 << 62
	if l.UncompressedSize64 > limit || l.CompressedSize64 > limit {
		return nil, nil
	}
	// All of it must be what this package writes.
	if !bytes.Equal(localHeader(&l.FileHeader), append(b, rest...)) {
		return nil, nil
	}
	return l, nil
}

// eof turns the end of the archive into nothing found.
func eof(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// isLocal says whether the first bytes of a local header are as this package
// writes them.
func isLocal(b []byte) bool {
	version, flags, method := binary.LittleEndian.Uint16(b[4:]), binary.LittleEndian.Uint16(b[6:]), binary.LittleEndian.Uint16(b[8:])
	extra := binary.LittleEndian.Uint16(b[28:])
	return binary.LittleEndian.Uint32(b) == localHeaderSignature &&
		(version == versionNeeded || version == versionNeededZip64) &&
		(flags == 0 || flags == flagUTF8) &&
		(method == zip.Store || method == zip.Deflate || method == Method) &&
		(extra == timestampSize || extra == timestampSize+localZip64Size) &&
		binary.LittleEndian.Uint16(b[26:]) > 0
}

// nextLocal finds the first local header from an offset on, or returns -1.
func (a *Archive) nextLocal(offset int64) (int64, error) {
	signature := binary.LittleEndian.AppendUint32(nil, localHeaderSignature)
	buffer := make([]byte, 1<<20)
	for offset < a.size {
		n, err := a.file.ReadAt(buffer, offset)
		if err != nil && err != io.EOF {
			return -1, err
		}
		for at := 0; ; at++ {
			i := bytes.Index(buffer[at:n], signature)
			if i < 0 || at+i+localHeaderSize > n {
				break
			}
			at += i
			if !isLocal(buffer[at:]) {
				continue
			}
			if l, err := a.localAt(offset + int64(at)); err != nil || l != nil {
				return offset + int64(at), err
			}
		}
		if n < len(buffer) {
			break
		}
		offset += int64(n - localHeaderSize) // one may lie across the border
	}
	return -1, nil
}

package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// local is a local header that was found without the table of contents.
type local struct {
	zip.FileHeader
	start int64
}

// content is where its compressed bytes begin.
func (l *local) content() int64 { return l.start + int64(len(localHeader(&l.FileHeader))) }

// end is where the entry ends, if all of it is there.
func (l *local) end() int64 { return l.content() + int64(l.CompressedSize64) }

// findEntries finds the entries of an archive whose table of contents archive/zip
// cannot read, for the given reason: a torn archive.
func (a *Archive) findEntries(reason error) (manifestFile *zip.File, err error) {
	if err := a.walk(); err != nil {
		return nil, err
	}
	a.torn = true
	z := &zip.Reader{}
	starts := map[*zip.File]int64{}
	for i := range a.found {
		f := &zip.File{FileHeader: a.found[i].FileHeader}
		z.File = append(z.File, f)
		starts[f] = a.found[i].start
	}
	if manifestFile, err = a.sort(z); err != nil {
		return nil, a.explain(reason)
	}
	for _, e := range slices.Concat(a.entries, a.own) {
		e.start, e.located = starts[e.zip], true
	}
	return manifestFile, nil
}

// findManifest finds the manifest of an archive whose table of contents has
// lost it.
func (a *Archive) findManifest() (*zip.File, error) {
	if err := a.walk(); err != nil {
		return nil, err
	}
	for i := len(a.found) - 1; i >= 0; i-- { // others may lie in files that are archives
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

// match puts what the manifest says into the entries. reason says why that cannot
// be done; err is an error of reading.
func (a *Archive) match() (reason, err error) {
	if a.sealed {
		var lost []error
		a.entries, lost, err = a.expand(a.entries)
		a.damage = append(a.damage, lost...)
		return a.adopt(a.entries), err
	}
	if a.found == nil {
		if err := a.walk(); err != nil {
			return nil, err
		}
	}
	var found []*Entry
	sum := uint32(0)
	for i := range a.found {
		l := &a.found[i]
		if isOwn(l.Name) {
			continue
		}
		f := &zip.File{FileHeader: l.FileHeader}
		found = append(found, &Entry{File: fromDirectory(f), zip: f, archive: a, start: l.start, located: true})
		sum = crc32.Update(sum, castagnoli, localHeader(&l.FileHeader))
	}
	inZIP := len(found)
	a.giveRoom(found)
	if found, _, err = a.expand(found); err != nil {
		return nil, err
	}
	if sum == a.manifest.headers && a.manifest.count == int64(len(found)) {
		// The local headers are all sound, whatever the table of contents says.
		reason = a.adopt(found)
		if len(a.entries) > inZIP {
			found = append(found, a.unknown(found)...)
		}
		a.entries = found
		return reason, nil
	}
	if !a.torn {
		a.place()
	}
	var lost []error
	if a.entries, lost, err = a.expand(a.entries); err != nil {
		return nil, err
	}
	a.damage = append(a.damage, lost...)
	if a.torn && a.manifest.count > int64(len(a.entries)) {
		return a.adoptAround(), nil
	}
	reason = a.adopt(a.entries)
	a.contradict(found)
	return reason, nil
}

// giveRoom has entries reach up to the next local header, all of which are found.
func (a *Archive) giveRoom(entries []*Entry) {
	next := map[int64]int64{}
	for i := 1; i < len(a.found); i++ {
		next[a.found[i-1].start] = a.found[i].start
	}
	for _, e := range entries {
		e.room = next[e.start] - e.start - int64(len(localHeader(&e.zip.FileHeader)))
	}
}

// adopt takes over what the manifest says of these entries, which are all. An
// entry may be nil, if it is lost.
func (a *Archive) adopt(entries []*Entry) error {
	files := make([]*File, len(entries))
	for i, e := range entries {
		files[i] = &File{}
		if e != nil {
			*files[i] = e.File
		}
	}
	if err := a.manifest.complete(files); err != nil {
		return err
	}
	for i, e := range entries {
		if e != nil {
			e.File, e.listed = *files[i], true
		}
	}
	return nil
}

// adoptAround is adopt for an archive that has lost the table of contents and
// some local headers: what comes before the first and after the last of these is
// known by its number.
func (a *Archive) adoptAround() error {
	count, end := len(a.entries), int64(0)
	lost := int(a.manifest.count) - count
	a.damage = append(a.damage, fmt.Errorf("%d of its files are lost: their ZIP headers are damaged", lost))
	if a.manifest.count > a.size/leastEntry {
		return errors.New("of an impossible number of files")
	}
	all := make([]*Entry, a.manifest.count)
	first := 0
	for ; first < count && a.entries[first].start == end; first++ {
		all[first] = a.entries[first]
		end = a.entries[first].end()
	}
	last := len(a.own) - 1
	if end = a.own[last].start; last > 0 && a.own[last-1].end() == end {
		end = a.own[last-1].start
	}
	for i := count - 1; i >= first && a.entries[i].end() == end; i-- {
		all[lost+i] = a.entries[i]
		end = a.entries[i].start
	}
	return a.adopt(all)
}

// end is where the entry ends.
func (e *Entry) end() int64 {
	if e.bundle != nil && e.tail > e.File.Compressed {
		return e.start + e.File.Compressed
	}
	if e.bundle != nil {
		return e.bundle.end()
	}
	return e.start + int64(len(localHeader(&e.zip.FileHeader))) + int64(e.zip.CompressedSize64)
}

// unknown returns the entries of the table of contents that are not among those
// that the manifest is of.
func (a *Archive) unknown(known []*Entry) []*Entry {
	names, own := map[string]bool{}, map[int64]bool{}
	for _, e := range known {
		names[e.Name] = true
	}
	for i := range a.found {
		own[a.found[i].content()] = isOwn(a.found[i].Name) || a.found[i].Method == methodBundle
	}
	var unknown []*Entry
	for _, e := range a.entries {
		place, err := e.zip.DataOffset()
		if !names[e.Name] && (err != nil || !own[place]) { // it may be the manifest, under a damaged name
			e.Err = errors.New("the archive's manifest does not know it: Trilobyte has not put it there")
			unknown = append(unknown, e)
		}
	}
	return unknown
}

// locate finds the entries of an archive whose table of contents is sound, and begins
// so many bytes behind where it should.
func (a *Archive) locate(shift int64) error {
	if err := a.walk(); err != nil {
		return err
	}
	damage := fmt.Errorf("bytes that do not belong there (%d) stand before its files, between them, or in one", shift)
	if shift < 0 {
		damage = fmt.Errorf("bytes are missing (%d) before its files, between them, or in one", -shift)
	}
	a.damage = append(a.damage, damage)
	at, next := a.foundAt(), int64(0)
	for _, e := range slices.Backward(slices.Concat(a.entries, a.own)) {
		// One whose header is damaged is as far away as the next one.
		header := localHeader(&e.zip.FileHeader)
		start, found := at[string(header)]
		if found {
			shift = start - e.start
		}
		e.start, e.located = e.start+shift, true
		if e.room, next = next-e.start-int64(len(header)), 0; found {
			next = e.start
		}
	}
	return nil
}

// place has the entries of a damaged table of contents begin where their local headers
// were found.
func (a *Archive) place() {
	at := a.foundAt()
	for _, e := range a.entries {
		if start, ok := at[string(localHeader(&e.zip.FileHeader))]; ok {
			e.start, e.located = start, true
		}
	}
}

// foundAt is where the local headers begin that were found, by their bytes.
func (a *Archive) foundAt() map[string]int64 {
	at := map[string]int64{}
	for i := range a.found {
		at[string(localHeader(&a.found[i].FileHeader))] = a.found[i].start
	}
	return at
}

// contradict marks the entries of the table of contents that have other names
// than their local headers say, if both are damaged somewhere.
func (a *Archive) contradict(found []*Entry) {
	names := map[int64]string{}
	for _, e := range found {
		names[e.start] = e.Name
	}
	for _, e := range a.entries {
		if name, ok := names[e.start]; ok && name != e.Name {
			e.Err = fmt.Errorf("the archive contradicts itself: it is this file, or %s", name)
		}
	}
}

// walk finds the local headers, from the archive's first byte on. Where there
// is none, because it is damaged, or because the entry before has lost bytes or has
// too many, it goes on with the next sound one behind the last header.
func (a *Archive) walk() error {
	a.found = []local{}
	offset, from := int64(0), int64(0)
	for {
		l, err := a.localAt(offset)
		if err == nil && l == nil && !a.endsAt(offset) {
			if offset, err = a.nextLocal(from); offset >= 0 && err == nil {
				l, err = a.localAt(offset)
			}
		}
		if l == nil || err != nil {
			return err
		}
		a.found = append(a.found, *l)
		offset, from = l.end(), l.content()
	}
}

// endsAt says whether the table of contents begins there, or nothing.
func (a *Archive) endsAt(offset int64) bool {
	b := make([]byte, 4)
	n, err := a.file.ReadAt(b, offset)
	return n == 0 && err == io.EOF && offset == a.size || n == len(b) && binary.LittleEndian.Uint32(b) == directorySignature
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
	l.ReaderVersion = binary.LittleEndian.Uint16(b[4:])
	l.Flags = binary.LittleEndian.Uint16(b[6:])
	l.Method = binary.LittleEndian.Uint16(b[8:])
	l.ModifiedTime, l.ModifiedDate = binary.LittleEndian.Uint16(b[10:]), binary.LittleEndian.Uint16(b[12:])
	l.Modified = time.Unix(dosSeconds(l.ModifiedDate, l.ModifiedTime), 0)
	l.CRC32 = binary.LittleEndian.Uint32(b[14:])
	l.CompressedSize64 = uint64(binary.LittleEndian.Uint32(b[18:]))
	l.UncompressedSize64 = uint64(binary.LittleEndian.Uint32(b[22:]))
	l.SetMode(0o644) // local headers have none
	if strings.HasSuffix(l.Name, "/") {
		l.SetMode(fs.ModeDir | 0o755)
	}
	if large := rest[nameSize:]; len(large) == localZip64Size {
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
		(method == zip.Store || method == zip.Deflate || method == Method || method == methodCopy || method == methodBundle) &&
		(extra == 0 || extra == localZip64Size) &&
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

package archive

import (
	"archive/zip"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"trilobyte/codec/stream"
)

// memberColumns are the columns of the manifest with what ZIP says of other entries, in
// their order. They have something of the members of bundles only.
var memberColumns = []column{
	{33, "name", fronted{
		func(f *File) string { return f.Name }, func(f *File, text string) { f.Name = text },
	}},
	{34, "copy", numbers{
		func(f, _ *File) int64 {
			if f.SameAs != "" {
				return 1
			}
			return 0
		},
		func(f, _ *File, n int64) {
			if f.Kind = KindRecording; n == 1 {
				f.Kind = KindFile // of what kind is known later
			}
		},
	}},
	{35, "compressed", numbers{
		func(f, _ *File) int64 { return f.Compressed }, func(f, _ *File, n int64) { f.Compressed = n },
	}},
	{36, "size", numbers{
		func(f, _ *File) int64 { return f.Size }, func(f, _ *File, n int64) { f.Size = n },
	}},
	{37, "crc32", numbers{
		func(f, _ *File) int64 { return int64(int32(f.CRC32)) }, func(f, _ *File, n int64) { f.CRC32 = uint32(n) },
	}},
	{38, "time", numbers{
		func(f, before *File) int64 {
			return dosSeconds(dosTime(f.Modified)) - dosSeconds(dosTime(before.Modified))
		},
		func(f, before *File, n int64) { f.Modified = dosSeconds(dosTime(before.Modified)) + n },
	}},
}

// indexColumns are those of the index of a bundle: but for times, which may become
// others before an archive is finished, and would change its size.
func indexColumns() []column { return memberColumns[:len(memberColumns)-1] }

// parseMembers reads the columns of so many members.
func parseMembers(count int, columns []column, found map[protowire.Number][]byte) ([]File, error) {
	files, at := make([]File, count), make([]*File, count)
	for i := range files {
		at[i] = &files[i]
	}
	if err := parseColumns(columns, found, at, nil); err != nil {
		return nil, err
	}
	for _, f := range files {
		if f.Size < 0 || f.Size > mostBytes || f.Compressed < 0 || f.Compressed > mostBytes/mostMembers {
			return nil, errors.New("it has an impossible size")
		}
	}
	return files, nil
}

// leastEntry is how many bytes an entry has at least: a copy in a bundle.
const leastEntry = identitySize + 1

// mostBytes is more than any entry has.
const mostBytes = 1 << 62

// readMembers reads what the manifest says of the members of bundles, in an archive of
// so many bytes.
func (m *manifest) readMembers(archiveSize int64) error {
	total := int64(0)
	for _, count := range m.bundles {
		total += int64(count)
	}
	if total > m.count || total > archiveSize/leastEntry {
		return errors.New("it has too many files in bundles")
	}
	files, err := parseMembers(int(total), memberColumns, m.columns)
	if err != nil {
		return err
	}
	for _, count := range m.bundles {
		m.members = append(m.members, files[:count])
		files = files[count:]
	}
	return nil
}

// expand returns entries with the members of bundles in their places. What is said of
// bundles that are lost is in lost; err is an error of reading.
func (a *Archive) expand(entries []*Entry) (all []*Entry, lost []error, err error) {
	for _, e := range entries {
		if e.zip.Method != methodBundle {
			all = append(all, e)
			continue
		}
		files := a.listed(e)
		if files == nil {
			files, err = e.readIndex()
			if err == nil && !e.fits(files) {
				err = errIndex
			}
		}
		if unreadable(err) {
			return nil, nil, fmt.Errorf("reading %s: %w", e.Name, err)
		}
		if err != nil {
			lost = append(lost, fmt.Errorf("the small recordings in %s are lost: %w", e.Name, err))
			err = nil
			continue
		}
		all = append(all, e.members(files)...)
	}
	return all, lost, nil
}

// listed returns the members of a bundle as the manifest has them, or nil if that has
// none that could be those.
func (a *Archive) listed(e *Entry) []File {
	number, ok := strings.CutPrefix(e.Name, bundleFolder)
	n, err := strconv.Atoi(number)
	if a.manifest == nil || !ok || err != nil || n < 1 || n > len(a.manifest.members) {
		return nil
	}
	files := a.manifest.members[n-1]
	original := int64(0)
	for _, f := range files {
		if original += f.Size; original > mostBytes {
			return nil
		}
	}
	if original != e.Size || !e.fits(files) {
		return nil
	}
	return files
}

// fits says whether a bundle has room for its members.
func (e *Entry) fits(files []File) bool {
	left := int64(e.zip.CompressedSize64)
	for _, f := range files {
		left -= f.Compressed
	}
	return left >= 0 && len(files) > 0
}

// members returns the entries of a bundle.
func (e *Entry) members(files []File) []*Entry {
	tail := int64(0)
	for _, f := range files {
		tail += f.Compressed
	}
	all, start := make([]*Entry, len(files)), e.start
	for i, f := range files {
		f.Mode = e.Mode
		method := Method
		if f.Kind != KindRecording {
			method = methodCopy
		}
		all[i] = &Entry{
			File: f, zip: &zip.File{FileHeader: *header(method, f)}, archive: e.archive,
			start: start, located: e.located, bundle: e, tail: tail,
		}
		start += f.Compressed
		tail -= f.Compressed
	}
	return all
}

// storedInBundle is stored for a member of a bundle. If that has lost bytes, or has too
// many, what is before them is as far from its beginning as it should be, and what is
// behind them, from its end.
func (e *Entry) storedInBundle() (*io.SectionReader, error) {
	all, err := e.bundle.stored()
	if err != nil {
		return nil, err
	}
	_, start, have := all.Outer()
	from := int64(e.bundle.zip.CompressedSize64) - e.tail
	stored := io.NewSectionReader(e.archive.file, start+from, max(0, min(e.File.Compressed, have-from)))
	if shift := e.shift(); shift != 0 && !e.isAt(stored) {
		other := io.NewSectionReader(e.archive.file, start+from+shift, e.File.Compressed)
		if e.isAt(other) {
			return other, nil
		}
	}
	return stored, nil
}

// shift is how many bytes too many the bundle has, that a member is in.
func (e *Entry) shift() int64 {
	if e.bundle.room <= 0 {
		return 0
	}
	return e.bundle.room - int64(e.bundle.zip.CompressedSize64)
}

// isAt says whether the member of a bundle begins as it should in these bytes.
func (e *Entry) isAt(stored *io.SectionReader) bool {
	if e.zip.Method == methodCopy {
		identity, back, err := referenceIn(stored)
		return err == nil && e.named(identity, back) != nil
	}
	var damage *stream.DamageError
	_, err := stream.ReadHeader(stored, stored.Size())
	return !errors.As(err, &damage)
}

// checkIndex compares what is before the first member of a bundle with its checksum.
func (e *Entry) checkIndex(first *Entry) error {
	stored, err := e.stored()
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.NewSectionReader(stored, 0, int64(e.zip.CompressedSize64)-first.tail)); err != nil {
		return err
	}
	if sum.Sum32() != e.CRC32 {
		_, start, _ := stored.Outer()
		return fmt.Errorf("%w (from byte %d of the archive on)", errIndex, start)
	}
	return nil
}

// fronted is a column of texts that often begin like the one before: how many bytes, at
// most 255, each has in common with it, and then the rest of them as texts.
type fronted struct {
	get func(f *File) string
	set func(f *File, text string)
}

func (c fronted) marshal(files []File, _ []format) [][]byte {
	const most = 255
	var common, rest []byte
	before := ""
	for i := range files {
		text, n := c.get(&files[i]), 0
		for n < min(len(text), len(before), most) && text[n] == before[n] {
			n++
		}
		common = append(common, byte(n))
		rest = append(append(rest, text[n:]...), 0)
		before = text
	}
	return slices.DeleteFunc([][]byte{common, rest}, func(b []byte) bool { return len(b) == 0 })
}

func (c fronted) parse(b []byte, files []*File, formats []format) error {
	if len(b) < len(files) {
		return errors.New("it ends too early")
	}
	common, rest := b[:len(files)], b[len(files):]
	before, i := "", 0
	var err error
	set := func(f *File, text string) {
		if int(common[i]) > len(before) || len(text) > maxNameLength {
			err = errors.New("it has an impossible text")
			return
		}
		before = before[:common[i]] + text
		i++
		c.set(f, before)
	}
	if e := (texts{set: set}).parse(rest, files, formats); e != nil {
		return e
	}
	return err
}

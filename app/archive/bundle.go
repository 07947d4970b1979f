package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/klauspost/compress/flate"
	"google.golang.org/protobuf/encoding/protowire"
)

// What of the user's entries takes little room, and no other program could take out of
// the archive, shares an entry of ZIP with what stands beside it: a bundle. ZIP's headers
// would be a good part of it.
const (
	bundleFolder = reservedFolder + "/bundle/"

	// fullBundle is how many bytes of its members end a bundle: little is lost with
	// one, and a Writer has it in memory.
	fullBundle = 256 << 10
	// mostMembers end it, too.
	mostMembers = 1 << 10
	// mostOfMember is more bytes than any member has.
	mostOfMember = 2 * smallRecording
	// mostIndex is more bytes than the index of so many members has.
	mostIndex = mostMembers * (maxNameLength + 64)
)

// isBundled says whether an entry of that kind, with so many original bytes, is one
// that a bundle may have.
func isBundled(kind Kind, size int64) bool { return kind == KindRecording && size < smallRecording }

// bundle is the members of one, as a Writer gathers them.
type bundle struct {
	files []File
	size  int64  // of the compressed bytes of files
	data  []byte // these bytes, and those of the entry that has begun
}

// add adds the entry that has begun.
func (b *bundle) add(f File) {
	b.files = append(b.files, f)
	b.size += f.Compressed
}

// full says whether the bundle takes no more.
func (b *bundle) full() bool { return b.size >= fullBundle || len(b.files) >= mostMembers }

// memberMethod is how a member of a bundle is compressed.
func memberMethod(f File) uint16 {
	if f.SameAs != "" {
		return methodCopy
	}
	return Method
}

// line returns what a journal says of the entry of ZIP that has these files, which is
// no bundle if there is one only.
func (b *bundle) line() journalEntry {
	if len(b.files) == 1 {
		return journalEntry{Method: memberMethod(b.files[0]), Files: b.files}
	}
	return journalEntry{Method: methodBundle, Files: b.files}
}

// open returns the last lines of a journal, of members that are not in the archive yet,
// where their bundle will begin.
func (b *bundle) open(at int64) (lines []journalEntry) {
	data := b.data
	for _, f := range b.files {
		lines = append(lines, openLine(f, data[:f.Compressed], at))
		data = data[f.Compressed:]
	}
	return lines
}

func openLine(f File, data []byte, at int64) journalEntry {
	return journalEntry{Method: memberMethod(f), Files: []File{f}, Data: data, At: at}
}

// entry returns the entry of ZIP that a line of a journal is of, and what precedes
// the compressed bytes of its files in it. If it is a bundle, it has that number.
func (j journalEntry) entry(number int) (f File, head []byte, err error) {
	if j.Method != methodBundle {
		return j.Files[0], nil, nil
	}
	if head, err = bundleHead(j.Files); err != nil {
		return File{}, nil, err
	}
	f = File{
		Name: fmt.Sprint(bundleFolder, number), Kind: KindFile, Mode: j.Files[0].Mode, Modified: j.Files[0].Modified,
		CRC32: crc32.ChecksumIEEE(head), Compressed: int64(len(head)),
	}
	for _, member := range j.Files {
		f.Size += member.Size
		f.Compressed += member.Compressed
	}
	return f, head, nil
}

// gather adds the entry that has begun to the bundle.
func (w *Writer) gather(f File) error {
	if err := w.part.addOpen(openLine(f, w.bundle.data[w.bundle.size:], w.place.offset)); err != nil {
		return w.failed(err)
	}
	w.note(f, w.next())
	w.bundle.add(f)
	w.entry = false
	if !w.bundle.full() {
		return nil
	}
	return w.closeBundle()
}

// closeBundle writes the members that have been gathered. The error is a WriteError.
func (w *Writer) closeBundle() error {
	if len(w.bundle.files) == 0 {
		return nil
	}
	j := w.bundle.line()
	f, head, err := j.entry(len(w.bundles) + 1)
	if err != nil {
		return w.failed(err)
	}
	e := w.begin(f.Name, f.Kind, f.Size)
	if _, err := e.Write(slices.Concat(head, w.bundle.data[:w.bundle.size])); err != nil {
		return err
	}
	if err := w.complete(j, f); err != nil {
		return w.failed(err)
	}
	w.enter(j, f)
	w.bundle = bundle{data: w.bundle.data[:0]}
	return nil
}

// indexCount is the field of an index with the number of its members.
const indexCount = 3

// bundleHead returns what a bundle of these files begins with: its index, and before
// that the size of it.
func bundleHead(files []File) ([]byte, error) {
	count := protowire.AppendVarint(protowire.AppendTag(nil, indexCount, protowire.VarintType), uint64(len(files)))
	index, method, err := pack(appendColumns([][]byte{count}, indexColumns(), files, nil)...)
	if err != nil {
		return nil, err
	}
	size := uint64(len(index)) << 1
	if method == zip.Deflate {
		size |= 1
	}
	return append(binary.AppendUvarint(nil, size), index...), nil
}

var errIndex = errors.New("the list of what is in it is damaged")

// readIndex returns the members of the bundle, as its own index has them.
func (e *Entry) readIndex() ([]File, error) {
	stored, err := e.stored()
	if err != nil {
		return nil, err
	}
	start := make([]byte, binary.MaxVarintLen64)
	n, err := stored.ReadAt(start, 0)
	if err != nil && err != io.EOF {
		return nil, err
	}
	size, n := binary.Uvarint(start[:n])
	if n <= 0 || size>>1 > mostIndex || int64(size>>1) > stored.Size()-int64(n) {
		return nil, errIndex
	}
	head := make([]byte, n+int(size>>1))
	if _, err := stored.ReadAt(head, 0); err != nil {
		return nil, err
	}
	if crc32.ChecksumIEEE(head) != e.CRC32 {
		return nil, errIndex
	}
	index := head[n:]
	if size&1 != 0 {
		limit := min(mostIndex, mostInflated*int64(len(index)))
		if index, err = io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(index)), limit)); err != nil {
			return nil, fmt.Errorf("%w (%w)", errIndex, err)
		}
	}
	files, err := parseIndex(index)
	if err != nil {
		return nil, fmt.Errorf("%w (%w)", errIndex, err)
	}
	for i := range files {
		files[i].Modified = e.Modified // its own is in the manifest only
	}
	return files, nil
}

// parseIndex reads an index.
func parseIndex(b []byte) ([]File, error) {
	count := uint64(0)
	found := map[protowire.Number][]byte{}
	if err := fields(b, func(field protowire.Number, number uint64, content []byte) {
		if field == indexCount {
			count = number
			return
		}
		found[field] = content
	}); err != nil {
		return nil, err
	}
	if count > mostMembers {
		return nil, errors.New("it has too many members")
	}
	return parseMembers(int(count), indexColumns(), found)
}

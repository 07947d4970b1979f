package archive

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"trilobyte/app/disk"
)

// ErrVersion says that an archive is of a newer format than this program's.
var ErrVersion = errors.New("the archive was made by a newer version of Trilobyte")

// ErrNotArchive says that a file is not an archive of this program.
var ErrNotArchive = errors.New("not a Trilobyte archive")

// Archive is an open archive. Its methods may be called concurrently, except
// for Close.
type Archive struct {
	file     disk.File
	modified time.Time // when it was opened
	size     int64
	sealed   bool
	torn     bool // the table of contents is not there
	entries  []*Entry
	manifest *manifest // nil if it is damaged
	model    *zip.File // nil if it is not in the archive
	found    []local   // local headers, if the archive is damaged
	own      []*Entry  // the manifest and the model
	damage   []error
	names    tree // of the entries that may be restored

	// What entries may refer to: by where they begin, and by CRC32.
	starts map[int64]*Entry
	sums   map[uint32][]*Entry
}

// Entry is an entry of an archive.
type Entry struct {
	// File is what ZIP and the manifest say about it. If the manifest is damaged,
	// there is no more than name, kind, sizes, CRC-32, mode, and the time to 2
	// seconds.
	File
	// Err is why the entry must not be restored, whatever is in it: its name is
	// hostile, or the archive contradicts itself about it. It is nil otherwise.
	Err error

	archive *Archive
	holder  *Entry // of the content, if it is not the entry itself
	zip     *zip.File
	start   int64 // of its local header, if the archive is sealed or the entry located
	located bool  // by its local header
	room    int64 // of a located entry: how many bytes it has up to the next one, if above 0
	listed  bool  // what the manifest says is in File

	bundle *Entry // that it is in, or nil; then start is as Writer.next has it
	tail   int64  // how many bytes before the end of the bundle its compressed ones begin
}

// Open opens the archive at path. Its sizes and names are not believed: every
// Entry has been checked for a harmless name, and what is damaged in the table
// of contents or the manifest, without making everything unreadable, is told by
// Damage. The error wraps ErrNotArchive or ErrVersion where that is the reason.
func Open(d disk.FS, path string) (*Archive, error) {
	file, err := d.Open(path)
	if err != nil {
		return nil, err
	}
	a := &Archive{file: file}
	if err := a.read(); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return a, nil
}

// Close closes the archive's file.
func (a *Archive) Close() error { return a.file.Close() }

// Entries is what is in the archive, in its order.
func (a *Archive) Entries() []*Entry { return a.entries }

// Damage is what is damaged in the archive itself: in its table of contents or
// its manifest.
func (a *Archive) Damage() []error { return a.damage }

// Changed reports whether something has written to the archive since it was opened.
// What takes its name, or removes that, does not change what can be read.
func (a *Archive) Changed() (bool, error) {
	info, err := a.file.Stat()
	return err == nil && (info.Size() != a.size || !info.ModTime().Equal(a.modified)), err
}

// Size is the size of the archive in bytes.
func (a *Archive) Size() int64 { return a.size }

func (a *Archive) read() error {
	info, err := a.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%w: it is not a file", ErrNotArchive)
	}
	if a.size, a.modified = info.Size(), info.ModTime(); a.size == 0 {
		return fmt.Errorf("%w: it is empty", ErrNotArchive)
	}
	manifestFile, err := a.contents()
	if err != nil {
		return err
	}
	reason := a.readManifest(manifestFile)
	if reason != nil && !a.sealed && a.found == nil {
		if manifestFile, err = a.findManifest(); err != nil {
			return err
		}
		if manifestFile != nil {
			reason = a.readManifest(manifestFile)
		}
	}
	if errors.Is(reason, ErrVersion) || unreadable(reason) {
		return reason
	}
	if reason == nil {
		if reason, err = a.match(); err != nil {
			return err
		}
	}
	if reason != nil {
		var lost []error
		if a.entries, lost, err = a.expand(a.entries); err != nil {
			return err
		}
		a.damage = append(a.damage, lost...)
	}
	if a.torn {
		a.damage = slices.Insert(a.damage, 0, fmt.Errorf("its end, with the table of contents, is missing or damaged: was it copied completely? "+
			"%d of its entries were found without it", len(a.entries)))
	}
	if reason != nil {
		lost := "the files have no checksums but those of ZIP"
		if a.torn {
			lost += ", links come back as files, and permissions are unknown"
		}
		if slices.ContainsFunc(a.entries, func(e *Entry) bool { return e.bundle != nil }) {
			lost += ", and small recordings have the time and the permissions of one beside them"
		}
		a.damage = append(a.damage, fmt.Errorf("its manifest is %w, so %s", reason, lost))
	}
	a.refuse()
	return a.resolve()
}

// unreadable says whether an error is one of the disk, and not of what is on it.
func unreadable(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path)
}

// contents reads the table of contents, or finds the entries without it.
func (a *Archive) contents() (manifestFile *zip.File, err error) {
	z, err := zip.NewReader(a.file, a.size)
	if err != nil {
		if unreadable(err) {
			return nil, err
		}
		return a.findEntries(err)
	}
	if manifestFile, err = a.sort(z); err != nil {
		return nil, err
	}
	start := a.layOut()
	shift := a.ownStart(start) - start
	seal, err := sealOf(a.file, start+shift, a.size)
	if err == nil && seal != z.Comment {
		err = errSeal
	}
	if unreadable(err) {
		return nil, err
	}
	if err != nil {
		a.damage = append(a.damage, err)
		return manifestFile, nil
	}
	if a.sealed = true; shift != 0 {
		err = a.locate(shift)
	}
	return manifestFile, err
}

// whole says whether all is where the archive says.
func (a *Archive) whole() bool { return a.sealed && a.found == nil }

// explain says what it means that archive/zip cannot read the file.
func (a *Archive) explain(err error) error {
	signature := make([]byte, 4)
	if _, e := a.file.ReadAt(signature, 0); e != nil && e != io.EOF {
		return e
	}
	if !errors.Is(err, zip.ErrFormat) && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if !bytes.HasPrefix(signature, []byte("PK")) {
		return ErrNotArchive
	}
	return fmt.Errorf("%w, or one whose end is missing or damaged: was it copied completely?", ErrNotArchive)
}

// sort tells the user's entries from the archive's own.
func (a *Archive) sort(z *zip.Reader) (manifestFile *zip.File, err error) {
	ours := false
	for _, f := range z.File {
		ours = ours || f.Method == Method || f.Method == methodCopy || f.Method == methodBundle
		switch f.Name {
		case manifestName:
			manifestFile = f
		case modelName:
			a.model = f
		default:
			e := &Entry{File: fromDirectory(f), zip: f, archive: a}
			a.entries = append(a.entries, e)
			continue
		}
		a.own = append(a.own, &Entry{File: fromDirectory(f), zip: f, archive: a})
	}
	if manifestFile == nil && !ours {
		return nil, fmt.Errorf("%w: it is a ZIP file of another program", ErrNotArchive)
	}
	return manifestFile, nil
}

// fromDirectory describes an entry with what ZIP's directory says.
func fromDirectory(f *zip.File) File {
	file := File{
		Name:       strings.TrimSuffix(f.Name, "/"),
		Kind:       KindFile,
		Size:       int64(f.UncompressedSize64),
		Compressed: int64(f.CompressedSize64),
		CRC32:      f.CRC32,
		Mode:       f.Mode().Perm(),
	}
	file.SetModTime(f.Modified)
	switch {
	case f.Method == methodCopy: // of what kind is known later
	case strings.HasSuffix(f.Name, "/"):
		file.Kind = KindFolder
	case f.Mode().Type() != 0:
		file.Kind = KindLink
	case f.Method == Method:
		file.Kind = KindRecording
	}
	return file
}

// ownStart returns where the archive's own entries begin: elsewhere than they should
// if the archive has lost bytes before them, or has more.
func (a *Archive) ownStart(should int64) int64 {
	if len(a.own) == 0 {
		return should
	}
	first := a.own[0].zip
	content, err := first.DataOffset()
	if err != nil {
		return should
	}
	return content - int64(len(localHeader(&first.FileHeader)))
}

// layOut says where each entry begins, and returns where the archive's own
// ones do. That does not need the local headers, which may be damaged. All of
// it is true if the archive's seal is, and no bytes are lost or too many.
func (a *Archive) layOut() int64 {
	const most = 1 << 42 // more than any entry has; the archive may have lost some of it
	offset := int64(0)
	place := func(e *Entry) {
		e.start = offset
		if size := int64(e.zip.CompressedSize64); 0 <= size && size <= most {
			offset += int64(len(localHeader(&e.zip.FileHeader))) + size
		}
	}
	for _, e := range a.entries {
		place(e)
	}
	start := offset
	for _, e := range a.own {
		place(e)
	}
	return start
}

func (a *Archive) readManifest(f *zip.File) error {
	if f == nil {
		return errors.New("missing")
	}
	b, err := a.readOwn(f, mostInflated*int64(min(f.CompressedSize64, uint64(a.size))))
	if err == nil {
		a.manifest, err = parseManifest(b, a.size)
	}
	if err != nil {
		if unreadable(err) {
			return err
		}
		return fmt.Errorf("damaged (%w)", err)
	}
	return nil
}

// mostInflated is how many times as large as it is in the archive a manifest may be:
// those that deflate makes smaller than that are stored. So an archive that is small
// takes little memory, whatever it says.
const mostInflated = 32

// readOwn reads an entry of the archive's own into memory.
func (a *Archive) readOwn(f *zip.File, limit int64) ([]byte, error) {
	for _, e := range a.own {
		if e.zip != f {
			continue
		}
		content, err := e.Content()
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(io.LimitReader(content, min(limit, e.Size)+1))
		if err != nil {
			return nil, err
		}
		if int64(len(b)) != e.Size || crc32.ChecksumIEEE(b) != f.CRC32 {
			return nil, errors.New("checksum mismatch")
		}
		return b, nil
	}
	return nil, errors.New("it is missing")
}

// Model returns the model that the archive carries, or nil.
func (a *Archive) Model() ([]byte, error) {
	if a.model == nil {
		return nil, nil
	}
	b, err := a.readOwn(a.model, a.size)
	if err != nil {
		return nil, fmt.Errorf("reading the model in the archive: %w", err)
	}
	return b, nil
}

// ModelID returns the identity of the model that the manifest names, if it is
// there.
func (a *Archive) ModelID() (id [sha256.Size]byte, ok bool) {
	if a.manifest == nil || len(a.manifest.model) != len(id) {
		return id, false
	}
	return [sha256.Size]byte(a.manifest.model), true
}

// refuse finds the entries that must not be restored.
func (a *Archive) refuse() {
	a.names = tree{}
	for _, e := range a.entries {
		if e.Err == nil {
			e.Err = CheckName(e.Name)
		}
		if e.Err == nil {
			e.Err = a.names.check(e.Name, e.Kind)
		}
		if e.Err != nil {
			continue
		}
		a.names.add(e.Name, e.Kind)
		e.Err = e.possible()
	}
}

// possible returns what is impossible about what the archive says of an entry, or
// nil.
func (e *Entry) possible() error {
	switch {
	case !e.listed:
	case e.Size < 0 || e.File.Compressed < 0 || e.Frames < 0 || e.FLAC < 0:
		return errors.New("the archive has an impossible size for it")
	case e.SHA256 == "" && e.Kind != KindFolder && e.zip.Method != methodCopy:
		return errors.New("the archive's manifest has no checksum for it")
	}
	return nil
}

package job

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// item is something to archive.
type item struct {
	path   string // on the disk
	name   string // in the archive
	info   fs.FileInfo
	kind   archive.Kind // KindFile for all regular files: what is in them is not known yet
	target string       // of a link
	// old is what the archive that is updated has under the name, and other what has the
	// content of the file under another name, or nil; take says that this, or else old,
	// is to be taken over. If the file is gone from the disk, there is nothing at path but
	// what bring has put there, and no info. Folders that cannot be looked into count as
	// gone.
	old, other *archive.Entry
	take, gone bool
	action     Action // of an update
	// mendedBy is the name of the item that has the content of the entry that is to stay,
	// which is damaged, or "".
	mendedBy string
	// link is the name of the first item before it that is the same file on the disk, in
	// updates, if that has the same content in the archive.
	link string
}

// Sources are files and folders, with all that is in them, that can be archived.
type Sources struct {
	items    []item
	bytes    int64
	failures []Failed
	missing  []archive.Missing // what has failed, as the archive has it
	// namesakes is an error if two of the paths end in the same name.
	namesakes error
}

// Source is a file of Sources.
type Source struct {
	Path string // on the disk
	Name string // in the archive
	Size int64  // bytes; 0 of links
	Link bool   // it is a symbolic link
	// Modified is when it was last modified, in nanoseconds since 1970.
	Modified int64
}

// Scan finds what Compress would archive, without opening it. The error is that
// of the context.
func (e *Engine) Scan(ctx context.Context, paths []string) (*Sources, error) {
	s := scanner{disk: e.disk()}
	byName := map[string]string{}
	for _, p := range paths {
		name := nameOf(p)
		if other, ok := byName[name]; ok {
			s.namesakes = fmt.Errorf("%s and %s %w", other, p, ErrNamesakes)
		}
		byName[name] = p
		if err := s.add(ctx, p); err != nil {
			s.failed(p, name, err)
		}
	}
	return &s.Sources, ctx.Err()
}

// nameOf is the name that what lies at a path has in the archive, or would have.
func nameOf(p string) string {
	if absolute, err := filepath.Abs(p); err == nil {
		p = absolute
	}
	return archive.EscapeName(filepath.Base(p))
}

// Files are the files and links, in the order in which they are archived.
func (s *Sources) Files() []Source {
	var files []Source
	for _, it := range s.items {
		if it.kind == archive.KindFolder {
			continue
		}
		source := Source{Path: it.path, Name: it.name, Link: it.kind == archive.KindLink, Modified: it.info.ModTime().UnixNano()}
		if !source.Link {
			source.Size = it.info.Size()
		}
		files = append(files, source)
	}
	return files
}

// Failures are what cannot be archived. Compress tells of them, too.
func (s *Sources) Failures() []Failed { return s.failures }

// LeaveOut notes that something is not among the sources that should be. Compress
// tells of it, and the archive says so.
func (s *Sources) LeaveOut(name string, err error) {
	s.failures = append(s.failures, newFailed(Compressing, name, err))
	s.missing = append(s.missing, archive.Missing{Name: name, Reason: err.Error()})
}

// scanner fills Sources.
type scanner struct {
	Sources
	disk disk.FS
}

// failed notes that a path cannot be archived, whose entry would have that name.
func (s *scanner) failed(p, name string, err error) {
	f := newFailed(Compressing, p, err)
	s.failures = append(s.failures, f)
	s.missing = append(s.missing, archive.Missing{Name: name, Reason: f.Err.Error()})
}

// unread notes that nobody knows what is in a folder.
func (s *scanner) unread(p, name string, err error) {
	s.failed(p, name, fmt.Errorf("what is in this folder could not be looked at: %w", disk.WithoutPath(err)))
	s.missing[len(s.missing)-1].Folder = true
}

// add finds path and, if it is a folder, all that is in it. The last element of
// the path is the first of the names.
func (s *scanner) add(ctx context.Context, p string) error {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return err
	}
	name := filepath.Base(absolute)
	if name == string(filepath.Separator) || name == "." || filepath.VolumeName(absolute) == absolute {
		return errors.New("a whole disk has no name to put into the archive; name its folders")
	}
	info, err := s.disk.Stat(p) // a link that the user names is followed
	if err != nil {
		return err
	}
	s.visit(ctx, p, name, info)
	return nil
}

// visit adds one file or folder, which has that name in the folder that is
// archived, unless the context has ended.
func (s *scanner) visit(ctx context.Context, p, real string, info fs.FileInfo) {
	if ctx.Err() != nil {
		return
	}
	name := archive.EscapeName(real)
	if err := archive.CheckName(name); err != nil {
		s.failed(p, name, err)
		s.missing[len(s.missing)-1].Folder = info.IsDir()
		return
	}
	it := item{path: p, name: name, info: info}
	switch mode := info.Mode(); {
	case mode.IsDir():
		it.kind = archive.KindFolder
		s.items = append(s.items, it)
		s.visitFolder(ctx, p, real)
		return
	case mode.IsRegular():
		it.kind = archive.KindFile
		s.bytes += info.Size()
	case mode.Type() == fs.ModeSymlink:
		target, err := s.disk.Readlink(p)
		if err != nil {
			s.failed(p, name, err)
			return
		}
		it.kind, it.target = archive.KindLink, filepath.ToSlash(target)
	default:
		s.failed(p, name, fmt.Errorf("%s%s, which cannot be archived", noFile, special(mode)))
		return
	}
	s.items = append(s.items, it)
}

func (s *scanner) visitFolder(ctx context.Context, p, real string) {
	entries, err := s.disk.ReadDir(p)
	if err != nil {
		s.unread(p, archive.EscapeName(real), err)
	}
	for _, entry := range entries {
		if disk.IsTemp(entry.Name()) {
			continue // of this program, which may be making the archive here
		}
		child := filepath.Join(p, entry.Name())
		info, err := s.disk.Lstat(child)
		if err != nil {
			s.failed(child, archive.EscapeName(path.Join(real, entry.Name())), err)
			s.missing[len(s.missing)-1].Folder = entry.IsDir()
			continue
		}
		s.visit(ctx, child, path.Join(real, entry.Name()), info)
	}
}

// noFile is how the reasons of what is no file begin.
const noFile = "it is no file but "

// NoFile says whether something is missing for being a pipe, a socket or a device: no
// update will bring it.
func NoFile(m archive.Missing) bool { return strings.HasPrefix(m.Reason, noFile) }

// special says what is no file.
func special(mode fs.FileMode) string {
	switch {
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe (FIFO)"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	}
	return "a device"
}

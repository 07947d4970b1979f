package job

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"

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
}

// scanner finds what is to be archived.
type scanner struct {
	disk   disk.FS
	report *report
	items  []item
	bytes  int64
}

// add finds path and, if it is a folder, all that is in it. The last element of
// the path is the first of the names.
func (s *scanner) add(p string) error {
	absolute, err := filepath.Abs(p)
	if err != nil {
		return err
	}
	name := filepath.Base(absolute)
	if name == string(filepath.Separator) || name == "." || filepath.VolumeName(absolute) == absolute {
		return fmt.Errorf("%s: a whole disk has no name to put into the archive; name its folders", p)
	}
	info, err := s.disk.Stat(p) // a link that the user names is followed
	if err != nil {
		return err
	}
	s.visit(p, name, info)
	return nil
}

// visit adds one file or folder.
func (s *scanner) visit(p, name string, info fs.FileInfo) {
	if err := archive.CheckName(name); err != nil {
		s.report.failed(p, err)
		return
	}
	it := item{path: p, name: name, info: info}
	switch mode := info.Mode(); {
	case mode.IsDir():
		it.kind = archive.KindFolder
		s.items = append(s.items, it)
		s.visitFolder(p, name)
		return
	case mode.IsRegular():
		it.kind = archive.KindFile
		s.bytes += info.Size()
	case mode.Type() == fs.ModeSymlink:
		target, err := s.link(p, name)
		if err != nil {
			s.report.failed(p, err)
			return
		}
		it.kind, it.target = archive.KindLink, target
	default:
		s.report.failed(p, errors.New("it is not a file but a device, pipe or socket, which cannot be archived"))
		return
	}
	s.items = append(s.items, it)
}

func (s *scanner) visitFolder(p, name string) {
	entries, err := s.disk.ReadDir(p)
	if err != nil {
		s.report.failed(p, err)
	}
	for _, entry := range entries {
		if disk.IsTemp(entry.Name()) {
			continue // of this program, which may be making the archive here
		}
		child := filepath.Join(p, entry.Name())
		info, err := s.disk.Lstat(child)
		if err != nil {
			s.report.failed(child, err)
			continue
		}
		s.visit(child, path.Join(name, entry.Name()), info)
	}
}

// link returns the target of a link that can be restored.
func (s *scanner) link(p, name string) (string, error) {
	target, err := s.disk.Readlink(p)
	if err != nil {
		return "", err
	}
	target = filepath.ToSlash(target)
	if err := archive.CheckLink(name, target); err != nil {
		return "", fmt.Errorf("%w; it could not be restored, so archive what it points to instead", err)
	}
	return target, nil
}

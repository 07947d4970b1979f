package job

import (
	"errors"
	"io"
	"io/fs"
	"syscall"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// placeOf is where in the folder that is restored into the file of an entry is.
func placeOf(e *archive.Entry) string { return archive.RealName(e.Name) }

// unless returns an error, unless the file system cannot keep what it was about: then
// that is noted. File systems have room for few attributes only; that no room is left
// for anything else is an error.
func (f *folder) unless(what Lack, e *archive.Entry, err error) error {
	if disk.Unsupported(err) || what == LackAttributes && errors.Is(err, syscall.ENOSPC) {
		f.report.lacks(what, e.Name, disk.WithoutPath(err))
		return nil
	}
	return err
}

// dress gives an open file or folder its extended attributes, and hides it.
func (f *folder) dress(e *archive.Entry, file disk.File) error {
	for _, a := range e.Attributes {
		if err := f.unless(LackAttributes, e, file.SetAttribute(a)); err != nil {
			return err
		}
	}
	if !e.Hidden {
		return nil
	}
	return f.unless(LackHidden, e, file.Hide())
}

// dressFolder does that for a folder that was made.
func (f *folder) dressFolder(e *archive.Entry) error {
	if len(e.Attributes) == 0 && !e.Hidden {
		return nil
	}
	dir, err := f.root.Open(placeOf(e))
	if err != nil {
		return err
	}
	return errors.Join(f.dress(e, dir), dir.Close())
}

// change gives what is under a name the mode and the time of an entry.
func (f *folder) change(e *archive.Entry, name string) error {
	if err := f.chmod(e, name); err != nil {
		return err
	}
	return f.unless(LackTimes, e, f.root.Chtimes(name, e.ModTime(), e.ModTime()))
}

func (f *folder) chmod(e *archive.Entry, name string) error {
	mode, special := e.Mode.Perm(), e.Mode&disk.SpecialBits
	if special != 0 && !f.options.Permissions {
		f.report.lacks(LackBits, e.Name, nil)
		special = 0
	}
	if err := f.unless(LackModes, e, f.root.Chmod(name, mode|special)); err != nil || special == 0 {
		return err
	}
	// Systems leave bits out without a word.
	info, err := f.root.Lstat(name)
	if err == nil && info.Mode()&special != special {
		f.report.lacks(LackModes, e.Name, errors.New("the system does not let you set setuid, setgid or sticky bits there"))
	}
	return err
}

// sparse writes a file and leaves holes in it where there are to be some.
type sparse struct {
	file  disk.File
	holes []disk.Extent // that are not passed yet
	at    int64
}

// Write implements io.Writer.
func (s *sparse) Write(p []byte) (int, error) {
	written := 0
	for len(p) > 0 {
		n, hole := s.next(len(p))
		if !hole || !isZero(p[:n]) {
			if _, err := s.file.WriteAt(p[:n], s.at); err != nil {
				return written, err
			}
		}
		written, s.at, p = written+n, s.at+int64(n), p[n:]
	}
	return written, nil
}

// next returns how many of so many bytes are in a hole, or before one.
func (s *sparse) next(most int) (n int, hole bool) {
	for len(s.holes) > 0 && s.holes[0].End() <= s.at {
		s.holes = s.holes[1:]
	}
	if len(s.holes) == 0 {
		return most, false
	}
	end := s.holes[0].Offset
	if hole = end <= s.at; hole {
		end = s.holes[0].End()
	}
	return int(min(int64(most), end-s.at)), hole
}

func isZero(p []byte) bool {
	for _, b := range p {
		if b != 0 {
			return false
		}
	}
	return true
}

// content returns what takes the bytes of an entry's file.
func (f *folder) content(e *archive.Entry) io.Writer {
	if len(e.Holes) == 0 {
		return f.file
	}
	return &sparse{file: f.file, holes: e.Holes}
}

// dig completes the holes of the file: one may be at its end.
func (f *folder) dig(e *archive.Entry) error {
	if len(e.Holes) == 0 {
		return nil
	}
	return f.file.Truncate(e.Size)
}

// checkHoles notes that a file has no holes that should have some.
func (f *folder) checkHoles(e *archive.Entry, info fs.FileInfo) {
	if len(e.Holes) > 0 && !disk.IsSparse(info) {
		f.report.lacks(LackHoles, e.Name, errors.New("this file system has no holes"))
	}
}

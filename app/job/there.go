package job

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

// keep implements follower. What is there already stays as it is, but for permissions
// that are asked for; it is noted what is not as the archive says.
func (f *folder) keep(e, link *archive.Entry) error {
	there, err := f.root.Lstat(placeOf(e))
	if err != nil {
		return err
	}
	var others []string
	note := func(same bool, other string) {
		if !same {
			others = append(others, other)
		}
	}
	if e.Kind != archive.KindLink {
		same, err := f.keepMode(e, there)
		if err != nil {
			return err
		}
		note(same, "other permissions")
		if same, err = f.hasAttributes(e); err != nil {
			return err
		}
		note(same, "other extended attributes")
		note(!e.Hidden || disk.IsHidden(there), "not hidden")
		note(len(e.Holes) == 0 || disk.IsSparse(there), "no holes")
	}
	if link != nil {
		other, err := f.root.Lstat(placeOf(link))
		note(err != nil || os.SameFile(there, other), "no hard link to "+link.Name)
	}
	// FAT has the time in steps of 2 seconds.
	note(there.ModTime().Sub(e.ModTime()).Abs() < 2*time.Second, "another time")
	if len(others) > 0 {
		f.report.lacks(LackThere, e.Name, errors.New(strings.Join(others, ", ")))
	}
	return nil
}

// keepMode returns whether what is there has the mode of an entry, which is set only if
// that was asked for.
func (f *folder) keepMode(e *archive.Entry, there fs.FileInfo) (same bool, err error) {
	place, want, now := placeOf(e), e.Mode&disk.ModeBits, there.Mode()&disk.ModeBits
	f.mu.Lock()
	defer f.mu.Unlock()
	if before, opened := f.opened[place]; opened {
		now = before & disk.ModeBits
	}
	switch {
	case now == want:
	case f.options.Permissions:
		if err := f.chmod(e, place); err != nil {
			return false, err
		}
		delete(f.opened, place)
	case now == want&^disk.SpecialBits:
		f.report.lacks(LackBits, e.Name, nil)
	default:
		return false, nil
	}
	return true, nil
}

// hasAttributes says whether what is there has the extended attributes of an entry. It
// may have others, too.
func (f *folder) hasAttributes(e *archive.Entry) (bool, error) {
	if len(e.Attributes) == 0 {
		return true, nil
	}
	var there []disk.Attribute
	err := f.writable(placeOf(e), func() error {
		file, err := f.root.Open(placeOf(e))
		if err != nil {
			return err
		}
		defer file.Close() // was only read from
		there, err = file.Attributes()
		return err
	})
	if err != nil {
		return true, f.unless(LackAttributes, e, err)
	}
	for _, a := range e.Attributes {
		if !slices.ContainsFunc(there, func(b disk.Attribute) bool { return a.Name == b.Name && bytes.Equal(a.Value, b.Value) }) {
			return false, nil
		}
	}
	return true, nil
}

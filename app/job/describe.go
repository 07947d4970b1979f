package job

import (
	"errors"
	"io/fs"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
)

const (
	// maxAttribute is how many bytes an extended attribute may have; Linux has none
	// that are larger.
	maxAttribute = 64 << 10
	// maxHoles is how many holes of a sparse file are kept.
	maxHoles = 1 << 12
)

// modeOf is what archives have of the mode of a file.
func modeOf(info fs.FileInfo) fs.FileMode { return info.Mode() & (fs.ModePerm | disk.SpecialBits) }

// describe sets what is said of a file beside its content. What cannot be read of that
// is told to lacks.
func (it item) describe(d disk.FS, lacks func(Lack, string, error), f *archive.File) {
	if it.gone {
		old := it.old.File
		f.Modified, f.Nanoseconds, f.Mode = old.Modified, old.Nanoseconds, old.Mode
		f.Holes, f.Attributes, f.Hidden = old.Holes, old.Attributes, old.Hidden
		return
	}
	f.SetModTime(it.info.ModTime())
	f.Mode, f.Hidden = modeOf(it.info), disk.IsHidden(it.info)
	f.Holes, f.Attributes = nil, nil
	if it.kind == archive.KindLink {
		return
	}
	// Of what is taken over stands in the archive what cannot be read now.
	known := it.take && it.old != nil
	var err error
	if f.Attributes, err = attributesOf(d, it.path); err != nil && f.Attributes == nil && known {
		f.Attributes = it.old.Attributes
	} else if err != nil {
		lacks(LackAttributes, it.name, err)
	}
	if it.kind != archive.KindFile || !disk.IsSparse(it.info) {
		return
	}
	if f.Holes, err = holesOf(d, it); err != nil && known {
		f.Holes = it.old.Holes
	} else if err != nil {
		lacks(LackHoles, it.name, err)
	}
}

// attributesOf returns the extended attributes of a file, but for those that are too
// large.
func attributesOf(d disk.FS, path string) ([]disk.Attribute, error) {
	all, err := d.Attributes(path)
	if err != nil {
		return nil, err
	}
	var kept []disk.Attribute
	for _, a := range all {
		if len(a.Value) > maxAttribute {
			err = errors.New("one of them is too large: " + a.Name)
			continue
		}
		a.Value = append([]byte{}, a.Value...) // not nil, as archives have it
		kept = append(kept, a)
	}
	return kept, err
}

// holesOf returns the holes of a file.
func holesOf(d disk.FS, it item) ([]disk.Extent, error) {
	file, err := d.Open(it.path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // was only read from
	holes, err := file.Holes(it.info.Size())
	if err == nil && len(holes) > maxHoles {
		return nil, errors.New("there are too many")
	}
	return holes, err
}

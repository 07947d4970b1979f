package archive

import (
	"errors"
	"io/fs"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"trilobyte/app/disk"
)

// The bits of a mode in the manifest beside the permissions, as Unix has them.
const (
	unixSetuid = 0o4000
	unixSetgid = 0o2000
	unixSticky = 0o1000
)

func unixMode(m fs.FileMode) int64 {
	n := int64(m.Perm())
	for bit, unix := range map[fs.FileMode]int64{fs.ModeSetuid: unixSetuid, fs.ModeSetgid: unixSetgid, fs.ModeSticky: unixSticky} {
		if m&bit != 0 {
			n |= unix
		}
	}
	return n
}

// modeOfUnix is the inverse of unixMode.
func modeOfUnix(n int64) fs.FileMode {
	m := fs.FileMode(n).Perm()
	for bit, unix := range map[fs.FileMode]int64{fs.ModeSetuid: unixSetuid, fs.ModeSetgid: unixSetgid, fs.ModeSticky: unixSticky} {
		if n&unix != 0 {
			m |= bit
		}
	}
	return m
}

// byteStrings is a column of bytes, each with their number as a varint before them.
type byteStrings struct {
	get func(f *File) []byte
	set func(f *File, b []byte) error
}

func (c byteStrings) marshal(files []File, _ []format) [][]byte {
	var column []byte
	empty := true
	for i := range files {
		b := c.get(&files[i])
		empty = empty && len(b) == 0
		column = protowire.AppendBytes(column, b)
	}
	if empty {
		return nil
	}
	return [][]byte{column}
}

func (c byteStrings) parse(b []byte, files []*File, _ []format) error {
	if len(b) == 0 {
		return nil
	}
	for _, f := range files {
		content, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		if len(content) > 0 {
			if err := c.set(f, content); err != nil {
				return err
			}
		}
		b = b[n:]
	}
	if len(b) > 0 {
		return errors.New("it is too long")
	}
	return nil
}

// getHoles returns the holes of a file as varints: for each what is between the one
// before, or the beginning, and it, and its size.
func getHoles(f *File) (b []byte) {
	at := int64(0)
	for _, h := range f.Holes {
		b = protowire.AppendVarint(b, uint64(h.Offset-at))
		b = protowire.AppendVarint(b, uint64(h.Size))
		at = h.End()
	}
	return b
}

// setHoles is the inverse of getHoles.
func setHoles(f *File, b []byte) error {
	at := uint64(0)
	for len(b) > 0 {
		var numbers [2]uint64
		for i := range numbers {
			v, n := protowire.ConsumeVarint(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			numbers[i], b = v, b[n:]
		}
		const most = 1 << 62
		gap, size := numbers[0], numbers[1]
		if gap > most || size > most || at+gap+size > most {
			return errors.New("it has an impossible hole")
		}
		f.Holes = append(f.Holes, disk.Extent{Offset: int64(at + gap), Size: int64(size)})
		at += gap + size
	}
	return nil
}

// getAttributes returns the extended attributes of a file: name and value of each, with
// their sizes as varints before them.
func getAttributes(f *File) (b []byte) {
	for _, a := range f.Attributes {
		b = protowire.AppendBytes(protowire.AppendString(b, a.Name), a.Value)
	}
	return b
}

// setAttributes is the inverse of getAttributes.
func setAttributes(f *File, b []byte) error {
	for len(b) > 0 {
		var parts [2][]byte
		for i := range parts {
			part, n := protowire.ConsumeBytes(b)
			if n < 0 {
				return protowire.ParseError(n)
			}
			parts[i], b = part, b[n:]
		}
		name := string(parts[0])
		if name == "" || strings.ContainsRune(name, 0) {
			return errors.New("it has an attribute without a name")
		}
		f.Attributes = append(f.Attributes, disk.Attribute{Name: name, Value: append([]byte{}, parts[1]...)})
	}
	return nil
}

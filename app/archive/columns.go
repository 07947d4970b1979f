package archive

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
)

// column is a field of the manifest, with something of every file. It is missing
// if there is nothing to say of any.
type column struct {
	field   protowire.Number
	name    string
	content content
}

// content is what is in a column. What ZIP has, and what is in the columns before,
// is known of the files of which one is read.
type content interface {
	// marshal returns the column, in parts that are to be deflated apart.
	marshal(files []File, formats []format) [][]byte
	// parse puts into files what marshal has returned, none of it if there is
	// nothing.
	parse(b []byte, files []*File, formats []format) error
}

func (c column) marshal(files []File, formats []format) [][]byte {
	return c.content.marshal(files, formats)
}

func (c column) parse(b []byte, files []*File, formats []format) error {
	return c.content.parse(b, files, formats)
}

// columns are those of the manifest, in their order. Later ones come to the end.
var columns = []column{
	{16, "kind", numbers{getKind, setKind}},
	{17, "mode", numbers{
		func(f, _ *File) int64 { return unixMode(f.Mode) },
		func(f, _ *File, n int64) { f.Mode = modeOfUnix(n) },
	}},
	{18, "seconds", numbers{
		func(f, _ *File) int64 { return f.Modified - dosSeconds(dosTime(f.Modified)) },
		func(f, _ *File, n int64) { f.Modified += n },
	}},
	{19, "nanoseconds", numbers{
		func(f, before *File) int64 { return moduloSecond(f.Nanoseconds - before.Nanoseconds) },
		func(f, before *File, n int64) { f.Nanoseconds = moduloSecond(before.Nanoseconds + moduloSecond(n)) },
	}},
	{20, "sha256", checksums{32, func(f *File) *string {
		if f.Kind == KindFolder {
			return nil
		}
		return &f.SHA256
	}, inZIP}},
	{21, "crc32c", numbers{
		func(f, _ *File) int64 {
			if f.Kind == KindFile {
				return int64(f.CRC32C)
			}
			return 0
		},
		func(f, _ *File, n int64) { f.CRC32C = uint32(n) },
	}},
	{22, "format", formatNumbers{}},
	{23, "frames", numbers{
		func(f, _ *File) int64 { return f.Frames - likelyFrames(f) },
		func(f, _ *File, n int64) { f.Frames = likelyFrames(f) + n },
	}},
	{24, "flac", numbers{
		func(f, _ *File) int64 { return f.FLAC - likelyFLAC(f) },
		func(f, _ *File, n int64) { f.FLAC = likelyFLAC(f) + n },
	}},
	{25, "pcm_md5", checksums{16, func(f *File) *string {
		switch {
		case f.Kind != KindRecording:
			return nil
		case f.Size < smallRecording:
			return new(string)
		}
		return &f.PCMMD5
	}, nil}},
	{26, "note", texts{
		func(f *File) string { return f.Note }, func(f *File, text string) { f.Note = text },
	}},
	{27, "target", texts{
		func(f *File) string { return f.Target }, func(f *File, text string) { f.Target = text },
	}},
	{28, "hard_link", texts{
		func(f *File) string { return f.HardLink }, func(f *File, text string) { f.HardLink = text },
	}},
	{29, "refers_to", texts{
		func(f *File) string { return strings.Join(f.RefersTo, between) },
		func(f *File, text string) {
			if text != "" {
				f.RefersTo = strings.Split(text, between)
			}
		},
	}},
	{30, "holes", byteStrings{getHoles, setHoles}},
	{31, "attributes", byteStrings{getAttributes, setAttributes}},
	{32, "hidden", numbers{
		func(f, _ *File) int64 {
			if f.Hidden {
				return 1
			}
			return 0
		},
		func(f, _ *File, n int64) { f.Hidden = n == 1 },
	}},
}

// between stands between two names, which do not have it.
const between = `\`

// smallRecording is how many bytes a recording must have for its MD5 to be in the
// manifest: that of smaller ones would be a good part of what they take. What has
// the right SHA-256 has the right samples, too.
const smallRecording = 64 << 10

// kinds are numbered in the manifest.
var kinds = []Kind{KindRecording, KindFile, KindFolder, KindLink}

func getKind(f, _ *File) int64 { return int64(slices.Index(kinds, f.Kind)) }

// setKind adds what ZIP's local headers do not tell: that a file is a link. A lost
// file has no kind before.
func setKind(f, _ *File, n int64) {
	if 0 <= n && n < int64(len(kinds)) && (f.Kind == "" || f.Kind == KindFile && kinds[n] == KindLink) {
		f.Kind = kinds[n]
	}
}

func moduloSecond(n int64) int64 {
	const second = 1_000_000_000
	return (n%second + second) % second
}

// likelyFrames is how many frames a file has whose samples follow on a head of 44
// bytes, as in most WAV files.
func likelyFrames(f *File) int64 {
	const head, bits = 44, 8
	if f.Channels <= 0 || f.Bits <= 0 {
		return 0
	}
	return max(0, f.Size-head) / (int64(f.Channels) * int64((f.Bits+bits-1)/bits))
}

// likelyFLAC is what FLAC is likely to need.
func likelyFLAC(f *File) int64 {
	if f.Kind != KindRecording {
		return 0
	}
	return f.Compressed
}

// numbers is a column of numbers in planes. Each may be told from the file before,
// which is the zero File for the first one.
type numbers struct {
	get func(f, before *File) int64
	set func(f, before *File, n int64)
}

func (c numbers) marshal(files []File, _ []format) [][]byte {
	list, before := make([]int64, len(files)), &File{}
	for i := range files {
		list[i] = c.get(&files[i], before)
		before = &files[i]
	}
	return planes(list)
}

func (c numbers) parse(b []byte, files []*File, _ []format) error {
	list := make([]int64, len(files))
	if len(b) > 0 {
		var err error
		if list, err = numbersOf(b, len(files)); err != nil {
			return err
		}
	}
	before := &File{}
	for i, f := range files {
		c.set(f, before, list[i])
		before = f
	}
	return nil
}

// formatNumbers is a column with the numbers of formats.
type formatNumbers struct{}

func (formatNumbers) marshal(files []File, formats []format) [][]byte {
	return numbers{get: func(f, _ *File) int64 { return int64(slices.Index(formats, formatOf(f))) }}.marshal(files, formats)
}

func (formatNumbers) parse(b []byte, files []*File, formats []format) error {
	var err error
	set := func(f, _ *File, n int64) {
		if n < 0 || n >= int64(len(formats)) {
			err = errors.New("it has a number of none")
			return
		}
		formats[n].put(f)
	}
	if e := (numbers{set: set}).parse(b, files, formats); e != nil {
		return e
	}
	return err
}

// checksums is a column of checksums of so many bytes, of the files of the kinds
// that have one. Zeros stand for none.
type checksums struct {
	size int
	of   func(f *File) *string // hexadecimal; nil if the kind has none
	// known returns the first bytes if they stand elsewhere; it may be nil.
	known func(f *File) []byte
}

// inZIP returns the first bytes of the SHA-256 of a recording.
func inZIP(f *File) []byte {
	if f.Kind != KindRecording {
		return nil
	}
	return binary.LittleEndian.AppendUint32(nil, f.CRC32)
}

// head returns the first bytes of a checksum that stand elsewhere.
func (c checksums) head(f *File) []byte {
	if c.known == nil {
		return nil
	}
	return c.known(f)
}

func (c checksums) marshal(files []File, _ []format) [][]byte {
	var column []byte
	none := true
	for i := range files {
		if of := c.of(&files[i]); of != nil {
			sum, err := hex.DecodeString(*of)
			if err != nil || len(sum) != c.size {
				sum = make([]byte, c.size)
			} else {
				none = false
			}
			column = append(column, sum[len(c.head(&files[i])):]...)
		}
	}
	if none {
		return nil
	}
	return [][]byte{column}
}

func (c checksums) parse(b []byte, files []*File, _ []format) error {
	if len(b) == 0 {
		return nil
	}
	for _, f := range files {
		of := c.of(f)
		if of == nil {
			continue
		}
		head := c.head(f)
		size := c.size - len(head)
		if len(b) < size {
			return errors.New("it ends too early")
		}
		if rest := b[:size]; !bytes.Equal(rest, make([]byte, size)) {
			*of = hex.EncodeToString(append(head, rest...))
		}
		b = b[size:]
	}
	if len(b) > 0 {
		return errors.New("it is too long")
	}
	return nil
}

// texts is a column of texts, with a NUL behind each.
type texts struct {
	get func(f *File) string
	set func(f *File, text string)
}

func (c texts) marshal(files []File, _ []format) [][]byte {
	var column []byte
	empty := true
	for i := range files {
		text := c.get(&files[i])
		empty = empty && text == ""
		column = append(append(column, text...), 0)
	}
	if empty {
		return nil
	}
	return [][]byte{column}
}

func (c texts) parse(b []byte, files []*File, _ []format) error {
	if len(b) == 0 {
		return nil
	}
	for _, f := range files {
		text, rest, ok := bytes.Cut(b, []byte{0})
		if !ok {
			return errors.New("it ends too early")
		}
		c.set(f, string(text))
		b = rest
	}
	if len(b) > 0 {
		return errors.New("it is too long")
	}
	return nil
}

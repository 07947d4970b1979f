package archive

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// Version is the version of the archive format that this package writes, and
// the newest that it reads.
const Version = 1

// manifest is what ZIP has no place for: a message of Protocol Buffers
// (protobuf.dev/programming-guides/encoding), so that readers pass over what
// they do not know.
type manifest struct {
	version int
	model   []byte // SHA-256
	count   int64  // of the user's entries
	headers uint32 // CRC-32C of their local headers, one after the other
	formats []format
	missing []Missing
	bundles []int    // of how many files each bundle is
	members [][]File // what ZIP would say of these
	columns map[protowire.Number][]byte
}

// The fields of the manifest, but for the columns.
const (
	versionField = 1
	modelField   = 2
	countField   = 3
	headersField = 4
	formatField  = 5
	missingField = 6
	bundlesField = 7
)

// format is what the audio of many recordings has in common. The zero format is
// that of what is no recording; the others are numbered from 1 in the manifest.
type format struct {
	container, samples         string
	sampleRate, bits, channels uint64
}

func formatOf(f *File) format {
	return format{f.Format, f.Samples, uint64(f.SampleRate), uint64(f.Bits), uint64(f.Channels)}
}

// put is the inverse of formatOf.
func (f format) put(to *File) {
	to.Format, to.Samples = f.container, f.samples
	const most = 255 // more there are not
	to.SampleRate, to.Bits, to.Channels = uint32(f.sampleRate), int(min(f.bits, most)), int(min(f.channels, most))
}

// text returns the i-th text of a format, from field 1 on.
func (f *format) text(i protowire.Number) *string { return []*string{&f.container, &f.samples}[i-1] }

// number returns the i-th number of a format, from field 3 on.
func (f *format) number(i protowire.Number) *uint64 {
	return []*uint64{&f.sampleRate, &f.bits, &f.channels}[i-3]
}

// apart is the size from which on parts of the manifest are deflated apart from
// each other, because what is in them has nothing in common.
const apart = 256

// bundled is a bundle of files: how many, from the first one on.
type bundled struct{ first, count int }

// marshal returns the manifest of files, of which some are in bundles, and of what is
// missing beside them, with the model of that identity, in parts that are to be deflated
// apart. The same manifest has the same bytes.
func marshal(files []File, bundles []bundled, missing []Missing, model []byte, headers uint32) [][]byte {
	var head []byte
	head = protowire.AppendVarint(protowire.AppendTag(head, versionField, protowire.VarintType), Version)
	head = protowire.AppendBytes(protowire.AppendTag(head, modelField, protowire.BytesType), model)
	head = protowire.AppendVarint(protowire.AppendTag(head, countField, protowire.VarintType), uint64(len(files)))
	head = protowire.AppendFixed32(protowire.AppendTag(head, headersField, protowire.Fixed32Type), headers)
	formats, own := []format{{}}, withoutHeld(files)
	for i := range own {
		f := formatOf(&own[i])
		if slices.Contains(formats, f) {
			continue
		}
		formats = append(formats, f)
		head = protowire.AppendBytes(protowire.AppendTag(head, formatField, protowire.BytesType), f.marshal())
	}
	for _, m := range missing {
		head = protowire.AppendBytes(protowire.AppendTag(head, missingField, protowire.BytesType), m.marshal())
	}
	var counts []byte
	var members []File
	for _, b := range bundles {
		counts = protowire.AppendVarint(counts, uint64(b.count))
		members = append(members, files[b.first:b.first+b.count]...)
	}
	if len(bundles) > 0 {
		head = protowire.AppendBytes(protowire.AppendTag(head, bundlesField, protowire.BytesType), counts)
	}
	parts := appendColumns([][]byte{head}, columns, own, formats)
	return appendColumns(parts, memberColumns, members, nil)
}

// appendColumns appends columns of files to the parts of a message.
func appendColumns(parts [][]byte, columns []column, files []File, formats []format) [][]byte {
	for _, c := range columns {
		planes := c.marshal(files, formats)
		size := 0
		for _, plane := range planes {
			size += len(plane)
		}
		if size == 0 {
			continue
		}
		last := &parts[len(parts)-1]
		*last = protowire.AppendVarint(protowire.AppendTag(*last, c.field, protowire.BytesType), uint64(size))
		for _, plane := range planes {
			if last := &parts[len(parts)-1]; len(plane) < apart && len(*last) < apart {
				*last = append(*last, plane...)
			} else {
				parts = append(parts, plane)
			}
		}
	}
	return parts
}

func (f format) marshal() (b []byte) {
	for i := protowire.Number(1); i <= 2; i++ {
		b = protowire.AppendString(protowire.AppendTag(b, i, protowire.BytesType), *f.text(i))
	}
	for i := protowire.Number(3); i <= 5; i++ {
		b = protowire.AppendVarint(protowire.AppendTag(b, i, protowire.VarintType), *f.number(i))
	}
	return b
}

// parseManifest reads what marshal writes, in an archive of so many bytes, but for what is
// in the columns of all files.
func parseManifest(b []byte, archiveSize int64) (*manifest, error) {
	m := &manifest{formats: []format{{}}, columns: map[protowire.Number][]byte{}}
	err := fields(b, func(field protowire.Number, number uint64, content []byte) {
		switch field {
		case versionField:
			m.version = int(min(number, 1<<30))
		case modelField:
			m.model = content
		case countField:
			m.count = int64(min(number, 1<<62))
		case headersField:
			m.headers = uint32(number)
		case formatField:
			m.formats = append(m.formats, parseFormat(content))
		case missingField:
			m.missing = append(m.missing, parseMissing(content))
		case bundlesField:
			m.bundles = parseBundles(content)
		default:
			m.columns[field] = content
		}
	})
	switch {
	case m.version > Version:
		return nil, fmt.Errorf("%w: it has format version %d, this program reads up to %d", ErrVersion, m.version, Version)
	case err != nil:
		return nil, err
	case m.version < 1:
		return nil, fmt.Errorf("format version %d is impossible", m.version)
	}
	if err := m.readMembers(archiveSize); err != nil {
		return nil, err
	}
	return m, nil
}

// parseBundles reads of how many files each bundle is. What is damaged is missing.
func parseBundles(b []byte) (counts []int) {
	for len(b) > 0 {
		count, n := protowire.ConsumeVarint(b)
		if n < 0 || count > mostMembers {
			return nil
		}
		counts, b = append(counts, int(count)), b[n:]
	}
	return counts
}

// parseFormat reads a format. What is damaged in it is missing: it is for
// display, or compared with what is in the recording.
func parseFormat(b []byte) (f format) {
	_ = fields(b, func(field protowire.Number, number uint64, content []byte) {
		switch {
		case field <= 2:
			*f.text(field) = string(content)
		case field <= 5:
			*f.number(field) = number
		}
	})
	return f
}

// fields calls f for each field of a message, with its number or its bytes.
func fields(b []byte, f func(field protowire.Number, number uint64, content []byte)) error {
	for len(b) > 0 {
		field, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return protowire.ParseError(n)
		}
		b = b[n:]
		var number uint64
		var content []byte
		switch kind {
		case protowire.VarintType:
			number, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var small uint32
			small, n = protowire.ConsumeFixed32(b)
			number = uint64(small)
		case protowire.BytesType:
			content, n = protowire.ConsumeBytes(b)
		default:
			n = protowire.ConsumeFieldValue(field, kind, b)
		}
		if n < 0 {
			return protowire.ParseError(n)
		}
		f(field, number, content)
		b = b[n:]
	}
	return nil
}

// complete puts what the manifest says into files, of which ZIP has told the
// rest: all of them, in their order.
func (m *manifest) complete(files []*File) error {
	if m.count != int64(len(files)) {
		return fmt.Errorf("of %d files instead of %d", m.count, len(files))
	}
	if err := parseColumns(columns, m.columns, files, m.formats); err != nil {
		return fmt.Errorf("damaged (%w)", err)
	}
	return nil
}

// parseColumns puts what is in columns into files.
func parseColumns(columns []column, found map[protowire.Number][]byte, files []*File, formats []format) error {
	for _, c := range columns {
		if err := c.parse(found[c.field], files, formats); err != nil {
			return fmt.Errorf("its column of %s: %w", c.name, err)
		}
	}
	return nil
}

// planes returns the numbers byte by byte: the lowest of all, then the next ones,
// as many as the largest number has.
func planes(numbers []int64) [][]byte {
	all := uint64(0)
	for _, n := range numbers {
		all |= protowire.EncodeZigZag(n)
	}
	var planes [][]byte
	for ; all > 0; all >>= 8 {
		plane := make([]byte, len(numbers))
		for i, n := range numbers {
			plane[i] = byte(protowire.EncodeZigZag(n) >> (8 * len(planes)))
		}
		planes = append(planes, plane)
	}
	return planes
}

// numbersOf is the inverse of planes, for so many numbers.
func numbersOf(b []byte, count int) ([]int64, error) {
	const most = 8
	if count == 0 || len(b)%count != 0 || len(b)/count > most {
		return nil, errors.New("it has an impossible size")
	}
	numbers := make([]int64, count)
	for i := range numbers {
		var bytes [most]byte
		for k := range len(b) / count {
			bytes[k] = b[k*count+i]
		}
		numbers[i] = protowire.DecodeZigZag(binary.LittleEndian.Uint64(bytes[:]))
	}
	return numbers, nil
}

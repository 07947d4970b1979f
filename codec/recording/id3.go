package recording

import (
	"bytes"
	"encoding/binary"
	"strings"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// ID3v2 tags (id3.org, versions 2.2, 2.3 and 2.4). Only texts are read. The
// libraries at hand for it put frames into maps, in no order, and take time that
// grows with the square of the number of frames of one kind.

const (
	id3Unsynchronised = 0x80
	id3Extended       = 0x40
	id3Footer         = 0x10

	// Flags of a frame whose body is no plain text.
	id3Coded24 = 0x0E // compressed, encrypted, unsynchronised
	id3Coded23 = 0xC0
	id3Length  = 0x01
)

// id3Size returns the size in bytes of the tag that b is the header of, 0 if
// there is none.
func id3Size(b []byte) int64 {
	if len(b) < id3HeaderSize || string(b[:3]) != "ID3" || b[3] == 0xFF || b[4] == 0xFF {
		return 0
	}
	size, ok := synchsafe(b[6:])
	if !ok {
		return 0
	}
	size += id3HeaderSize
	if b[3] >= 4 && b[5]&id3Footer != 0 {
		size += id3HeaderSize
	}
	return size
}

// synchsafe returns the number in four bytes of seven bits.
func synchsafe(b []byte) (n int64, ok bool) {
	for _, c := range b[:4] {
		if c >= 0x80 {
			return 0, false
		}
		n = n<<7 | int64(c)
	}
	return n, true
}

// id3 adds the texts of the tag that b begins with.
func (m *Metadata) id3(b []byte) {
	size := min(id3Size(b), int64(len(b)))
	if size < id3HeaderSize {
		return
	}
	version, flags := b[3], b[5]
	rest := b[id3HeaderSize:size]
	if flags&id3Unsynchronised != 0 && version < 4 {
		rest = bytes.ReplaceAll(rest, []byte{0xFF, 0}, []byte{0xFF})
	}
	if flags&id3Extended != 0 && version >= 3 && len(rest) >= 4 {
		n := int64(binary.BigEndian.Uint32(rest)) + 4
		if version >= 4 {
			n, _ = synchsafe(rest)
		}
		rest = rest[min(n, int64(len(rest))):]
	}
	headerSize := 10
	if version == 2 {
		headerSize = 6
	}
	for len(rest) >= headerSize && rest[0] != 0 && len(m.Tags) < maxTexts {
		id, n, plain := id3Frame(rest, version)
		rest = rest[headerSize:]
		if n < 0 || n > int64(len(rest)) {
			return
		}
		if plain {
			m.id3Text(id, rest[:n])
		}
		rest = rest[n:]
	}
}

// id3Frame takes the header of a frame apart: its identifier, the size of its
// body, and whether that is text as it stands there.
func id3Frame(b []byte, version byte) (id string, size int64, plain bool) {
	switch version {
	case 2:
		return string(b[:3]), int64(b[3])<<16 | int64(b[4])<<8 | int64(b[5]), true
	case 3:
		return string(b[:4]), int64(binary.BigEndian.Uint32(b[4:])), b[9]&id3Coded23 == 0
	}
	size, ok := synchsafe(b[4:])
	if !ok {
		return "", -1, false
	}
	return string(b[:4]), size, b[9]&(id3Coded24|id3Length) == 0
}

// id3Text adds the text of a frame, if it is one of text.
func (m *Metadata) id3Text(id string, b []byte) {
	if len(b) < 2 {
		return
	}
	encoding, body := b[0], b[1:]
	name := "id3." + id
	comment := id == "COMM" || id == "COM"
	if comment {
		if len(body) < 3 {
			return
		}
		body = body[3:] // language
	} else if id[0] != 'T' {
		return
	}
	texts := strings.Split(id3Decode(encoding, body), "\x00")
	if comment || id == "TXXX" || id == "TXX" {
		if description := strings.TrimSpace(texts[0]); description != "" {
			name += "." + description
		}
		texts = texts[1:]
	}
	for _, text := range texts {
		m.add(name, []byte(text), charmap.Windows1252)
	}
}

// id3Decode returns the text of a frame as UTF-8.
func id3Decode(encoding byte, b []byte) string {
	switch encoding {
	case 0:
		decoded, _ := charmap.Windows1252.NewDecoder().Bytes(b) // for ISO 8859-1
		return string(decoded)
	case 1, 2:
		var s strings.Builder
		for i, part := range splitUTF16(b) { // each has a byte order mark of its own
			if i > 0 {
				s.WriteByte(0)
			}
			decoded, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder().Bytes(part)
			s.Write(decoded)
		}
		return s.String()
	}
	return strings.ToValidUTF8(string(b), "\uFFFD")
}

// splitUTF16 splits b at characters that are 0.
func splitUTF16(b []byte) [][]byte {
	var parts [][]byte
	from := 0
	for i := 0; i+1 < len(b); i += 2 {
		if b[i] == 0 && b[i+1] == 0 {
			parts = append(parts, b[from:i])
			from = i + 2
		}
	}
	return append(parts, b[from:])
}

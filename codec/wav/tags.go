package wav

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Tag is a text about the audio.
type Tag struct {
	// Name is the identifier in a LIST/INFO chunk, for example "INAM", or
	// "bext." and the name of a field of the bext chunk as EBU Tech 3285 writes
	// it, for example "bext.OriginationDate".
	Name string
	Text string // not empty, UTF-8
}

// Tags returns the texts of the LIST/INFO chunks (Microsoft and IBM,
// Multimedia Programming Interface and Data Specifications 1.0, chapter 3) and
// bext chunks (EBU Tech 3285) in a file's head and tail, in the order of the
// file. Fields that are empty or 0 are left out. Text that is not UTF-8 is
// taken for Windows-1252, which most programs write.
func (f Format) Tags(head, tail []byte) []Tag {
	var tags []Tag
	for id, body := range f.Chunks(head, tail) {
		switch {
		case id == "LIST" && bytes.HasPrefix(body, []byte("INFO")):
			tags = append(tags, infoTags(body)...)
		case id == "bext":
			tags = append(tags, broadcastTags(body)...)
		}
	}
	return tags
}

// SpeakerMask returns dwChannelMask of WAVEFORMATEXTENSIBLE in a file's head:
// a bit for each speaker that has a channel, or 0 if the file does not say so.
func (f Format) SpeakerMask(head []byte) uint32 {
	for id, body := range f.Chunks(head, nil) {
		if id != "fmt " {
			continue
		}
		if len(body) < extensibleSize || binary.LittleEndian.Uint16(body) != tagExtensible {
			return 0
		}
		return binary.LittleEndian.Uint32(body[20:])
	}
	return 0
}

// infoTags takes a LIST chunk of type INFO apart, which consists of chunks.
func infoTags(body []byte) []Tag {
	var tags []Tag
	rest := body[len("INFO"):]
	for len(rest) >= chunkHeaderSize {
		id, length := string(rest[:4]), int64(binary.LittleEndian.Uint32(rest[4:]))
		rest = rest[chunkHeaderSize:]
		if length > int64(len(rest)) {
			break
		}
		tags = appendTag(tags, id, rest[:length])
		rest = rest[min(length+length%2, int64(len(rest))):]
	}
	return tags
}

// The texts of a bext chunk, in order, with their sizes in bytes.
var broadcastTexts = []struct {
	name string
	size int
}{
	{"Description", 256},
	{"Originator", 32},
	{"OriginatorReference", 32},
	{"OriginationDate", 10},
	{"OriginationTime", 8},
}

const (
	timeReferenceOffset = 256 + 32 + 32 + 10 + 8 // of 8 bytes, in samples since midnight
	codingHistoryOffset = 602
)

// broadcastTags takes a bext chunk apart. One that is too short has what it has.
func broadcastTags(body []byte) []Tag {
	var tags []Tag
	rest := body
	for _, field := range broadcastTexts {
		n := min(field.size, len(rest))
		tags = appendTag(tags, "bext."+field.name, rest[:n])
		rest = rest[n:]
	}
	if len(body) >= timeReferenceOffset+8 {
		if samples := binary.LittleEndian.Uint64(body[timeReferenceOffset:]); samples > 0 {
			tags = append(tags, Tag{"bext.TimeReference", strconv.FormatUint(samples, 10)})
		}
	}
	if len(body) > codingHistoryOffset {
		tags = appendTag(tags, "bext.CodingHistory", body[codingHistoryOffset:])
	}
	return tags
}

// appendTag adds a tag, unless it is empty.
func appendTag(tags []Tag, name string, value []byte) []Tag {
	if text := decodeText(value); text != "" {
		return append(tags, Tag{name, text})
	}
	return tags
}

// decodeText returns the text in a field that ends with the first zero byte,
// without space around it.
func decodeText(b []byte) string {
	b, _, _ = bytes.Cut(b, []byte{0})
	if !utf8.Valid(b) {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(b)
		if err != nil {
			return ""
		}
		b = decoded
	}
	return strings.TrimSpace(string(b))
}

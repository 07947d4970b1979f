package job

import (
	"fmt"
	"strings"

	"trilobyte/codec/flac"
	"trilobyte/codec/recording"
)

// commentNames has the names that Vorbis comments have for tags of recordings:
// those that xiph.org's "Ogg Vorbis I format specification: comment field and
// header specification" proposes, and what FFmpeg writes where that has none.
var commentNames = map[string]string{
	"IART": "ARTIST",
	"ICMT": "COMMENT",
	"ICOP": "COPYRIGHT",
	"ICRD": "DATE",
	"IENG": "ENGINEER",
	"IGNR": "GENRE",
	"IKEY": "KEYWORDS",
	"ILNG": "LANGUAGE",
	"IMED": "SOURCEMEDIA",
	"INAM": "TITLE",
	"IPRD": "ALBUM",
	"IPRT": "TRACKNUMBER",
	"ISBJ": "SUBJECT",
	"ISFT": "ENCODER",
	"ISRC": "SOURCE", // who supplied it; not the International Standard Recording Code
	"ITCH": "ENCODED_BY",
	"ITRK": "TRACKNUMBER",

	"bext.Description":         "DESCRIPTION",
	"bext.Originator":          "ORIGINATOR",
	"bext.OriginatorReference": "ORIGINATOR_REFERENCE",
	"bext.OriginationDate":     "ORIGINATION_DATE",
	"bext.OriginationTime":     "ORIGINATION_TIME",
	"bext.TimeReference":       "TIME_REFERENCE",
	"bext.CodingHistory":       "CODING_HISTORY",

	"aiff.NAME":     "TITLE",
	"aiff.AUTH":     "ARTIST",
	"aiff.ANNO":     "COMMENT",
	"aiff.(c)":      "COPYRIGHT",
	"au.annotation": "COMMENT",

	"caf.title":     "TITLE",
	"caf.artist":    "ARTIST",
	"caf.album":     "ALBUM",
	"caf.comments":  "COMMENT",
	"caf.copyright": "COPYRIGHT",
	"caf.genre":     "GENRE",
	"caf.year":      "DATE",

	"id3.TIT2": "TITLE",
	"id3.TPE1": "ARTIST",
	"id3.TALB": "ALBUM",
	"id3.COMM": "COMMENT",
	"id3.TCOP": "COPYRIGHT",
	"id3.TCON": "GENRE",
	"id3.TRCK": "TRACKNUMBER",
	"id3.TDRC": "DATE",
	"id3.TYER": "DATE",
}

// maxTexts is how many bytes of texts an exported file gets: far more than people
// write, and far less than FLAC's limit of 16 MiB.
const maxTexts = 1 << 20

// firstTags returns as many of the tags as an exported file gets.
func firstTags(tags []recording.Tag) []recording.Tag {
	size := 0
	for i, tag := range tags {
		if size += len(tag.Name) + len(tag.Text); size > maxTexts {
			return tags[:i]
		}
	}
	return tags
}

// comments returns what is known of a recording as Vorbis comments: its texts,
// and which speakers the channels belong to (RFC 9639, section 8.6.2).
func comments(s sound) []flac.Comment {
	var list []flac.Comment
	if s.speakers != 0 && s.format.Channels > 2 {
		list = append(list, flac.Comment{Name: "WAVEFORMATEXTENSIBLE_CHANNEL_MASK", Value: fmt.Sprintf("0x%X", s.speakers)})
	}
	for _, tag := range s.tags {
		c := flac.Comment{Name: commentNames[tag.Name], Value: tag.Text}
		if c.Name == "" {
			c.Name = strings.Map(commentCharacter, tag.Name)
		}
		list = append(list, c)
	}
	return list
}

// commentCharacter replaces what the name of a comment may not have.
func commentCharacter(r rune) rune {
	if r < 0x20 || r > 0x7D || r == '=' {
		return '_'
	}
	return r
}

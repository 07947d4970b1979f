package job

import (
	"fmt"
	"strings"

	"trilobyte/codec/flac"
	"trilobyte/codec/wav"
)

// commentNames has the names that Vorbis comments have for tags of WAV files:
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
}

// maxComments is how many bytes of comments a FLAC file gets: far more than
// people write, and far less than FLAC's limit of 16 MiB.
const maxComments = 1 << 20

// comments returns what the head and the tail of a WAV file say about its
// audio as Vorbis comments: its texts, and which speakers the channels belong
// to (RFC 9639, section 8.6.2).
func comments(f wav.Format, head, tail []byte) []flac.Comment {
	var list []flac.Comment
	if mask := f.SpeakerMask(head); mask != 0 && f.Channels > 2 {
		list = append(list, flac.Comment{Name: "WAVEFORMATEXTENSIBLE_CHANNEL_MASK", Value: fmt.Sprintf("0x%X", mask)})
	}
	size := 0
	for _, tag := range f.Tags(head, tail) {
		c := flac.Comment{Name: commentNames[tag.Name], Value: tag.Text}
		if c.Name == "" {
			c.Name = strings.Map(commentCharacter, tag.Name)
		}
		if size += len(c.Name) + len(c.Value); size > maxComments {
			break
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

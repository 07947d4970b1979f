package job

import (
	"fmt"
	"slices"
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

// infoNames has the identifiers that a LIST/INFO chunk has for comments: those
// that FFmpeg and TagLib look for.
var infoNames = map[string]string{
	"ALBUM":       "IPRD",
	"ARTIST":      "IART",
	"COMMENT":     "ICMT",
	"COPYRIGHT":   "ICOP",
	"DATE":        "ICRD",
	"DESCRIPTION": "ICMT", // the specification has it, and no COMMENT
	"GENRE":       "IGNR",
	"LANGUAGE":    "ILNG",
	"TITLE":       "INAM",
	"TRACKNUMBER": "IPRT",
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
		c := flac.Comment{Name: commentName(tag), Value: tag.Text}
		if c.Name == "" {
			c.Name = strings.Map(commentCharacter, tag.Name)
		}
		list = append(list, c)
	}
	return list
}

// commentName returns the name of the comment for a tag, or "" if there is none.
func commentName(tag recording.Tag) string {
	if name, ok := strings.CutPrefix(tag.Name, "flac."); ok {
		return name
	}
	return commentNames[tag.Name]
}

// infoTexts returns the tags as a LIST/INFO chunk has them: those of such a chunk
// as they are, and others under the names of infoNames. There the first kind of
// tags counts that has a text, and its texts of one name, artists for example,
// become one, because few programs read more than one.
func infoTexts(tags []recording.Tag) []recording.Tag {
	var list []recording.Tag
	for _, tag := range tags {
		if isInfo(tag) {
			list = append(list, tag)
		}
	}
	from := map[string]string{} // kinds of tags by names in the list
	for _, tag := range tags {
		kind, _, _ := strings.Cut(tag.Name, ".")
		name := infoNames[commentName(tag)]
		if isInfo(tag) || name == "" || kind == "bext" { // which is written for archivists
			continue
		}
		i := slices.IndexFunc(list, func(t recording.Tag) bool { return t.Name == name })
		switch {
		case i < 0:
			list = append(list, recording.Tag{Name: name, Text: tag.Text})
			from[name] = kind
		case from[name] == kind && !strings.Contains(list[i].Text, tag.Text):
			list[i].Text += "; " + tag.Text
		}
	}
	return list
}

// isInfo says whether a tag is one of a LIST/INFO chunk.
func isInfo(tag recording.Tag) bool { return len(tag.Name) == len("INAM") }

// commentCharacter replaces what the name of a comment may not have.
func commentCharacter(r rune) rune {
	if r < 0x20 || r > 0x7D || r == '=' {
		return '_'
	}
	return r
}

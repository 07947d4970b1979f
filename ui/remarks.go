package ui

import (
	"regexp"
	"strings"
)

// remark is a sentence that an archive has about a recording, or an error, in English. Its text has
// {{.A}} to {{.E}} where values stand, and is the key of its translation.
type remark struct {
	text    string
	pattern *regexp.Regexp
}

func remarkOf(text string) remark {
	pattern := regexp.QuoteMeta(text)
	for _, value := range []string{"A", "B", "C", "D", "E"} {
		pattern = strings.Replace(pattern, regexp.QuoteMeta("{{."+value+"}}"), "(?P<"+value+">.+?)", 1)
	}
	return remark{text, regexp.MustCompile("^" + pattern + "$")}
}

// remarks are those of package recording, and what is added to them.
var remarks = []remark{
	remarkOf("its header says {{.A}}, there are only {{.B}}"),
	remarkOf("its header does not say how long it is, there are {{.A}}"),
	remarkOf("its header says {{.A}} a frame, there are {{.B}}"),
	remarkOf("its header says {{.A}} bits a sample, taken as {{.B}}"),
	remarkOf("its header says a sample rate of {{.A}} Hz, taken as {{.B}} Hz"),
	remarkOf("its header says {{.A}}, there are {{.B}}"),
	remarkOf("its chunk {{.A}} at byte {{.B}} says no size, there are {{.C}}"),
	remarkOf("its chunk {{.A}} at byte {{.B}} says {{.C}}, there are {{.D}}"),
	remarkOf("the pad byte after its chunk {{.A}} at byte {{.B}} is missing"),
	remarkOf("its audio comes before the description of it"),
	remarkOf("{{.A}} at the end of its audio are no whole frame"),
	remarkOf("{{.A}} of {{.B}} stands before it"),
	remarkOf("{{.A}} that belong to nothing follow its audio"),
	remarkOf("{{.A}} recordings stand one behind the other in it"),
	remarkOf("its audio is not what its own checksum (MD5) says: it was damaged or changed before it was archived"),
	remarkOf("it has more than {{.A}} chunks, the rest was not looked at"),
	remarkOf("it holds {{.A}}, which is compressed already"),
	remarkOf("it is {{.A}} that cannot be rebuilt from its samples: {{.B}}"),
	remarkOf("it holds {{.A}}, which are not supported"),
	remarkOf("it holds {{.A}}, which is not supported"),
	remarkOf("its samples are coded in an unknown way ({{.A}})"),
	remarkOf("it has {{.A}} channels ({{.B}} are possible)"),
	remarkOf("its header is impossible: {{.A}}"),
	remarkOf("nothing in it describes its audio"),
	remarkOf("there is no audio in it"),
	remarkOf("its audio is in more than {{.A}} pieces, the rest is kept as it is"),
	remarkOf("it does not begin as a recording does: it is another kind of file, or damaged"),
	remarkOf("it is {{.A}}"),
	remarkOf("and {{.A}} things more"),
}

// remarkText says remarks on a recording, as an archive has them, in the language of the
// window. What is not known stays in English.
func remarkText(note string) string {
	parts := strings.Split(note, "; ")
	for i, part := range parts {
		parts[i] = translated(part, remarks)
	}
	return strings.Join(parts, "; ")
}

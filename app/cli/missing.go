package cli

import (
	"fmt"
	"strings"

	"trilobyte/app/archive"
)

// leftOutLine is what the last line of verify and compress has with --json of something
// that is not in an archive.
type leftOutLine struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Folder bool   `json:"folder"` // what is in it could not be looked at
}

func newLeftOutLine(m archive.Missing) leftOutLine { return leftOutLine{m.Name, m.Reason, m.Folder} }

// listedLeftOutLine is what list prints with --json for something that is not in an
// archive: the line of a file, with little in it.
type listedLeftOutLine struct {
	listLine
	LeftOut string `json:"left_out"` // the reason
	Folder  bool   `json:"folder"`
}

func newListedLeftOutLine(m archive.Missing) listedLeftOutLine {
	return listedLeftOutLine{listLine{Name: m.Name}, m.Reason, m.Folder}
}

func newLeftOutLines(missing []archive.Missing) []leftOutLine {
	var lines []leftOutLine
	for _, m := range missing {
		lines = append(lines, newLeftOutLine(m))
	}
	return lines
}

// mostNamed is how many things a sentence names; list names all.
const mostNamed = 5

// missingText is "2 files were left out when it was made: a.wav (permission denied);
// b.wav (it changed while it was read)".
func missingText(missing []archive.Missing) string {
	files, folders := 0, 0
	var names []string
	for _, m := range missing {
		if m.Folder {
			folders++
		} else {
			files++
		}
		names = append(names, leftOutText(m))
	}
	var what []string
	if files > 0 {
		what = append(what, counted(files, "file"))
	}
	if folders > 0 {
		what = append(what, "what is in "+counted(folders, "folder")+", nobody knows how much,")
	}
	verb := "were"
	if len(missing) == 1 {
		verb = "was"
	}
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed], fmt.Sprintf("and %d more, see trilobyte list", more))
	}
	return fmt.Sprintf("%s %s left out when it was made: %s", strings.Join(what, ", and "), verb, strings.Join(names, "; "))
}

// leftOutText is "a.wav (permission denied)".
func leftOutText(m archive.Missing) string {
	return printable(fmt.Sprintf("%s (%s)", m.Name, m.Reason))
}

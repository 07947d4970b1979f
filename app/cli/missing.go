package cli

import (
	"fmt"
	"slices"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// leftOutLine is what the last line of verify and compress has with --json of something
// that is not in an archive.
type leftOutLine struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
	Folder bool   `json:"folder"` // what is in it could not be looked at
	Kept   bool   `json:"kept"`   // what it was before is in the archive
}

func newLeftOutLine(m archive.Missing) leftOutLine {
	return leftOutLine{m.Name, m.Reason, m.Folder, m.Kept}
}

// listedLeftOutLine is what list prints with --json for something that is not in an
// archive: the line of a file, with little in it.
type listedLeftOutLine struct {
	listLine
	LeftOut string `json:"left_out"` // the reason
	Folder  bool   `json:"folder"`
	Kept    bool   `json:"kept"`
}

func newListedLeftOutLine(m archive.Missing) listedLeftOutLine {
	return listedLeftOutLine{listLine{Name: m.Name}, m.Reason, m.Folder, m.Kept}
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
// b.wav (it changed while it was read); and 1 file was not brought up to date: c.wav
// (permission denied)".
func missingText(missing []archive.Missing) string {
	var texts []string
	for _, kept := range []bool{false, true} {
		if some := withKept(missing, kept); len(some) > 0 {
			texts = append(texts, fmt.Sprintf("%s: %s", missingCount(some, "left out when it was made"), namesOf(some)))
		}
	}
	return strings.Join(texts, "; and ")
}

// missingCounts is "2 files were left out, and 1 file was not brought up to date".
func missingCounts(missing []archive.Missing) string {
	var texts []string
	for _, kept := range []bool{false, true} {
		if some := withKept(missing, kept); len(some) > 0 {
			texts = append(texts, missingCount(some, "left out"))
		}
	}
	return strings.Join(texts, ", and ")
}

// withKept are those of which an earlier state is in the archive, or the others.
func withKept(missing []archive.Missing, kept bool) []archive.Missing {
	return slices.DeleteFunc(slices.Clone(missing), func(m archive.Missing) bool { return m.Kept != kept })
}

// missingCount is "2 files were left out", or not brought up to date.
func missingCount(missing []archive.Missing, became string) string {
	files, folders := 0, 0
	for _, m := range missing {
		if m.Folder {
			folders++
		} else {
			files++
		}
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
	if missing[0].Kept {
		became = "not brought up to date"
	}
	return fmt.Sprintf("%s %s %s", strings.Join(what, ", and "), verb, became)
}

// namesOf is "a.wav (permission denied); b.wav (it changed while it was read)".
func namesOf(missing []archive.Missing) string {
	var names []string
	for _, m := range missing {
		names = append(names, leftOutText(m))
	}
	return someOf(names, ", see trilobyte list")
}

// someOf is "a.wav; b.wav", with the first ones if there are many, and where the others are.
func someOf(names []string, where string) string {
	if more := len(names) - mostNamed; more > 0 {
		names = append(slices.Clone(names[:mostNamed]), fmt.Sprintf("and %d more%s", more, where))
	}
	return strings.Join(names, "; ")
}

// leftOutText is "a.wav (permission denied)".
func leftOutText(m archive.Missing) string {
	return printable(fmt.Sprintf("%s (%s)", m.Name, m.Reason))
}

// printMissing says what an archive lacks that files came out of.
func (p *program) printMissing(summary job.Summary) {
	if len(summary.Missing) > 0 {
		fmt.Fprintf(p.stdout, "Not everything is in the archive: %s\n", missingText(summary.Missing))
	}
}

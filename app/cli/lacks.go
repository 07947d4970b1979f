package cli

import (
	"fmt"

	"trilobyte/app/job"
)

// lackTexts says what a file lacks, or so many, of which one comes first.
var lackTexts = map[job.Lack]struct{ one, many string }{
	job.LackLinks:      {"1 link not made, because of where it leads (%[2]s); --links all makes it", "%d links not made, because of where they lead (%s); --links all makes them"},
	job.LackBits:       {"setuid, setgid and sticky bits of 1 file not set (%[2]s); --permissions all sets them", "setuid, setgid and sticky bits of %d files not set (%s); --permissions all sets them"},
	job.LackModes:      {"permissions of 1 file not set (%[2]s)", "permissions of %d files not set (%s)"},
	job.LackTimes:      {"time of 1 file not set (%[2]s)", "times of %d files not set (%s)"},
	job.LackAttributes: {"extended attributes of 1 file not kept (%[2]s)", "extended attributes of %d files not kept (%s)"},
	job.LackHoles:      {"holes of 1 file not kept, so that all of its bytes take room (%[2]s)", "holes of %d files not kept, so that all of their bytes take room (%s)"},
	job.LackHidden:     {"1 file not hidden (%[2]s)", "%d files not hidden (%s)"},
	job.LackSymlinks:   {"1 link not made (%[2]s)", "%d links not made (%s)"},
	job.LackThere:      {"1 file or folder that was there already has the same content, but is otherwise not as in the archive (%[2]s), and was left so; --overwrite always replaces it", "%d files and folders that were there already have the same content, but are otherwise not as in the archive (%s), and were left so; --overwrite always replaces them"},
	job.LackHardLinks:  {"1 file made as a copy, not as a hard link (%[2]s)", "%d files made as copies, not as hard links (%s)"},
}

// lackText is "times of 3 files not set (Album/link: operation not supported)".
func lackText(l job.Lacking) string {
	example := l.First
	if l.Err != nil {
		example += ": " + l.Err.Error()
	}
	text := lackTexts[l.What].many
	if l.Files == 1 {
		text = lackTexts[l.What].one
	}
	return fmt.Sprintf(text, l.Files, printable(example))
}

// printLacks says what files lack, once for each kind of thing.
func (p *program) printLacks(lacks []job.Lacking) {
	for _, l := range lacks {
		fmt.Fprintf(p.stderr, "trilobyte: note: %s\n", lackText(l))
	}
}

// lackLine is what compress prints with --json about what files lack.
type lackLine struct {
	What   job.Lack `json:"what"`
	Files  int      `json:"files"`
	First  string   `json:"first"` // the name of the first of them
	Reason string   `json:"reason"`
}

func newLackLines(lacks []job.Lacking) []lackLine {
	var lines []lackLine
	for _, l := range lacks {
		line := lackLine{What: l.What, Files: l.Files, First: l.First}
		if l.Err != nil {
			line.Reason = l.Err.Error()
		}
		lines = append(lines, line)
	}
	return lines
}

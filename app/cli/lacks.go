package cli

import (
	"fmt"

	"trilobyte/app/job"
)

// lackTexts says what files lack: of how many, and of which one first.
var lackTexts = map[job.Lack]string{
	job.LackLinks:      "%s not made, because of where they lead (%s); --links all makes them",
	job.LackBits:       "setuid, setgid and sticky bits of %s not set (%s); --permissions all sets them",
	job.LackModes:      "permissions of %s not set (%s)",
	job.LackTimes:      "times of %s not set (%s)",
	job.LackAttributes: "extended attributes of %s not kept (%s)",
	job.LackHoles:      "holes of %s not kept, so that all of their bytes take room (%s)",
	job.LackHidden:     "%s not hidden (%s)",
	job.LackHardLinks:  "%s made as copies, not as hard links (%s)",
}

// lackText is "times of 3 files not set (Album/link: operation not supported)".
func lackText(l job.Lacking) string {
	thing, example := "file", l.First
	if l.What == job.LackLinks {
		thing = "link"
	}
	if l.Err != nil {
		example += ": " + l.Err.Error()
	}
	return fmt.Sprintf(lackTexts[l.What], counted(l.Files, thing), printable(example))
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

package cli

import (
	"context"
	"fmt"
	"strings"

	"trilobyte/app/archive"
	"trilobyte/app/job"
)

// options returns what the arguments say.
func (c *compressCommand) options(output string) job.CompressOptions {
	o := job.CompressOptions{
		Paths: c.Paths, Archive: output, Verify: !c.NoVerify,
		Update: c.Update || c.Mirror, Mirror: c.Mirror, Checksum: c.Checksum, VerifyAll: c.Verify == "all",
	}
	if c.TrashOriginals {
		// What goes to the wastebasket must be in the archive, and sound.
		o.Checksum, o.VerifyAll = true, true
	}
	return o
}

// stepLine is what compress --dry-run --json prints for a file or folder.
type stepLine struct {
	Event  string       `json:"event"` // "planned"
	Action job.Action   `json:"action"`
	Name   string       `json:"name"`
	Kind   archive.Kind `json:"kind"`
	Size   int64        `json:"size"` // bytes
}

// stepTexts says what happens to a file or folder, and to so many of them. What is rare is
// counted only where there is some.
var stepTexts = []struct {
	action     job.Action
	one, count string
	rare       bool
}{
	{job.Add, "new", "%d new", false},
	{job.Change, "changed", "%d changed", false},
	{job.Describe, "other details", "%d with another time, mode, attribute or link", true},
	{job.Recode, "compressed anew", "%d compressed anew for what they refer to", true},
	{job.Repair, "damaged, mended", "%d damaged and compressed anew", true},
	{job.Same, "the same", "%d the same", false},
	{job.Retain, "not readable, kept", "%d not readable and kept", true},
	{job.Keep, "gone, kept", "%d gone and kept", false},
	{job.Discard, "gone, removed", "%d gone and removed", false},
}

// plan shows what an update would do.
func (c *compressCommand) plan(ctx context.Context, p *program, o job.CompressOptions, codec job.Codec) error {
	view := p.newView(o.Archive, c.JSON)
	engine := job.Engine{Codec: codec, Events: func(ev job.Event) {
		if _, ok := ev.(job.Planned); ok || !c.JSON { // the lines are those of the plan
			view.event(ev)
		}
	}}
	if c.Jobs != nil {
		engine.Workers = *c.Jobs
	}
	steps, failures, err := engine.PlanUpdate(ctx, o)
	view.close()
	if err != nil {
		return opening(o.Archive, err)
	}
	for _, f := range failures {
		view.failed(f)
	}
	texts, counts := map[job.Action]string{}, map[job.Action]int{}
	for _, t := range stepTexts {
		texts[t.action] = t.one
	}
	for _, s := range steps {
		counts[s.Action]++
		switch {
		case c.JSON:
			err = view.print(stepLine{"planned", s.Action, s.Name, s.Kind, s.Size})
		case s.Action != job.Same:
			_, err = fmt.Fprintf(p.stdout, "%-18s  %s\n", texts[s.Action], printable(s.Name))
		}
		if err != nil {
			return err
		}
	}
	if !c.JSON {
		var sums []string
		for _, t := range stepTexts {
			if n := counts[t.action]; n > 0 || !t.rare {
				sums = append(sums, fmt.Sprintf(t.count, n))
			}
		}
		fmt.Fprintf(p.stdout, "%s: %s; nothing was done\n", printable(o.Archive), strings.Join(sums, ", "))
	}
	if len(failures) > 0 {
		return errReported
	}
	return nil
}

// damagedAdvice says what else is damaged in the archive, and what to do about what cannot
// be read from the disk.
func (c *compressCommand) damagedAdvice(damaged *job.DamagedError) string {
	advice := ""
	if others := damaged.Names[1:]; len(others) > 0 {
		advice = "; so it is with " + printable(someOf(others, ""))
	}
	advice += "; save what is left of it with restore --salvage, and put that in its place"
	if len(damaged.Mendable) > 0 {
		advice += "; then an update can compress anew what is damaged, too, but still on the disk: " + printable(someOf(damaged.Mendable, ""))
	}
	if c.Verify == "all" && !c.Mirror {
		advice += "; an update without --verify all takes recordings over as they are"
	}
	return advice
}

// newFiles are the files of an archive that were not taken over as they are.
func newFiles(summary job.Summary) []archive.File {
	var files []archive.File
	for _, f := range summary.Files {
		if !summary.Kept[f.Name] {
			files = append(files, f)
		}
	}
	return files
}

// countKept is how many files were taken over.
func countKept(summary job.Summary) int {
	return countFiles(summary.Files) - countFiles(newFiles(summary))
}

// countUnverified is how many of these have not been verified.
func countUnverified(summary job.Summary) int {
	if summary.Unverified == 0 {
		return 0
	}
	return countKept(summary)
}

// comparison says how an update has compared files.
func comparison(o job.CompressOptions) string {
	if o.Checksum || o.Mirror {
		return "by content"
	}
	return "by size and time"
}

// printKept says what was taken over, what could not be, and what will never be brought.
func (p *program) printKept(o job.CompressOptions, summary job.Summary) {
	if n := countKept(summary); n > 0 && !summary.Idle {
		text := "taken over as they are"
		if n == 1 {
			text = "taken over as it is"
		}
		text += ", compared " + comparison(o)
		if countUnverified(summary) > 0 || !summary.Verified {
			text += ", not verified: --verify all does that, too"
		}
		fmt.Fprintf(p.stdout, "%s %s\n", counted(n, "file"), text)
	}
	if len(summary.Repaired) > 0 {
		fmt.Fprintf(p.stdout, "Damaged in the archive before, and compressed anew: %s\n", printable(someOf(summary.Repaired, "")))
	}
	if n := len(summary.Removed); n > 0 {
		fmt.Fprintf(p.stdout, "%s removed, gone from the disk: %s\n", counted(n, "file"), printable(someOf(summary.Removed, "")))
	}
	if len(summary.Vanished) > 0 {
		fmt.Fprintf(p.stdout, "Left out before, and gone from the disk now: %s\n", namesOf(summary.Vanished))
	}
}

// printNew shows what is new in an archive.
func (p *program) printNew(o job.CompressOptions, summary job.Summary) error {
	if summary.Idle {
		_, err := fmt.Fprintf(p.stdout, "Nothing is new, compared %s: the archive is left as it is.\n", comparison(o))
		return err
	}
	if countFiles(newFiles(summary)) == 0 && len(summary.Kept) > 0 {
		_, err := fmt.Fprintln(p.stdout, "No file is new.")
		return err
	}
	t := newTable(false)
	for _, f := range newFiles(summary) {
		t.add(f)
	}
	return t.print(p.stdout)
}

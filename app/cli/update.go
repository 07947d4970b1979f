package cli

import (
	"context"
	"fmt"

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

// stepLine is what compress --dry-run --json prints for a file.
type stepLine struct {
	Event  string     `json:"event"` // "planned"
	Action job.Action `json:"action"`
	Name   string     `json:"name"`
	Size   int64      `json:"size"` // bytes
}

// stepTexts says what happens to a file.
var stepTexts = map[job.Action]string{
	job.Add: "new", job.Change: "changed", job.Same: "the same", job.Keep: "gone, kept", job.Discard: "gone, removed",
}

// plan shows what an update would do.
func (c *compressCommand) plan(ctx context.Context, p *program, o job.CompressOptions) error {
	var engine job.Engine // planning decodes nothing
	steps, failures, err := engine.PlanUpdate(ctx, o)
	if err != nil {
		return opening(o.Archive, err)
	}
	view := p.newView(o.Archive, c.JSON)
	for _, f := range failures {
		view.failed(f)
	}
	count := map[job.Action]int{}
	for _, s := range steps {
		if s.Kind == archive.KindFolder {
			continue
		}
		count[s.Action]++
		switch {
		case c.JSON:
			err = view.print(stepLine{"planned", s.Action, s.Name, s.Size})
		case s.Action != job.Same:
			_, err = fmt.Fprintf(p.stdout, "%-13s  %s\n", stepTexts[s.Action], printable(s.Name))
		}
		if err != nil {
			return err
		}
	}
	if !c.JSON {
		fmt.Fprintf(p.stdout, "%s: %d new, %d changed, %d the same, %d gone and kept, %d gone and removed; nothing was done\n",
			printable(o.Archive), count[job.Add], count[job.Change], count[job.Same], count[job.Keep], count[job.Discard])
	}
	if len(failures) > 0 {
		return errReported
	}
	return nil
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

// printKept says what was taken over, what could not be, and what will never be brought.
func (p *program) printKept(summary job.Summary) {
	if n := countKept(summary); n > 0 && !summary.Idle {
		text := "taken over as they are"
		if n == 1 {
			text = "taken over as it is"
		}
		if countUnverified(summary) > 0 || !summary.Verified {
			text += ", not verified: --verify all does that, too"
		}
		fmt.Fprintf(p.stdout, "%s %s\n", counted(n, "file"), text)
	}
	if len(summary.Repaired) > 0 {
		fmt.Fprintf(p.stdout, "Damaged in the archive before, and compressed anew: %s\n", printable(someOf(summary.Repaired)))
	}
	if len(summary.Vanished) > 0 {
		fmt.Fprintf(p.stdout, "Left out before, and gone from the disk now: %s\n", namesOf(summary.Vanished))
	}
}

// printNew shows what is new in an archive.
func (p *program) printNew(summary job.Summary) error {
	if summary.Idle {
		_, err := fmt.Fprintln(p.stdout, "Nothing is new: the archive is left as it is.")
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

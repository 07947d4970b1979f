package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/progress"
	"trilobyte/codec/stream"
)

// view shows how a job goes on: a progress bar on a terminal's standard error,
// the failures there too, and JSON lines on standard output if asked for.
type view struct {
	program  *program
	archive  string        // its path, which stands for what has no other name
	json     *json.Encoder // nil if not asked for
	bar      *progressbar.ProgressBar
	progress *progress.Progress
	format   job.ExportFormat // of the files that are exported
	resumed  int              // files that an interrupted run has done
	names    bool             // of files in the archive are arguments of the command
	damaged  bool             // something was found to be
}

func (p *program) newView(archive string, asJSON bool) *view {
	v := &view{program: p, archive: archive, progress: progress.New(1)}
	if asJSON {
		v.json = json.NewEncoder(p.stdout)
		v.json.SetEscapeHTML(false)
	}
	return v
}

// fileLine is what compress, verify and export print with --json for a file
// that is done.
type fileLine struct {
	Event  string `json:"event"`            // "compressed", "verified" or "exported"
	Output string `json:"output,omitempty"` // the name of the file for other programs, if exported
	listLine
}

func (v *view) newFileLine(ev job.Done) fileLine {
	line := fileLine{listLine: newListLine(ev.File)}
	switch ev.Phase {
	case job.Compressing:
		line.Event = "compressed"
	case job.Verifying:
		line.Event = "verified"
	case job.Exporting:
		line.Event, line.Output = "exported", v.format.FileName(ev.File)
	}
	return line
}

// failedLine is what they print for a failure.
type failedLine struct {
	Event string `json:"event"` // "failed"
	Name  string `json:"name"`  // "" for the archive itself
	Error string `json:"error"`
}

// progressLine is what they print on the way.
type progressLine struct {
	Event string `json:"event"` // "compressing", "verifying" or "exporting"
	Name  string `json:"name"`
	Done  int64  `json:"done"` // bytes of the original file that are through
}

// resumedLine is what compress prints if it goes on where another run was
// interrupted.
type resumedLine struct {
	Event string `json:"event"` // "resumed"
	Files int    `json:"files"` // that are done already
	Bytes int64  `json:"bytes"` // that these have
}

// archiveLine is the last line.
type archiveLine struct {
	Event   string `json:"event"` // "archive"
	Archive string `json:"archive"`
	Size    int64  `json:"size"` // bytes
	Files   int    `json:"files"`
	Failed  int    `json:"failed"`
	// LeftOut is what was left out when the archive was made.
	LeftOut []leftOutLine `json:"left_out,omitempty"`
	// Lacks is what could not be read of files, beside their content.
	Lacks []lackLine `json:"lacks,omitempty"`
	// Kept is how many files an update has taken over as they are.
	Kept int `json:"kept,omitempty"`
	// Unverified is how many of these were not verified.
	Unverified int `json:"unverified,omitempty"`
	// Repaired are those that were damaged in the archive, and are compressed anew.
	Repaired []string `json:"repaired,omitempty"`
	// Removed is how many files a mirror has removed, as they are gone from the disk.
	Removed  int  `json:"removed,omitempty"`
	Verified bool `json:"verified"`
	Trashed  bool `json:"trashed,omitempty"` // the originals are in the wastebasket
}

func (v *view) print(line any) error { return v.json.Encode(line) }

// event takes an event of a job. Writing to standard output may fail (its
// reader may be gone), which the last line of the command tells.
func (v *view) event(ev job.Event) {
	v.progress.Event(ev)
	switch ev := ev.(type) {
	case job.Planned:
		v.plan(ev)
	case job.Resumed:
		v.resumed = ev.Files
		if v.json != nil {
			v.print(resumedLine{"resumed", ev.Files, ev.Bytes})
		}
	case job.Progress:
		v.advance(ev)
	case job.Done:
		if v.json != nil && !ev.Kept && ev.File.Kind != archive.KindFolder {
			v.print(v.newFileLine(ev))
		}
	case job.Failed:
		v.failed(ev)
	}
}

func (v *view) failed(ev job.Failed) {
	if v.bar != nil {
		v.bar.Clear()
	}
	var damage *stream.DamageError
	v.damaged = v.damaged || errors.Is(ev.Err, archive.ErrData) || errors.As(ev.Err, &damage)
	name := ev.Name
	if name == "" {
		name = v.archive
	}
	if v.names {
		ev.Err = mistaken(name, ev.Err)
	}
	v.program.complain(name, ev.Err)
	if v.json != nil {
		v.print(failedLine{"failed", ev.Name, explain(ev.Err)})
	}
}

// plan begins a phase.
func (v *view) plan(ev job.Planned) {
	v.close()
	if !isTerminal(v.program.stderr) {
		return
	}
	v.bar = v.program.newBar(ev.Bytes, v.describe())
}

// newBar returns a progress bar for so much to do.
func (p *program) newBar(total int64, description string) *progressbar.ProgressBar {
	return progressbar.NewOptions64(max(total, 1),
		progressbar.OptionSetWriter(p.stderr),
		progressbar.OptionSetDescription(description),
		progressbar.OptionSetWidth(30),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionSetElapsedTime(false),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionClearOnFinish(),
	)
}

func (v *view) advance(ev job.Progress) {
	if v.json != nil {
		v.print(progressLine{string(ev.Phase), ev.Name, ev.Done})
	}
	if v.bar != nil {
		v.bar.Describe(v.describe())
		v.bar.Add64(ev.Added)
	}
}

// describe is what stands before the bar.
func (v *view) describe() string {
	now := v.progress.Now()
	label := map[job.Phase]string{job.Compressing: "Compressing", job.Restoring: "Restoring", job.Verifying: "Verifying", job.Exporting: "Exporting", job.Estimating: "Estimating"}[now.Phase]
	return fmt.Sprintf("%-11s %6.1f x real time", label, now.Speed)
}

// close takes the bar away.
func (v *view) close() {
	if v.bar != nil {
		v.bar.Clear()
		v.bar.Close()
		v.bar = nil
	}
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

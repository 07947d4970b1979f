package ui

import (
	"path"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"trilobyte/app/queue"
)

// queueColumns are the columns of the queue.
func queueColumns() []column {
	return []column{
		{title: tr("State"), width: 150, left: true},
		{title: tr("Original"), width: 72},
		{title: "FLAC", width: 72},
		{title: "Trilobyte", width: 72},
		{title: tr("Below FLAC"), width: 80},
	}
}

// jobName is what a job is called.
func jobName(j queue.Job) string {
	switch len(j.Paths) {
	case 0:
		return ""
	case 1:
		return filepath.Base(j.Paths[0])
	}
	return filepath.Base(filepath.Dir(j.Paths[0]))
}

// stateText names a state, and its colour.
func stateText(s queue.State) (string, fyne.ThemeColorName) {
	switch s {
	case queue.Reading:
		return tr("reading"), theme.ColorNamePlaceHolder
	case queue.Waiting:
		return tr("waiting"), theme.ColorNamePlaceHolder
	case queue.Compressing:
		return tr("compressing"), theme.ColorNameForeground
	case queue.Compressed:
		return tr("to be verified"), theme.ColorNameForeground
	case queue.Verifying:
		return tr("verifying"), theme.ColorNameForeground
	case queue.Cancelling:
		return tr("cancelling"), theme.ColorNameWarning
	case queue.Done:
		return tr("done"), theme.ColorNameSuccess
	case queue.Archived:
		return tr("archived, not verified"), theme.ColorNameForeground
	case queue.LeftOut:
		return tr("not archived"), theme.ColorNameWarning
	case queue.Failed:
		return tr("failed"), theme.ColorNameError
	case queue.Cancelled:
		return tr("cancelled"), theme.ColorNameWarning
	}
	return string(s), theme.ColorNameForeground
}

// sizeCells are the cells for sizes. Where there is a comparison, all four are about
// the same recordings; the others then have no part in any.
func sizeCells(original int64, s queue.Sizes) []cell {
	cells := []cell{{text: bytesText(original)}, {}, {}, {}}
	saved, ok := s.Saved()
	if !ok {
		return cells
	}
	color := theme.ColorNameSuccess
	if s.Trilobyte >= s.FLAC {
		color = theme.ColorNameWarning
	}
	cells[0].text, cells[1].text, cells[2].text = bytesText(s.Original), bytesText(s.FLAC), bytesText(s.Trilobyte)
	cells[3] = cell{percentText(saved), color}
	return cells
}

// sizeTips are what the cells for sizes have no room for: the exact figures.
func sizeTips(original int64, s queue.Sizes) []string {
	if _, compared := s.Saved(); !compared {
		return []string{exactText(original), "", "", ""}
	}
	text, _ := verdict(s)
	return []string{exactText(s.Original), exactText(s.FLAC), exactText(s.Trilobyte), text}
}

// jobLine is the line of a job.
func jobLine(j queue.Job, open, paused bool) lineContent {
	c := lineContent{name: jobName(j), bold: true, icon: theme.FolderIcon(), progress: -1, mark: closed}
	if open {
		c.mark = opened
	}
	if j.Files == 0 {
		c.mark = noMark
	}
	state, color := stateText(j.State)
	switch {
	case j.State == queue.Done && j.Verified:
		state = tr("verified")
	case j.State == queue.Done:
		state, color = stateText(queue.Archived)
	}
	c.remark = cell{filesText(j.Files), theme.ColorNamePlaceHolder}
	switch {
	case j.State == queue.Reading:
		c.remark.text = orderText(j)
	case j.State == queue.Waiting:
		c.remark.text = joined(filesText(j.Files), orderText(j))
	case j.State.Active():
		c.progress = j.Progress.Fraction
		if paused && j.State != queue.Cancelling {
			state, color = tr("paused"), theme.ColorNameWarning
		}
		state += " " + percentWhole(j.Progress.Fraction)
		c.remark.text = joined(filesText(j.Files), speedText(j.Progress.Speed), leftText(j.Progress.Left), gpusText(j.GPUs, j.Cores), orderText(j))
	case j.State == queue.Failed && j.ArchiveSize > 0:
		state = tr("done in part")
		c.remark = cell{tr("{{.Failed}} of {{.Files}} failed, the others are archived", words{"Failed": j.Failed, "Files": filesText(j.Files)}), theme.ColorNameError}
	case j.Err != "" && j.State == queue.Failed:
		c.remark = cell{j.Err, theme.ColorNameError}
	case j.Note != "":
		c.remark.text = joined(filesText(j.Files), noteText(j.Note))
	case j.State == queue.Done:
		c.remark.text = joined(filesText(j.Files), tr("{{.Size}} in {{.Archive}}", words{"Archive": filepath.Base(j.Archive), "Size": bytesText(j.ArchiveSize)}), othersText(j.Totals))
	}
	c.cells = append([]cell{{state, color}}, sizeCells(j.Size, j.Sizes)...)
	c.tips = append([]string{""}, sizeTips(j.Size, j.Sizes)...)
	c.tip = strings.Join(j.Paths, "\n")
	if j.Way == queue.Check {
		return checkLine(j, c)
	}
	return c
}

func noteText(n queue.Note) string {
	switch n {
	case queue.NoteArchivedAlready:
		return tr("was archived already")
	case queue.NoteInWastebasket:
		return tr("originals in the wastebasket")
	case queue.NoteOriginalsKept:
		return tr("originals kept")
	}
	return ""
}

// othersText says what files take that have no part in a comparison, or "".
func othersText(t queue.Totals) string {
	if t.Others == 0 {
		return ""
	}
	return tr("other files: {{.Archived}}", words{"Archived": bytesText(t.OthersArchived)})
}

// baseText says what is compared, and what is not.
func baseText(t queue.Totals) string {
	recordings, others := recordingsText(t.Recordings), othersText(t)
	if recordings == "" || others == "" {
		return recordings + others
	}
	return recordings + ", " + others
}

// fileLine is the line of a file of a job.
func fileLine(f queue.File, paused bool) lineContent {
	c := lineContent{indent: 1, name: withoutFirst(f.Name), icon: fileIcon(f.Name), progress: -1}
	state, color := stateText(f.State)
	if (f.State == queue.Compressing || f.State == queue.Verifying) && f.Size > 0 {
		c.progress = float64(f.Done) / float64(f.Size)
		if paused {
			state, color = tr("paused"), theme.ColorNameWarning
		}
		state += " " + percentWhole(c.progress)
	}
	switch {
	case f.Err != "":
		c.remark = cell{f.Err, theme.ColorNameError}
	case f.Note != "":
		c.remark = cell{noteOf(f), theme.ColorNameWarning}
	case f.SameAs == "" && f.Others > 0:
		c.remark = cell{notCompared(f), theme.ColorNamePlaceHolder}
	default:
		c.remark = cell{sharedText(f.SameAs, f.RefersTo), theme.ColorNamePlaceHolder}
	}
	c.cells = append([]cell{{state, color}}, sizeCells(f.Size, f.Sizes)...)
	c.tips = append([]string{""}, sizeTips(f.Size, f.Sizes)...)
	c.tip = f.Name
	if f.Sizes.FLAC == 0 && f.Whole > 0 {
		c.cells[3].text = bytesText(f.Whole)
	}
	return c
}

// notCompared says why a file in an archive is not compared with FLAC.
func notCompared(f queue.File) string {
	if f.Kept {
		return tr("no recording, kept whole")
	}
	return tr("FLAC cannot hold it")
}

// noteOf says what is wrong with a recording, or why it was not compressed.
func noteOf(f queue.File) string {
	if f.Kept {
		return keptWhole(f.Note)
	}
	return remarkText(f.Note)
}

// keptWhole says why a file was not compressed.
func keptWhole(why string) string {
	return tr("kept whole: {{.Reason}}", words{"Reason": remarkText(why)})
}

// sharedText says which other file has the same content, or which have samples of a
// recording. It is "" if there are none.
func sharedText(sameAs string, refersTo []string) string {
	switch {
	case sameAs != "":
		return tr("the same as {{.Name}}", words{"Name": withoutFirst(sameAs)})
	case len(refersTo) > 1:
		return tr("with samples of {{.Name}} and others", words{"Name": withoutFirst(refersTo[0])})
	case len(refersTo) == 1:
		return tr("with samples of {{.Name}}", words{"Name": withoutFirst(refersTo[0])})
	}
	return ""
}

// withoutFirst takes the folder off a name that is the job's.
func withoutFirst(name string) string {
	for i := range len(name) {
		if name[i] == '/' {
			return name[i+1:]
		}
	}
	return path.Base(name)
}

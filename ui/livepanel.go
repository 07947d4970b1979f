package ui

import (
	"path"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// livePanel compares with FLAC what is selected, its job, and everything.
type livePanel struct {
	root fyne.CanvasObject
	file *comparison
	job  *comparison
	all  *comparison
	plot *ratioPlot
	why  *reason // what is selected has failed, or is kept whole
}

func newLivePanel() *livePanel {
	p := &livePanel{
		file: newComparison(tr("File")), job: newComparison(tr("Job")), all: newComparison(tr("Everything")),
		plot: newRatioPlot(), why: newReason(),
	}
	grid := container.NewGridWithColumns(4)
	for _, o := range []fyne.CanvasObject{p.file, p.job, p.all, p.plot} {
		grid.Add(container.New(layout.NewCustomPaddedLayout(2, 2, 6, 6), o))
	}
	p.root = container.NewVBox(widget.NewSeparator(), p.why.root, grid)
	return p
}

// update shows a job, and file number n of it or, if that is -1, the one that
// was measured last.
func (p *livePanel) update(q *queue.Queue, id queue.ID, n int) {
	j, _ := q.Job(id)
	why, importance := "", widget.DangerImportance
	if n >= 0 {
		f, _ := q.FileAt(id, n)
		why = f.Err
		if why == "" && f.Note != "" {
			why, importance = noteOf(f), widget.WarningImportance
		}
		p.showFile(f)
	} else if f, ok := q.FileAt(id, j.Current); ok {
		p.showFile(f)
	} else {
		p.showFile(queue.File{})
	}
	if why == "" {
		why = j.Err
	}
	p.job.set(jobName(j), baseText(j.Totals), j.Sizes, "")
	o := q.Overview()
	p.all.set(joined(jobsText(o.Jobs), archiveText(o.ArchiveSize)), baseText(o.Totals), o.Sizes, "")
	p.plot.set(q.History())
	if p.why.set(why, importance) {
		p.root.Refresh()
	}
}

// showFile compares a file.
func (p *livePanel) showFile(f queue.File) {
	none := ""
	if f.Others > 0 {
		none = notCompared(f)
	}
	p.file.set(path.Base(f.Name), "", f.Sizes, none)
}

// archiveText says how large archives are on the disk, or is "".
func archiveText(size int64) string {
	if size == 0 {
		return ""
	}
	return tr("on the disk: {{.Size}}", words{"Size": bytesText(size)})
}

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
	p.all.set(withArchives(o), baseText(o.Totals), o.Sizes, "")
	p.plot.set(q.History())
	if p.why.set(why, importance) {
		p.root.Refresh()
	}
}

// showFile compares a file.
func (p *livePanel) showFile(f queue.File) {
	name, none := "", ""
	if f.Name != "" {
		name = path.Base(f.Name)
	}
	if f.Others > 0 {
		none = notCompared(f)
	}
	p.file.set(name, "", f.Sizes, none)
}

// withArchives says how many jobs there are, and how large their archives are.
func withArchives(o queue.Overview) string {
	if o.ArchiveSize == 0 {
		return jobsText(o.Jobs)
	}
	return tr("{{.Jobs}}, {{.Size}} on disk", words{"Jobs": jobsText(o.Jobs), "Size": bytesText(o.ArchiveSize)})
}

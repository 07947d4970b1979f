package ui

import (
	"path"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// livePanel shows what is being compressed, and compares with FLAC what is selected, its job, and everything. Why
// something has failed stands in the place of what cannot be compared then, so that
// nothing moves.
type livePanel struct {
	root fyne.CanvasObject
	own  *fyne.Container // the file and its job
	file *comparison
	job  *comparison
	all  *comparison
	plot *ratioPlot
	bits *bitsPicture // of the job in work
	why  *reason      // what is selected has failed, or is kept whole
}

func newLivePanel() *livePanel {
	p := &livePanel{
		file: newComparison(tr("File")), job: newComparison(tr("Job")), all: newComparison(tr("Everything")),
		plot: newRatioPlot(), bits: newBitsPicture(), why: newReason(),
	}
	side := func(objects ...fyne.CanvasObject) *fyne.Container {
		c := container.NewGridWithColumns(len(objects))
		for _, o := range objects {
			c.Add(container.New(layout.NewCustomPaddedLayout(2, 2, 6, 6), o))
		}
		return c
	}
	p.own = side(p.file, p.job)
	left := container.NewStack(p.own, container.NewVScroll(p.why.root))
	p.root = container.NewVBox(widget.NewSeparator(), p.bits, container.NewGridWithColumns(2, left, side(p.all, p.plot)))
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
		if _, compared := f.Sizes.Saved(); why == "" && f.Note != "" && !compared {
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
		p.own.Hidden = why != ""
		p.root.Refresh()
	}
}

// showFile compares a file.
func (p *livePanel) showFile(f queue.File) {
	name, base, none := "", "", ""
	if f.Name != "" {
		name = path.Base(f.Name)
	}
	if f.Note != "" {
		base = noteOf(f)
	}
	if f.Others > 0 {
		none = notCompared(f)
	}
	p.file.set(name, base, f.Sizes, none)
}

// withArchives says how many jobs there are, and how large their archives are.
func withArchives(o queue.Overview) string {
	if o.ArchiveSize == 0 {
		return jobsText(o.Jobs)
	}
	return tr("{{.Jobs}}, {{.Size}} on disk", words{"Jobs": jobsText(o.Jobs), "Size": bytesText(o.ArchiveSize)})
}

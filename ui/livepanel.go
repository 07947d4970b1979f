package ui

import (
	"path"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// livePanel compares with FLAC what is selected, its job, and everything.
type livePanel struct {
	root     fyne.CanvasObject
	file     *comparison
	job      *comparison
	all      *comparison
	plot     *ratioPlot
	why      *widget.Label // what is selected has failed
	whyShown *fyne.Container
}

func newLivePanel() *livePanel {
	p := &livePanel{
		file: newComparison(tr("File")), job: newComparison(tr("Job")), all: newComparison(tr("Everything")),
		plot: newRatioPlot(), why: widget.NewLabel(""),
	}
	p.why.Wrapping = fyne.TextWrapWord
	p.why.Selectable = true
	p.why.Importance = widget.DangerImportance
	p.whyShown = container.NewBorder(nil, nil, container.NewCenter(widget.NewIcon(theme.ErrorIcon())), nil, p.why)
	p.whyShown.Hide()
	grid := container.NewGridWithColumns(4)
	for _, o := range []fyne.CanvasObject{p.file, p.job, p.all, p.plot} {
		grid.Add(container.New(layout.NewCustomPaddedLayout(2, 2, 6, 6), o))
	}
	p.root = container.NewVBox(widget.NewSeparator(), p.whyShown, grid)
	return p
}

// update shows a job, and file number n of it or, if that is -1, the one that
// was measured last.
func (p *livePanel) update(q *queue.Queue, id queue.ID, n int) {
	j, _ := q.Job(id)
	reason := ""
	if n >= 0 {
		f, _ := q.FileAt(id, n)
		reason = f.Err
		p.file.set(path.Base(f.Name), f.Sizes)
	} else if f, ok := q.FileAt(id, j.Current); ok {
		p.file.set(path.Base(f.Name), f.Sizes)
	} else {
		p.file.set("", queue.Sizes{})
	}
	if reason == "" {
		reason = j.Err
	}
	p.job.set(jobName(j), j.Sizes)
	o := q.Overview()
	p.all.set(jobsText(o.Jobs), o.Sizes)
	p.plot.set(q.History())
	if reason != p.why.Text {
		p.why.SetText(reason)
		p.whyShown.Hidden = reason == ""
		p.root.Refresh()
	}
}

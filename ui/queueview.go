package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/power"
	"trilobyte/app/queue"
)

// queueRow is a row of the queue: a job, or file number file of it.
type queueRow struct {
	job  queue.ID
	file int // -1: the job itself
}

// queueView shows the queue: the list, and the comparison below it. While the
// queue is empty it says what to do.
type queueView struct {
	window  *Window
	queue   *queue.Queue
	root    fyne.CanvasObject
	empty   fyne.CanvasObject
	busy    fyne.CanvasObject // what is shown while it is not empty
	list    *lineList
	live    *livePanel
	start   *widget.Button
	cancel  *widget.Button
	clear   *widget.Button
	overall *slimBar
	status  *widget.Label

	rows     []queueRow
	folded   map[queue.ID]bool // true: its files are not shown; false: they are
	version  uint64
	selected queueRow
	paused   bool
	over     queue.ID // the job that one was dragged over last
	follow   bool     // the file in work is selected, until the user selects something else
}

// foldFrom is from how many jobs on the files of new ones are not shown.
const foldFrom = 4

func newQueueView(w *Window) *queueView {
	v := &queueView{window: w, queue: w.queue, folded: map[queue.ID]bool{}, live: newLivePanel(), version: ^uint64(0)}
	v.list = newLineList(queueColumns(), v.content)
	v.list.onChoose = func(id int) {
		v.selected = v.rows[id]
		v.follow = v.follow && v.selected == v.working()
		v.updateLive()
	}
	v.list.onMark = v.toggle
	v.list.onKey = v.key
	v.list.onSecondary = v.menu
	v.list.onSort = v.arrange
	v.list.onDrag = v.dragOver
	v.list.keyOf = func(i int) any { return v.rows[i] }
	v.list.tips = w.tips
	v.list.remember(w.config.App.Preferences(), "queue")

	v.start = widget.NewButtonWithIcon("", theme.MediaPlayIcon(), v.startOrPause)
	v.start.Importance = widget.HighImportance
	v.cancel = widget.NewButtonWithIcon(tr("Cancel"), theme.MediaStopIcon(), v.cancelSelected)
	v.clear = widget.NewButtonWithIcon(tr("Clear finished"), theme.ContentClearIcon(), v.queue.Clear)
	add := container.NewHBox(
		widget.NewButtonWithIcon(tr("Folder…"), theme.FolderNewIcon(), w.chooseFolder),
		widget.NewButtonWithIcon(tr("Files…"), theme.ContentAddIcon(), w.chooseFiles),
		widget.NewButtonWithIcon(tr("Archive…"), theme.FolderOpenIcon(), w.chooseArchive),
	)
	preferences := widget.NewButtonWithIcon(tr("Settings"), theme.SettingsIcon(), w.showSettings)
	preferences.Importance = widget.LowImportance
	toolbar := container.NewBorder(nil, nil, add, container.NewHBox(preferences, v.clear, v.cancel, steady(v.start, tr("Pause"), tr("Start"))))
	v.overall = newSlimBar()
	v.status = widget.NewLabel("")
	v.status.Truncation = fyne.TextTruncateEllipsis
	bottom := container.NewVBox(v.live.root, v.overall, v.status)
	v.busy = container.NewBorder(toolbar, bottom, nil, nil, withHeader(v.list, tr("Name")))
	v.empty = newEmptyView(w.config.App.Icon(), w.chooseFolder, w.chooseFiles, w.chooseArchive)
	v.root = container.NewStack(v.empty, v.busy)
	v.update()
	return v
}

// content is what row i shows.
func (v *queueView) content(i int) lineContent {
	r := v.rows[i]
	if r.file < 0 {
		j, _ := v.queue.Job(r.job)
		return jobLine(j, !v.folded[r.job], v.paused)
	}
	f, _ := v.queue.FileAt(r.job, r.file)
	return fileLine(f, v.paused)
}

// update brings the view up to date.
func (v *queueView) update() {
	o := v.queue.Overview()
	v.paused = o.Paused
	if version := v.queue.Version(); version != v.version {
		v.version = version
		v.arrange()
	} else {
		v.list.update()
	}
	if v.follow {
		if i := slices.Index(v.rows, v.working()); i >= 0 && i != v.list.chosen {
			v.list.choose(i)
		}
	}
	v.updateLive()
	v.updateControls(o)
}

// arrange makes the rows anew.
func (v *queueView) arrange() {
	ids := v.queue.IDs()
	v.rows = v.rows[:0]
	chosen := -1
	for _, id := range v.sortedJobs(ids) {
		if _, known := v.folded[id]; !known {
			v.folded[id] = len(ids) >= foldFrom
		}
		j, _ := v.queue.Job(id)
		v.rows = append(v.rows, queueRow{id, -1})
		if !v.folded[id] {
			for _, i := range v.sortedFiles(j) {
				v.rows = append(v.rows, queueRow{id, i})
			}
		}
	}
	if i := slices.Index(v.rows, v.selected); i >= 0 {
		chosen = i
	} else if i := slices.Index(v.rows, queueRow{v.selected.job, -1}); i >= 0 {
		chosen, v.selected.file = i, -1
	} else {
		v.selected = queueRow{}
	}
	v.list.setRows(len(v.rows), chosen)
	v.empty.(*fyne.Container).Hidden = len(ids) > 0
	v.busy.(*fyne.Container).Hidden = len(ids) == 0
	v.root.Refresh()
}

// updateLive compares what is selected, or else the job in work.
func (v *queueView) updateLive() {
	r := v.selected
	if r.job == 0 {
		r = queueRow{v.atWork(), -1}
	}
	v.live.update(v.queue, r.job, r.file)
	v.live.bits.set(v.queue.Picture(v.atWork()))
}

// working is the row of the file in work, or of its job if its files are not shown.
func (v *queueView) working() queueRow {
	id := v.atWork()
	j, _ := v.queue.Job(id)
	if v.folded[id] || !j.State.Active() {
		return queueRow{id, -1}
	}
	for i := range j.Files {
		if f, _ := v.queue.FileAt(id, i); f.State == queue.Compressing || f.State == queue.Verifying {
			return queueRow{id, i}
		}
	}
	return queueRow{id, -1}
}

// atWork is the job in work, or else the last one that has ended.
func (v *queueView) atWork() queue.ID {
	last := queue.ID(0)
	for _, id := range v.queue.IDs() {
		j, _ := v.queue.Job(id)
		if j.State.Active() {
			return id
		}
		if j.State.Finished() || last == 0 {
			last = id
		}
	}
	return last
}

func (v *queueView) updateControls(o queue.Overview) {
	left := o.Waiting + o.Active
	label, icon := tr("Pause"), theme.MediaPauseIcon()
	if o.Paused {
		label, icon = tr("Start"), theme.MediaPlayIcon()
	}
	if v.start.Text != label {
		v.start.SetText(label)
		v.start.SetIcon(icon)
	}
	enable(v.start, left > 0 || o.Paused)
	enable(v.cancel, left > 0)
	enable(v.clear, o.Finished > o.Failed)
	v.overall.set(o.Fraction)
	text := statusText(o)
	if v.window.whenDone != power.Nothing && left > 0 {
		text = joined(text, tr("when all is done: {{.Action}}", words{"Action": whenDoneText(v.window.whenDone)}))
	}
	if text != v.status.Text {
		v.status.SetText(text)
	}
}

func statusText(o queue.Overview) string {
	part, failed, paused := "", "", ""
	if o.Active > 0 {
		part = percentWhole(o.Fraction)
	}
	if o.Failed > 0 {
		failed = tr("{{.N}} failed", words{"N": o.Failed})
	}
	if o.Paused {
		paused = tr("paused")
	}
	done := tr("Jobs done: {{.Done}} of {{.Jobs}}", words{"Done": o.Done, "Jobs": o.Jobs})
	return joined(part, done, failed, paused, speedText(o.Speed), leftText(o.Left))
}

func enable(b *widget.Button, on bool) {
	if on == b.Disabled() {
		if on {
			b.Enable()
		} else {
			b.Disable()
		}
	}
}

// startOrPause is what the button does.
func (v *queueView) startOrPause() {
	if v.queue.Overview().Paused {
		v.queue.Start()
	} else {
		v.queue.Pause()
	}
	v.update()
}

// toggle shows or hides the files of the job in row i.
func (v *queueView) toggle(i int) {
	r := v.rows[i]
	if r.file >= 0 {
		return
	}
	v.folded[r.job] = !v.folded[r.job]
	v.arrange()
}

// key is called for keys that do not move the selection.
func (v *queueView) key(e *fyne.KeyEvent) {
	i := v.list.chosen
	if i < 0 || i >= len(v.rows) {
		return
	}
	r := v.rows[i]
	switch e.Name {
	case fyne.KeyDelete, fyne.KeyBackspace:
		v.removeSelected()
	case fyne.KeySpace:
		v.toggle(i)
	case fyne.KeyReturn, fyne.KeyEnter:
		v.openSelected()
	case fyne.KeyRight:
		if v.folded[r.job] {
			v.toggle(i)
		}
	case fyne.KeyLeft:
		if r.file >= 0 {
			v.list.choose(slices.Index(v.rows, queueRow{r.job, -1}))
		} else if !v.folded[r.job] {
			v.toggle(i)
		}
	}
}

// selectedJobs are the jobs of the selected rows, in their order.
func (v *queueView) selectedJobs() []queue.ID {
	var ids []queue.ID
	for _, i := range v.list.selection() {
		if id := v.rows[i].job; !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// cancelSelected cancels the selected jobs, or all if those have ended.
func (v *queueView) cancelSelected() {
	var unfinished []queue.ID
	for _, id := range v.selectedJobs() {
		if j, ok := v.queue.Job(id); ok && !j.State.Finished() {
			unfinished = append(unfinished, id)
		}
	}
	v.queue.Cancel(unfinished...)
}

func (v *queueView) retrySelected() {
	if ids := v.selectedJobs(); len(ids) > 0 {
		v.queue.Retry(ids...)
	}
}

// removeSelected removes the selected jobs. Files of a job cannot be removed from it.
func (v *queueView) removeSelected() {
	var jobs []queue.Job
	for _, i := range v.list.selection() {
		if j, ok := v.queue.Job(v.rows[i].job); ok && v.rows[i].file < 0 {
			jobs = append(jobs, j)
		}
	}
	v.remove(jobs...)
}

// moveSelected moves the selected jobs in the order of work, in which they are shown
// then.
func (v *queueView) moveSelected(by int) {
	ids := v.selectedJobs()
	if len(ids) == 0 {
		return
	}
	if by > 0 {
		slices.Reverse(ids) // so that none stands in the way of another
	}
	for _, id := range ids {
		v.queue.Move(id, by)
	}
	v.list.sortBy(sorting{by: noSort})
	v.update()
}

// dragOver moves a job that is dragged over another one to its place in the order of
// work, if the list shows that order. It does so once, until the mouse has been over the
// job itself again, or over a third one.
func (v *queueView) dragOver(key any, row int) {
	r, ok := key.(queueRow)
	if !ok || r.file >= 0 || row < 0 || v.list.sorting.by != noSort {
		return
	}
	target := v.rows[row].job
	if target == v.over || target == r.job {
		v.over = target
		return
	}
	v.over = target
	ids := v.queue.IDs()
	v.queue.Move(r.job, slices.Index(ids, target)-slices.Index(ids, r.job))
	v.update()
}

// openSelected opens the archive of the selected job.
func (v *queueView) openSelected() {
	if j, ok := v.queue.Job(v.selected.job); ok && j.ArchiveSize > 0 {
		v.window.openArchive(j.Archive)
	}
}

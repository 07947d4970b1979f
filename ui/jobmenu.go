package ui

import (
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
	"trilobyte/ui/filechooser"
)

// menu opens the menu of row i.
func (v *queueView) menu(i int, at fyne.Position) {
	if ids := v.selectedJobs(); len(ids) > 1 {
		widget.ShowPopUpMenuAtPosition(v.jobsMenu(ids), v.window.win.Canvas(), at)
	} else if j, ok := v.queue.Job(v.rows[i].job); ok {
		widget.ShowPopUpMenuAtPosition(v.jobMenu(j), v.window.win.Canvas(), at)
	}
}

// jobsMenu is the menu of several jobs.
func (v *queueView) jobsMenu(ids []queue.ID) *fyne.Menu {
	presets := fyne.NewMenuItem(tr("Size or speed"), nil)
	presets.ChildMenu = fyne.NewMenu("")
	for _, preset := range presetNames() {
		presets.ChildMenu.Items = append(presets.ChildMenu.Items, fyne.NewMenuItem(capital(presetText(preset)), func() {
			for _, id := range ids {
				v.queue.SetPreset(id, preset)
			}
		}))
	}
	title := fyne.NewMenuItem(jobsText(len(ids)), nil)
	title.Disabled = true
	return fyne.NewMenu("", title, fyne.NewMenuItemSeparator(), presets, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tr("Cancel"), v.cancelSelected),
		fyne.NewMenuItem(tr("Retry"), v.retrySelected),
		fyne.NewMenuItem(tr("Remove from the list"), v.removeSelected),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tr("Move up"), func() { v.moveSelected(-1) }),
		fyne.NewMenuItem(tr("Move down"), func() { v.moveSelected(1) }),
	)
}

// jobMenu is the menu of a job.
func (v *queueView) jobMenu(j queue.Job) *fyne.Menu {
	item := func(label string, on bool, act func()) *fyne.MenuItem {
		m := fyne.NewMenuItem(label, act)
		m.Disabled = !on
		return m
	}
	presets := item(tr("Size or speed"), j.CanChange(), nil)
	presets.ChildMenu = fyne.NewMenu("")
	for _, preset := range presetNames() {
		m := item(capital(presetText(preset)), true, func() { v.queue.SetPreset(j.ID, preset) })
		m.Checked = preset == j.Preset
		presets.ChildMenu.Items = append(presets.ChildMenu.Items, m)
	}
	return fyne.NewMenu("",
		item(tr("Open archive"), j.ArchiveSize > 0, v.openSelected),
		item(tr("Verify again"), j.ArchiveSize > 0, func() { v.window.check("", []string{j.Archive}) }),
		item(tr("Save a report…"), j.ArchiveSize > 0, func() { v.window.askReport(j.Archive) }),
		item(tr("Show in file manager"), true, func() { v.window.reveal(j.Archive) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Update the archive that is there"), j.Taken == queue.ByArchive, func() { v.queue.Resolve(j.ID, queue.Update) }),
		item(tr("Replace the archive that is there…"), j.Taken == queue.ByArchive, func() { v.replace(j) }),
		item(tr("Make another archive, with a number"), j.Taken != "", func() { v.queue.Resolve(j.ID, queue.Number) }),
		fyne.NewMenuItemSeparator(),
		presets,
		item(tr("Write the archive to…"), j.CanChange(), func() { v.chooseDestination(j) }),
		item(tr("Write the archive beside the original"), j.CanChange(), func() { v.queue.SetFolder(j.ID, "") }),
		fyne.NewMenuItemSeparator(),
		item(tr("Cancel"), !j.State.Finished(), func() { v.queue.Cancel(j.ID) }),
		item(tr("Retry"), j.State == queue.Failed || j.State == queue.Cancelled, v.retrySelected),
		item(tr("Remove from the list"), true, func() { v.remove(j) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Move up"), true, func() { v.moveSelected(-1) }),
		item(tr("Move down"), true, func() { v.moveSelected(1) }),
	)
}

// chooseDestination asks where the archive of a job is to be written to.
func (v *queueView) chooseDestination(j queue.Job) {
	r := filechooser.Request{Title: tr("Where the archive is written to"), Accept: tr("Choose"), Folder: true, Dir: filepath.Dir(j.Archive)}
	v.window.choose(r, func(paths []string) { v.queue.SetFolder(j.ID, paths[0]) })
}

// remove takes jobs out of the list. If one is in work it asks, for that is lost.
func (v *queueView) remove(jobs ...queue.Job) {
	var ids []queue.ID
	active := ""
	for _, j := range jobs {
		ids = append(ids, j.ID)
		if j.State.Active() && active == "" {
			active = filepath.Base(j.Archive)
		}
	}
	if active == "" {
		v.queue.Remove(ids...)
		return
	}
	v.window.confirm(tr("Remove a job that is in work?"),
		tr("What is done of {{.Archive}} is thrown away. Your files are untouched.", words{"Archive": active}),
		tr("Stop and remove"), tr("Go on working"), func(yes bool) {
			if yes {
				v.queue.Remove(ids...)
			}
		})
}

// replace has the archive that is there made anew, once it was asked for.
func (v *queueView) replace(j queue.Job) {
	v.window.confirm(tr("Replace an archive?"),
		tr("{{.Archive}} is made anew of what is there now.\nWhat only the old archive has is lost. To keep it, update the archive instead.", words{"Archive": j.Archive}),
		tr("Replace it"), tr("Leave it"), func(yes bool) {
			if yes {
				v.queue.Resolve(j.ID, queue.Replace)
			}
		})
}

// presetNames are the presets that can be chosen, as queue.Options has them.
func presetNames() []string { return []string{"fast", "", "max"} }

// presetText says what a preset is.
func presetText(preset string) string {
	switch preset {
	case "fast":
		return tr("fast: larger archives")
	case "max":
		return tr("smallest archives: several times as long")
	}
	return tr("balanced")
}

// orderText says how a job is to be done, and where its archive goes.
func orderText(j queue.Job) string {
	preset, _, _ := strings.Cut(presetText(j.Preset), ":")
	return joined(preset, "→ "+j.Archive)
}

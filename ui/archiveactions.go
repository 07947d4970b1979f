package ui

import (
	"context"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/job"
	"trilobyte/app/operation"
	"trilobyte/ui/filechooser"
)

// folderEntry is a field for a folder, with a button that opens a dialog.
type folderEntry struct {
	widget.Entry
	row   fyne.CanvasObject
	modal *modal
}

// path returns such a field alone, for any path.
func (m *modal) path(text string) *folderEntry {
	f := &folderEntry{modal: m}
	f.ExtendBaseWidget(f)
	f.SetText(text)
	return f
}

func (m *modal) folder(folder string) *folderEntry {
	f, w := m.path(folder), m.window
	choose := m.button(tr("Choose…"), theme.FolderOpenIcon(), func() {
		r := filechooser.Request{Title: tr("Choose a folder"), Accept: tr("Choose"), Folder: true, Dir: f.Text}
		w.ask(r, func(paths []string) { f.SetText(paths[0]) }, func() { w.browse(r, f.SetText) })
	})
	f.row = container.NewBorder(nil, nil, nil, choose, f)
	return f
}

// TypedKey implements fyne.Focusable.
func (f *folderEntry) TypedKey(e *fyne.KeyEvent) {
	if !f.modal.key(e) {
		f.Entry.TypedKey(e)
	}
}

// askRestore asks where to restore to: the given names, which are of so many files,
// or everything.
func (v *archiveView) askRestore(names []string, files int) {
	if v.busy() {
		return
	}
	what := tr("Everything: {{.Files}}", words{"Files": filesText(v.tree.root.files)})
	if names != nil {
		what = tr("Selected: {{.Files}}", words{"Files": filesText(files)})
	}
	m := v.window.newModal()
	replace := m.check(tr("Replace files that are there already"), nil)
	v.ask(m, tr("Restore"), what, replace, func(folder string) {
		options := job.RestoreOptions{Archive: v.path, Dir: folder, Names: names, Overwrite: replace.Checked}
		v.start(tr("Restoring"), tr("restored"), folder, func(ctx context.Context, engine *job.Engine) (job.Summary, error) {
			return engine.Restore(ctx, options)
		})
	})
}

// askExport asks where to export to: what is selected, or everything.
func (v *archiveView) askExport() {
	if v.tree.root.chosen > 0 {
		v.askExportOf(v.tree.names())
	} else {
		v.askExportOf(nil)
	}
}

// askExportOf asks where to export to: the given names, or everything.
func (v *archiveView) askExportOf(names []string) {
	if v.busy() {
		return
	}
	what := tr("The recordings of everything, as FLAC files with their tags")
	if names != nil {
		what = tr("The recordings of what is selected, as FLAC files with their tags")
	}
	v.ask(v.window.newModal(), tr("Export"), what, nil, func(folder string) {
		v.start(tr("Exporting"), tr("exported"), folder, func(ctx context.Context, engine *job.Engine) (job.Summary, error) {
			return engine.Export(ctx, job.ExportOptions{Archive: v.path, Dir: folder, Names: names})
		})
	})
}

// ask asks for a folder.
func (v *archiveView) ask(m *modal, verb, what string, option fyne.CanvasObject, then func(folder string)) {
	folder := m.folder(filepath.Dir(v.path))
	content := container.NewVBox(widget.NewLabel(what), widget.NewLabel(tr("Into the folder:")), folder.row)
	if option != nil {
		content.Add(option)
	}
	m.ask(verb, verb, tr("Cancel"), content, fyne.NewSize(560, 0), func() {
		if folder.Text != "" {
			then(folder.Text)
		}
	})
	m.focus(folder)
}

func (v *archiveView) startVerify() {
	if v.busy() {
		return
	}
	v.start(tr("Verifying"), tr("verified"), "", func(ctx context.Context, engine *job.Engine) (job.Summary, error) {
		return engine.Verify(ctx, v.path)
	})
}

// start starts an operation: its name is work, and verb is what it does to files.
func (v *archiveView) start(work, verb, folder string, run func(context.Context, *job.Engine) (job.Summary, error)) {
	v.banner.hide()
	for _, n := range v.tree.byKey {
		n.failure = ""
	}
	v.work, v.verb, v.folder, v.failures = work, verb, folder, 0
	o := operation.Start(1, func(ctx context.Context, events func(job.Event)) (job.Summary, error) {
		engine := v.window.config.Engine
		engine.Events, engine.Workers = events, v.window.settings.workers(v.window.config.Cores)
		return run(ctx, &engine)
	})
	v.operation = o
	v.strip.Show()
	v.root.Refresh()
	v.window.wg.Go(func() {
		for {
			<-o.Changed()
			v.window.touch()
			if o.Status().Ended {
				return
			}
		}
	})
	v.update()
}

// busy says whether an operation is in work.
func (v *archiveView) busy() bool { return v.operation != nil }

func (v *archiveView) cancelOperation() {
	if v.operation != nil {
		v.operation.Cancel()
	}
}

// end ends what the view has started.
func (v *archiveView) end() {
	v.player.stop()
	if v.operation != nil {
		v.operation.Cancel()
		v.operation.Wait()
	}
}

// update brings the view up to date.
func (v *archiveView) update() {
	v.player.update()
	if v.operation == nil {
		return
	}
	s := v.operation.Status()
	for _, f := range v.operation.Failures(v.failures) {
		v.failures++
		name := f.Name
		if n := v.tree.byKey[f.Name]; n != nil {
			n.failure = faultText(f.Err)
		} else {
			name = filepath.Base(v.path)
		}
		v.window.log.add(true, name+": "+faultText(f.Err))
	}
	v.bar.set(s.Progress.Fraction)
	v.progress.SetText(joined(v.work+" "+percentWhole(s.Progress.Fraction), speedText(s.Progress.Speed), leftText(s.Progress.Left)))
	if s.Ended {
		v.operation = nil
		v.strip.Hide()
		v.result(s)
		v.list.update()
		v.explain()
	}
	v.enable()
}

// result says how an operation has ended.
func (v *archiveView) result(s operation.Status) {
	label, act := "", func() {}
	if v.folder != "" {
		folder := v.folder
		label, act = tr("Show folder"), func() { v.window.reveal(folder) }
	}
	data := words{"Files": filesText(s.Files), "Verb": v.verb, "Failed": filesText(s.Failed), "Archive": filepath.Base(v.path)}
	text, good := "", false
	switch {
	case s.Cancelled:
		text = tr("Stopped. {{.Files}} {{.Verb}} before that.", data)
	case s.Err != nil:
		text = faultText(s.Err)
	case s.Failed > 0:
		text = tr("{{.Files}} {{.Verb}}, {{.Failed}} failed: see the list, or the activity log.", data)
	case s.Missing > 0:
		data["Missing"] = filesText(s.Missing)
		text = tr("{{.Files}} {{.Verb}}, and sound; but {{.Missing}} could not be read when the archive was made or updated: see the activity log.", data)
	default:
		text, good = tr("{{.Files}} {{.Verb}}. All is well: every byte agrees with its checksums.", data), true
	}
	differ := slices.ContainsFunc(s.Lacks, func(l job.Lacking) bool { return l.What == job.LackThere || l.What == job.LackBits })
	switch {
	case s.There > 0 && differ:
		text += " " + tr("Of these, {{.Files}} were there already, with the same content.", words{"Files": filesText(s.There)})
	case s.There > 0:
		text += " " + tr("Of these, {{.Files}} were there already, the same.", words{"Files": filesText(s.There)})
	}
	for _, l := range s.Lacks {
		text += " " + lackText(l)
	}
	v.banner.show(text, good, label, act)
	v.window.log.add(!good, filepath.Base(v.path)+": "+text)
}

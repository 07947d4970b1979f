package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/operation"
)

// archiveView shows what is in an archive, and does things with it.
type archiveView struct {
	window *Window
	path   string
	root   fyne.CanvasObject
	title  *widget.Label
	search *widget.Entry
	list   *lineList
	banner *banner
	player *playerBar
	why    *reason // what is selected has failed

	restoreAll, restoreSome, verify, export, listen *widget.Button

	strip    *fyne.Container // the operation in work
	bar      *slimBar
	progress *widget.Label

	tree     *tree
	rows     []*node
	selected *node

	operation *operation.Operation
	work      string // what the operation is
	verb      string // what it does to files, for its messages
	folder    string // that it writes into, or ""
	failures  int    // that have been taken over
}

func newArchiveView(w *Window, path string) *archiveView {
	v := &archiveView{window: w, path: path, tree: newTree(nil)}
	v.title = widget.NewLabelWithStyle(filepath.Base(path), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	v.title.Truncation = fyne.TextTruncateEllipsis
	v.why = newReason()
	v.banner = newBanner(func() { v.root.Refresh() })
	v.search = widget.NewEntry()
	v.search.SetPlaceHolder(tr("Search"))
	v.search.OnChanged = func(string) { v.arrange() }

	v.list = newLineList(archiveColumns(), func(i int) lineContent {
		n := v.rows[i]
		return nodeLine(n, v.player.plays(n.path), v.search.Text != "")
	})
	v.list.onChoose = func(i int) {
		v.selected = v.rows[i]
		v.explain()
		v.enable()
	}
	v.list.onMark = v.toggle
	v.list.onCheck = v.tick
	v.list.onKey = v.key
	v.list.onSecondary = v.menu
	v.list.onSort = v.arrange
	v.list.keyOf = func(i int) any { return v.rows[i] }
	v.list.tips = w.tips
	v.list.remember(w.config.App.Preferences(), "archive")
	v.player = newPlayerBar(w, path, func() {
		v.list.update()
		v.root.Refresh()
	})

	v.player.neighbour = v.neighbour

	v.restoreAll = widget.NewButtonWithIcon(tr("Restore all…"), theme.DownloadIcon(), func() { v.askRestore(nil, 0) })
	v.restoreAll.Importance = widget.HighImportance
	v.restoreSome = widget.NewButtonWithIcon(tr("Restore selected…"), theme.DownloadIcon(), func() { v.askRestore(v.tree.names(), v.tree.root.chosen) })
	v.verify = widget.NewButtonWithIcon(tr("Verify"), theme.ConfirmIcon(), v.startVerify)
	v.export = widget.NewButtonWithIcon(tr("Export as FLAC…"), theme.UploadIcon(), v.askExport)
	v.listen = widget.NewButtonWithIcon(tr("Listen"), theme.MediaPlayIcon(), v.play)
	v.listen.Hidden = w.config.Sound == nil
	shut := widget.NewButtonWithIcon(tr("Close"), theme.CancelIcon(), func() { w.closeArchive(v) })
	shut.Importance = widget.LowImportance

	v.bar = newSlimBar()
	v.progress = widget.NewLabel("")
	v.progress.Truncation = fyne.TextTruncateEllipsis
	stop := widget.NewButtonWithIcon(tr("Cancel"), theme.MediaStopIcon(), v.cancelOperation)
	v.strip = container.NewBorder(v.bar, nil, nil, stop, v.progress)
	v.strip.Hide()

	buttons := container.NewHBox(v.restoreAll, v.restoreSome, v.verify, v.export, v.listen)
	search := container.NewGridWrap(fyne.NewSize(180, v.search.MinSize().Height), v.search)
	top := container.NewVBox(container.NewBorder(nil, nil, nil, container.NewHBox(search, shut), v.title), buttons)
	v.root = container.NewBorder(top, container.NewVBox(v.why.root, v.strip, v.player.root), nil, nil,
		container.NewStack(withHeader(v.list, tr("Name")), container.NewBorder(nil, v.banner.root, nil, nil)))
	v.enable()
	return v
}

// load reads what is in the archive, beside the main goroutine.
func (v *archiveView) load() {
	w := v.window
	w.wg.Go(func() {
		engine := w.config.Engine
		entries, damage, err := engine.List(v.path)
		missing, _ := engine.Missing(v.path) // what is wrong with the archive is said already
		size := int64(0)
		if info, err := os.Stat(v.path); err == nil {
			size = info.Size()
		}
		w.do(func() { v.loaded(entries, size, damage, missing, err) })
	})
}

// loaded shows what is in the archive, which has so many bytes on the disk.
func (v *archiveView) loaded(entries []*archive.Entry, size int64, damage []error, missing []archive.Missing, err error) {
	switch {
	case err != nil:
		v.window.log.add(true, v.path+": "+faultText(err))
		v.banner.show(tr("This archive cannot be opened: {{.Error}}", words{"Error": faultText(disk.WithoutPath(err))}), false, "", nil)
	case len(damage) > 0:
		for _, err := range damage {
			v.window.log.add(true, v.path+": "+faultText(err))
		}
		v.banner.show(tr("This archive is damaged: {{.Error}}. What is sound can still be restored.", words{"Error": faultText(damage[0])}), false, "", nil)
	case len(missing) > 0:
		for _, m := range missing {
			v.window.log.add(true, v.path+": "+m.Name+": "+m.Reason)
		}
		v.banner.show(tr("Not everything is in this archive. Left out when it was made: {{.Name}} ({{.Reason}}), {{.Number}} in all.", words{"Name": missing[0].Name, "Reason": missing[0].Reason, "Number": len(missing)}), false, "", nil)
	}
	v.tree = newTree(entries)
	length := time.Duration(0)
	for _, e := range entries {
		length += e.Duration()
	}
	root := v.tree.root
	if err == nil {
		v.title.SetText(joined(filepath.Base(v.path), filesText(root.files), lengthText(length), tr("{{.Size}} in {{.Archive}}", words{"Size": bytesText(root.size), "Archive": bytesText(size)}), totalVerdict(root.totals)))
	}
	v.arrange()
	v.list.choose(0)
	v.enable()
}

// arrange makes the rows anew.
func (v *archiveView) arrange() {
	v.tree.sort(v.list.sorting)
	v.rows = v.tree.rows(v.search.Text)
	v.list.setRows(len(v.rows), slices.Index(v.rows, v.selected))
}

// toggle folds or unfolds the folder in row i.
func (v *archiveView) toggle(i int) {
	if n := v.rows[i]; n.isFolder() {
		n.folded = !n.folded
		v.arrange()
	}
}

// tick chooses what is in row i, or the opposite.
func (v *archiveView) tick(i int) { v.tickNode(v.rows[i]) }

// tickSelected ticks what is selected, or nothing of it if all is ticked.
func (v *archiveView) tickSelected() {
	selected := v.list.selection()
	if len(selected) == 1 {
		v.tick(selected[0])
		return
	}
	on := slices.ContainsFunc(selected, func(i int) bool { return v.rows[i].box() != ticked })
	for _, i := range selected {
		v.rows[i].tick(on)
	}
	v.list.update()
	v.enable()
}

// tickAll chooses everything, or nothing if everything is chosen.
func (v *archiveView) tickAll() { v.tickNode(v.tree.root) }

// tickNode chooses a file or a folder, or the opposite. While something is searched
// for, only what has been found is: nobody chooses what is not on the screen.
func (v *archiveView) tickNode(n *node) {
	if strings.TrimSpace(v.search.Text) == "" {
		n.tick(n.box() != ticked)
	} else {
		found := v.filesFound(n)
		on := slices.ContainsFunc(found, func(f *node) bool { return !f.ticked })
		for _, f := range found {
			f.tick(on)
		}
	}
	v.list.update()
	v.enable()
}

// filesFound are the files on the screen that are n, or in it.
func (v *archiveView) filesFound(n *node) []*node {
	var found []*node
	for _, f := range v.rows {
		for p := f; p != nil && !f.isFolder(); p = p.parent {
			if p == n {
				found = append(found, f)
				break
			}
		}
	}
	return found
}

func (v *archiveView) key(e *fyne.KeyEvent) {
	i := v.list.chosen
	if i < 0 || i >= len(v.rows) {
		return
	}
	n := v.rows[i]
	switch e.Name {
	case fyne.KeySpace:
		v.tickSelected()
	case fyne.KeyReturn, fyne.KeyEnter:
		switch {
		case n.isFolder():
			v.toggle(i)
		case n.entry.Kind == archive.KindRecording && v.window.config.Sound != nil:
			v.play()
		default:
			v.showProperties(n)
		}
	case fyne.KeyLeft:
		if n.isFolder() && !n.folded {
			v.toggle(i)
		} else if p := slices.Index(v.rows, n.parent); p >= 0 {
			v.list.choose(p)
		}
	case fyne.KeyRight:
		if n.isFolder() && n.folded {
			v.toggle(i)
		}
	}
}

// play plays the selected file, or stops it.
func (v *archiveView) play() {
	if v.selected != nil && v.selected.entry != nil {
		v.player.toggle(v.selected.entry)
	}
}

// neighbour is the recording that is shown so many after the one of that name, or nil.
func (v *archiveView) neighbour(name string, by int) *archive.Entry {
	var recordings []*archive.Entry
	at := -1
	for _, n := range v.tree.rows("") {
		if n.entry == nil || n.entry.Kind != archive.KindRecording {
			continue
		}
		if n.path == name {
			at = len(recordings)
		}
		recordings = append(recordings, n.entry)
	}
	if i := at + by; at >= 0 && i >= 0 && i < len(recordings) {
		return recordings[i]
	}
	return nil
}

// explain shows all of why what is selected has failed.
func (v *archiveView) explain() {
	text := ""
	if v.selected != nil {
		text = v.selected.fault()
	}
	if v.why.set(text, widget.DangerImportance) {
		v.root.Refresh()
	}
}

// enable makes the buttons usable that are of use.
func (v *archiveView) enable() {
	some := v.tree.root.files > 0 || len(v.rows) > 0
	idle := !v.busy()
	enable(v.restoreAll, some && idle)
	enable(v.restoreSome, idle && v.tree.root.chosen > 0)
	enable(v.verify, some && idle)
	enable(v.export, some && idle)
	enable(v.listen, v.selected != nil && v.selected.entry != nil && v.selected.entry.Kind == archive.KindRecording)
}

// openArchive opens an archive in a tab of its own, or shows that tab.
func (w *Window) openArchive(path string) {
	for tab, v := range w.archives {
		if v.path == path {
			w.tabs.Select(tab)
			return
		}
	}
	w.remember(path)
	v := newArchiveView(w, path)
	tab := container.NewTabItemWithIcon(filepath.Base(path), theme.StorageIcon(), v.root)
	w.archives[tab] = v
	w.tabs.Append(tab)
	w.tabs.Select(tab)
	w.win.Canvas().Focus(v.list)
	v.load()
}

// current is the archive that is being looked at, or nil.
func (w *Window) current() *archiveView { return w.archives[w.tabs.Selected()] }

// closeArchive closes the tab of an archive.
func (w *Window) closeArchive(v *archiveView) {
	if !v.busy() {
		w.forget(v)
		return
	}
	w.confirm(tr("Close while work goes on?"), tr("What is being done with this archive is stopped."), tr("Stop and close"), tr("Go on working"), func(yes bool) {
		if yes {
			w.forget(v)
		}
	})
}

func (w *Window) forget(v *archiveView) {
	v.end()
	for tab, other := range w.archives {
		if other == v {
			delete(w.archives, tab)
			w.tabs.Remove(tab)
		}
	}
	w.tabs.Select(w.queueTab)
}

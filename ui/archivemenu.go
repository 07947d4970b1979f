package ui

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/archive"
)

// menu opens the menu of row i, or that of all selected rows.
func (v *archiveView) menu(i int, at fyne.Position) {
	if selected := v.list.selection(); len(selected) > 1 {
		widget.ShowPopUpMenuAtPosition(v.nodesMenu(selected), v.window.win.Canvas(), at)
		return
	}
	widget.ShowPopUpMenuAtPosition(v.nodeMenu(v.rows[i]), v.window.win.Canvas(), at)
}

// nodesMenu is the menu of several files and folders.
func (v *archiveView) nodesMenu(rows []int) *fyne.Menu {
	var names, sums []string
	files := 0
	for _, i := range rows {
		n := v.rows[i]
		if slices.ContainsFunc(names, func(folder string) bool { return strings.HasPrefix(n.path, folder+"/") }) {
			continue // is in a folder that is selected, too
		}
		names, files = append(names, n.path), files+n.files
		if n.entry != nil && n.entry.SHA256 != "" {
			sums = append(sums, n.entry.SHA256+"  "+n.path)
		}
	}
	restore := fyne.NewMenuItem(tr("Restore to…"), func() { v.askRestore(names, files) })
	export := fyne.NewMenuItem(tr("Export as FLAC…"), func() { v.askExportOf(names) })
	restore.Disabled, export.Disabled = v.busy(), v.busy()
	copied := fyne.NewMenuItem(tr("Copy the SHA-256 checksums"), func() { v.window.copyText(strings.Join(sums, "\n") + "\n") })
	copied.Disabled = len(sums) == 0
	return fyne.NewMenu("", restore, export, fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(tr("Tick, or not"), v.tickSelected),
		fyne.NewMenuItem(tr("Copy the names"), func() { v.window.copyText(strings.Join(names, "\n") + "\n") }),
		copied,
	)
}

// showProperties shows all that is known of a file or folder.
func (v *archiveView) showProperties(n *node) {
	m := v.window.newModal()
	form := widget.NewForm()
	text := ""
	for _, p := range properties(n) {
		value := widget.NewLabel(p[1])
		value.Wrapping = fyne.TextWrapBreak // not selectable: it would have the focus then, and keep Escape to itself
		form.Append(p[0], value)
		text += p[0] + ": " + p[1] + "\n"
	}
	copied := m.button(tr("Copy"), theme.ContentCopyIcon(), func() { v.window.copyText(text) })
	shut := m.button(tr("Close"), theme.CancelIcon(), m.dismiss)
	m.show(n.name, container.NewVScroll(form), fyne.NewSize(620, 460), copied, shut)
	m.focus(shut)
}

// properties are what is known of a file or folder, each with its name.
func properties(n *node) [][2]string {
	var all [][2]string
	add := func(name, value string) {
		if value != "" {
			all = append(all, [2]string{name, value})
		}
	}
	add(tr("Path"), n.path)
	if n.isFolder() {
		add(tr("Content"), filesText(n.files))
	} else {
		e := n.entry
		add(tr("Format"), joined(strings.ToUpper(e.Format), formatText(e.File)))
		add(tr("Length"), lengthText(e.Duration()))
		add(tr("Last changed"), dateText(e.ModTime()))
		add(tr("Link to"), e.Target)
		add(tr("Remark"), remarkText(e.Note))
		add(tr("Shares"), sharedText(e.SameAs, e.RefersTo))
		add(tr("Failed"), n.fault())
	}
	add(tr("Original"), exactText(n.size))
	if n.totals.Recordings > 0 {
		text, _ := verdict(n.totals.Sizes)
		add("FLAC", exactText(n.totals.Sizes.FLAC))
		add("Trilobyte", joined(exactText(n.totals.Sizes.Trilobyte), text))
		add(tr("Other files"), othersText(n.totals))
	} else {
		add(tr("In the archive"), exactText(n.compressed))
	}
	if n.entry != nil && !n.isFolder() {
		add("SHA-256", n.entry.SHA256)
		add(tr("MD5 of the samples"), n.entry.PCMMD5)
	}
	return all
}

// nodeMenu is the menu of a file or folder of an archive.
func (v *archiveView) nodeMenu(n *node) *fyne.Menu {
	item := func(label string, on bool, act func()) *fyne.MenuItem {
		m := fyne.NewMenuItem(label, act)
		m.Disabled = !on
		return m
	}
	recording := n.entry != nil && n.entry.Kind == archive.KindRecording
	sum := ""
	if n.entry != nil {
		sum = n.entry.SHA256
	}
	return fyne.NewMenu("",
		item(tr("Play or stop"), recording && v.window.config.Sound != nil, v.play),
		item(tr("Restore to…"), !v.busy(), func() { v.askRestore([]string{n.path}, n.files) }),
		item(tr("Export as FLAC…"), !v.busy() && (recording || n.totals.Recordings > 0), func() { v.askExportOf([]string{n.path}) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Copy the name"), true, func() { v.window.copyText(n.path) }),
		item(tr("Copy the SHA-256 checksum"), sum != "", func() { v.window.copyText(sum) }),
		item(tr("Copy the MD5 of the samples"), n.entry != nil && n.entry.PCMMD5 != "", func() { v.window.copyText(n.entry.PCMMD5) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Properties…"), true, func() { v.showProperties(n) }),
	)
}

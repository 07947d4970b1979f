package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/archive"
)

// menu opens the menu of row i.
func (v *archiveView) menu(i int, at fyne.Position) {
	widget.ShowPopUpMenuAtPosition(v.nodeMenu(v.rows[i]), v.window.win.Canvas(), at)
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
		item(tr("Restore…"), !v.busy(), func() { v.askRestore([]string{n.path}, n.files) }),
		fyne.NewMenuItemSeparator(),
		item(tr("Copy the name"), true, func() { v.window.copyText(n.path) }),
		item(tr("Copy the checksum (SHA-256)"), sum != "", func() { v.window.copyText(sum) }),
	)
}

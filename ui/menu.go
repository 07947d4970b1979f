package ui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// mainMenu is the menu bar.
func (w *Window) mainMenu() *fyne.MainMenu { return fyne.NewMainMenu(w.menus()...) }

func (w *Window) menus() []*fyne.Menu {
	return []*fyne.Menu{
		fyne.NewMenu(tr("File"),
			w.item(tr("Add folder…"), w.chooseFolder, fyne.KeyO, fyne.KeyModifierShift),
			w.item(tr("Add files…"), w.chooseFiles, fyne.KeyN, 0),
			w.item(tr("Open archive…"), w.chooseArchive, fyne.KeyO, 0),
			w.recentItem(),
			w.itemWith(tr("Open by its path…"), w.askPath, &desktop.CustomShortcut{KeyName: fyne.KeyG, Modifier: fyne.KeyModifierShortcutDefault}),
			w.itemWith(tr("Add what was copied"), w.paste, &fyne.ShortcutPaste{}),
			w.archiveItem(tr("Close archive"), func(v *archiveView) { w.closeArchive(v) }, fyne.KeyW, 0),
			fyne.NewMenuItemSeparator(),
			w.item(tr("Settings…"), w.showSettings, fyne.KeyComma, 0),
			quit(w.item(tr("Quit"), w.closeAsked, fyne.KeyQ, 0)),
		),
		fyne.NewMenu(tr("Queue"),
			w.item(tr("Start or pause"), w.view.startOrPause, fyne.KeyP, 0),
			w.item(tr("Cancel"), w.view.cancelSelected, fyne.KeyPeriod, 0),
			w.item(tr("Cancel all"), func() { w.queue.Cancel() }, fyne.KeyPeriod, fyne.KeyModifierShift),
			w.item(tr("Retry"), w.view.retrySelected, fyne.KeyR, 0),
			w.item(tr("Remove from the list"), w.view.removeSelected, fyne.KeyDelete, 0),
			w.itemWith(tr("Undo the removal"), w.undo, &fyne.ShortcutUndo{}),
			w.item(tr("Move up"), func() { w.view.moveSelected(-1) }, fyne.KeyUp, 0),
			w.item(tr("Move down"), func() { w.view.moveSelected(1) }, fyne.KeyDown, 0),
			w.item(tr("Clear finished"), w.queue.Clear, fyne.KeyL, 0),
			fyne.NewMenuItemSeparator(),
			w.whenDoneItem(),
		),
		fyne.NewMenu(tr("Archive"),
			w.archiveItem(tr("Restore all…"), func(v *archiveView) { v.askRestore(nil, 0) }, fyne.KeyE, 0),
			w.archiveItem(tr("Restore selected…"), (*archiveView).askRestoreSelected, fyne.KeyE, fyne.KeyModifierShift),
			w.archiveItem(tr("Verify"), (*archiveView).startVerify, fyne.KeyT, 0),
			w.item(tr("Verify all archives in a folder…"), w.chooseChecks, fyne.KeyT, fyne.KeyModifierShift),
			w.archiveItem(tr("Export as FLAC…"), (*archiveView).askExport, fyne.KeyX, fyne.KeyModifierShift),
			w.archiveItem(tr("Save a report…"), func(v *archiveView) { w.askReport(v.path) }, fyne.KeyS, 0),
			w.archiveItem(tr("Play or stop"), (*archiveView).play, fyne.KeySpace, 0),
			w.archiveItem(tr("Play the next recording"), func(v *archiveView) { v.player.skip(1) }, fyne.KeyRight, 0),
			w.archiveItem(tr("Play the previous recording"), func(v *archiveView) { v.player.skip(-1) }, fyne.KeyLeft, 0),
			w.archiveItem(tr("Select all"), (*archiveView).tickAll, fyne.KeyA, fyne.KeyModifierShift),
			w.archiveItem(tr("Search"), func(v *archiveView) { w.win.Canvas().Focus(v.search) }, fyne.KeyF, 0),
		),
		fyne.NewMenu(tr("View"),
			w.item(tr("Queue"), func() { w.tabs.Select(w.queueTab) }, fyne.Key1, 0),
			w.item(tr("History"), func() { w.tabs.Select(w.pastTab) }, fyne.Key2, 0),
			w.item(tr("Activity"), func() { w.tabs.Select(w.logTab) }, fyne.Key3, 0),
			w.item(tr("Copy the activity log"), func() { w.copyText(w.log.text()) }, fyne.KeyC, fyne.KeyModifierShift),
			w.followItem(),
			w.item(tr("Sort by the next column"), func() { w.sortNext() }, fyne.KeyS, fyne.KeyModifierShift),
			w.item(tr("Next tab"), func() { w.nextTab(1) }, fyne.KeyPageDown, 0),
			w.item(tr("Previous tab"), func() { w.nextTab(-1) }, fyne.KeyPageUp, 0),
		),
		fyne.NewMenu(tr("Help"),
			w.item(tr("Keyboard"), w.showKeys, fyne.KeyF1, 0),
			fyne.NewMenuItem(tr("About Trilobyte"), w.showAbout),
		),
	}
}

// item is a menu item with a key, pressed with the control (on a Mac, the
// command) key and the given others. It does nothing while a dialog is open.
func (w *Window) item(label string, act func(), key fyne.KeyName, others fyne.KeyModifier) *fyne.MenuItem {
	return w.itemWith(label, act, &desktop.CustomShortcut{KeyName: key, Modifier: fyne.KeyModifierShortcutDefault | others})
}

// itemWith is item with a key that may be one of those that the toolkit knows.
func (w *Window) itemWith(label string, act func(), key fyne.Shortcut) *fyne.MenuItem {
	i := fyne.NewMenuItem(label, func() {
		if w.win.Canvas().Overlays().Top() == nil {
			act()
		}
	})
	i.Shortcut = key
	return i
}

func quit(i *fyne.MenuItem) *fyne.MenuItem {
	i.IsQuit = true
	return i
}

// archiveItem is a menu item that does something with the archive that is shown. It
// is enabled while there is one.
func (w *Window) archiveItem(label string, act func(*archiveView), key fyne.KeyName, others fyne.KeyModifier) *fyne.MenuItem {
	i := w.item(label, func() {
		if v := w.current(); v != nil {
			act(v)
		}
	}, key, others)
	w.ofArchive = append(w.ofArchive, i)
	return i
}

// enableMenus enables what can be done in the tab that is shown.
func (w *Window) enableMenus() {
	off := w.current() == nil
	if w.ofArchive[0].Disabled == off {
		return
	}
	for _, i := range w.ofArchive {
		i.Disabled = off
	}
	w.win.MainMenu().Refresh()
}

// undo puts back the jobs that were removed last.
func (w *Window) undo() {
	if w.queue.Undo() {
		w.tabs.Select(w.queueTab)
		w.view.update()
	}
}

func (v *archiveView) askRestoreSelected() {
	if v.tree.root.chosen > 0 {
		v.askRestore(v.tree.names(), v.tree.root.chosen)
	}
}

// nextTab shows another tab.
func (w *Window) nextTab(by int) {
	n := len(w.tabs.Items)
	w.tabs.SelectIndex((w.tabs.SelectedIndex() + by + n) % n)
}

// addShortcuts has the canvas know the menu's keys too: where the menu is not
// part of the window, they are not found otherwise.
func (w *Window) addShortcuts() {
	for _, m := range w.win.MainMenu().Items {
		for _, i := range m.Items {
			if i.Shortcut != nil {
				w.win.Canvas().AddShortcut(i.Shortcut, func(fyne.Shortcut) { i.Action() })
			}
		}
	}
}

// shortcutText names a key: "Ctrl+Shift+O".
func shortcutText(s fyne.Shortcut) string {
	k, ok := s.(fyne.KeyboardShortcut)
	if !ok {
		return ""
	}
	var parts []string
	for _, m := range []struct {
		modifier fyne.KeyModifier
		name     string
	}{{fyne.KeyModifierControl, tr("Ctrl")}, {fyne.KeyModifierSuper, "⌘"}, {fyne.KeyModifierAlt, "Alt"}, {fyne.KeyModifierShift, tr("Shift")}} {
		if k.Mod()&m.modifier != 0 {
			parts = append(parts, m.name)
		}
	}
	return strings.Join(append(parts, string(k.Key())), "+")
}

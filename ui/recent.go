package ui

import (
	"os"
	"slices"

	"fyne.io/fyne/v2"
)

// maxRecent is how many archives are remembered.
const maxRecent = 10

// remember notes that an archive was opened.
func (w *Window) remember(path string) {
	p := w.config.App.Preferences()
	recent := slices.DeleteFunc(p.StringList(keyRecent), func(other string) bool { return other == path })
	recent = append([]string{path}, recent...)
	p.SetStringList(keyRecent, recent[:min(len(recent), maxRecent)])
	if w.recent != nil {
		w.fillRecent()
		w.win.MainMenu().Refresh()
	}
}

// recentItem is the menu of the archives that were opened last.
func (w *Window) recentItem() *fyne.MenuItem {
	w.recent = fyne.NewMenuItem(tr("Recent archives"), nil)
	w.recent.ChildMenu = fyne.NewMenu("")
	w.fillRecent()
	return w.recent
}

func (w *Window) fillRecent() {
	w.recent.ChildMenu.Items = nil
	for _, path := range w.config.App.Preferences().StringList(keyRecent) {
		w.recent.ChildMenu.Items = append(w.recent.ChildMenu.Items, fyne.NewMenuItem(path, func() { w.open([]string{path}) }))
	}
	w.recent.Disabled = len(w.recent.ChildMenu.Items) == 0
}

// openTabs are the archives that are open, in the order of their tabs.
func (w *Window) openTabs() []string {
	var paths []string
	for _, tab := range w.tabs.Items {
		if v := w.archives[tab]; v != nil {
			paths = append(paths, v.path)
		}
	}
	return paths
}

// openAgain opens the archives that were open when the window was closed, and are still
// there, behind the queue.
func (w *Window) openAgain() {
	for _, path := range w.config.App.Preferences().StringList(keyTabs) {
		if _, err := os.Stat(path); err == nil {
			w.openArchive(path)
		}
	}
	w.tabs.Select(w.queueTab)
}

// followItem is the menu item that has the row in work selected.
func (w *Window) followItem() *fyne.MenuItem {
	var i *fyne.MenuItem
	i = w.item(tr("Follow the work"), func() {
		w.view.follow = !w.view.follow
		i.Checked = w.view.follow
		w.win.MainMenu().Refresh()
		w.view.update()
	}, fyne.KeyJ, 0)
	return i
}

// sortNext sorts the list that is shown by the next column: each upwards, then
// downwards, and after the last as things are.
func (w *Window) sortNext() {
	l := w.shownList()
	s := l.sorting
	switch {
	case s.by == noSort:
		s = sorting{by: byName}
	case !s.down:
		s.down = true
	case s.by+1 < len(l.columns):
		s = sorting{by: s.by + 1}
	default:
		s = sorting{by: noSort}
	}
	l.sortBy(s)
}

// shownList is the list in the tab that is shown.
func (w *Window) shownList() *lineList {
	switch tab := w.tabs.Selected(); {
	case w.current() != nil:
		return w.current().list
	case tab == w.logTab:
		return w.activity.list
	case tab == w.pastTab:
		return w.past.list
	}
	return w.view.list
}

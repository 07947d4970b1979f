package ui

import (
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"trilobyte/app/queue"
)

// TestArchivesAreOpenedAgain closes the window and opens another: the archives that were open are, but for those that are gone,
// and all are among the recent ones.
func TestArchivesAreOpenedAgain(t *testing.T) {
	w := newTester(t, nil)
	first, second := w.archived("A", 1), w.archived("B", 1)
	w.openArchive(first)
	w.openArchive(second)
	w.pump.until(t, "both are read", func() bool { return len(w.current().rows) > 0 })
	w.closeAsked()
	w.pump.until(t, "the window closes", func() bool { return w.closed })
	if err := os.Remove(second); err != nil {
		t.Fatal(err)
	}
	again := &tester{Window: New(w.config), t: t, app: w.app, pump: w.pump, dir: w.dir}
	defer func() {
		closed := make(chan struct{})
		go func() { again.Close(); close(closed) }()
		w.pump.until(t, "the window ends its work", func() bool {
			select {
			case <-closed:
				return true
			default:
				return false
			}
		})
	}()
	if open := again.openTabs(); len(open) != 1 || open[0] != first || again.tabs.Selected() != again.queueTab {
		t.Errorf("opened again: %q", open)
	}
	recent := again.recent.ChildMenu.Items
	if len(recent) != 2 || recent[0].Label != first || recent[1].Label != second {
		t.Errorf("%d recent archives", len(recent))
	}
	recent[0].Action()
	again.pump.until(t, "the recent archive is shown", func() bool { return again.current() != nil && again.current().path == first })
}

// TestFollowTheWork selects what is in work, until the user selects something else.
func TestFollowTheWork(t *testing.T) {
	w, let := newBlocked(t)
	w.drop(w.album("A", 1), w.album("B", 1))
	w.pump.until(t, "the first job works", func() bool { return len(w.view.rows) > 5 && w.state(0) == queue.Compressing })
	w.shortcut("View", "Follow the work")
	if name := w.view.content(w.view.list.chosen).name; name != "Disc 1/00.wav" {
		t.Errorf("selected is %q", name)
	}
	w.view.list.choose(5)
	w.refresh()
	if w.view.follow || w.view.list.chosen != 5 {
		t.Error("what the user selects does not stay selected")
	}
	close(let)
	w.done()
}

// TestKeyboardAlone opens the menus of all lists with a key, goes through them and takes an item, and sorts.
func TestKeyboardAlone(t *testing.T) {
	w := newTester(t, nil)
	w.drop(w.album("A", 2))
	w.done()
	w.win.Canvas().Unfocus()
	take := func(item int) {
		t.Helper()
		w.key(desktop.KeyMenu)
		if w.win.Canvas().Overlays().Top() == nil {
			t.Fatal("the key opens no menu")
		}
		for range item {
			w.key(fyne.KeyDown)
		}
		w.key(fyne.KeyReturn)
	}
	w.key(fyne.KeyHome)
	take(1) // opens the archive
	v := w.current()
	if v == nil {
		t.Fatal("the menu of a job does not open its archive")
	}
	w.pump.until(t, "the archive is shown", func() bool { return len(v.rows) > 0 })
	w.shortcut("Archive", "Search")
	w.win.Canvas().Focused().TypedRune('0')
	w.key(fyne.KeyTab)
	w.win.Canvas().Focus(v.list)
	w.key(fyne.KeyHome)
	take(2) // restores
	if w.modal == nil {
		t.Fatal("the menu of a file does not ask where to restore to")
	}
	w.key(fyne.KeyEscape)
	w.shortcut("View", "Sort by the next column")
	w.shortcut("View", "Sort by the next column")
	if v.list.sorting != (sorting{byName, true}) {
		t.Errorf("sorted by %+v", v.list.sorting)
	}
	w.shortcut("View", "History")
	w.refresh()
	w.win.Canvas().Focus(w.past.list)
	w.key(fyne.KeyHome)
	take(1)
	if w.current() != v {
		t.Error("the menu of the history does not open the archive")
	}
	for range 2*len(v.list.columns) + 2 {
		w.shortcut("View", "Sort by the next column")
	}
	if v.list.sorting.by == noSort {
		t.Error("after all columns, the order is not that of the names again")
	}
}

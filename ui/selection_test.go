package ui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"trilobyte/app/queue"
)

// click clicks a row of a list, with keys held.
func (w *tester) click(l *lineList, row int, held fyne.KeyModifier) {
	w.t.Helper()
	i := slices.IndexFunc(l.lines, func(shown *line) bool { return shown.id == row && shown.Visible() })
	if i < 0 {
		w.t.Fatalf("row %d is not on the screen", row)
	}
	at := fyne.PointEvent{Position: fyne.NewPos(300, 5)}
	l.lines[i].MouseDown(&desktop.MouseEvent{PointEvent: at, Button: desktop.MouseButtonPrimary, Modifier: held})
	l.lines[i].Tapped(&at)
}

// TestSeveralRows selects jobs with the mouse and with the keyboard, and does something with all of them.
func TestSeveralRows(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Pause()
	w.drop(w.album("A", 1), w.album("B", 1), w.album("C", 1), w.album("D", 1))
	w.pump.until(t, "four jobs wait", func() bool { return len(w.view.rows) == 4 && w.queue.Overview().Waiting == 4 })
	w.pump.until(t, "all are read", func() bool { return w.state(3) == queue.Waiting })
	l := w.view.list
	selected := func(want ...int) {
		t.Helper()
		if got := l.selection(); !slices.Equal(got, want) {
			t.Errorf("rows %v are selected, want %v", got, want)
		}
	}
	control, shift := fyne.KeyModifierShortcutDefault, fyne.KeyModifierShift
	w.click(l, 0, 0)
	w.click(l, 2, control)
	selected(0, 2)
	w.click(l, 0, control)
	selected(2)
	w.click(l, 0, 0)
	selected(0)
	w.click(l, 2, shift)
	selected(0, 1, 2)
	for _, shown := range l.lines {
		if shown.id == 1 && !shown.content.marked {
			t.Error("a selected row does not look so")
		}
	}
	w.view.moveSelected(1)
	names := func() string {
		var all []string
		for i := range w.view.rows {
			all = append(all, w.view.content(i).name)
		}
		return strings.Join(all, "")
	}
	if names() != "DABC" {
		t.Errorf("after moving three of ABCD down there is %s", names())
	}
	selected(1, 2, 3)
	w.take(w.view.jobsMenu(w.view.selectedJobs()), "Retry")
	w.take(w.view.jobsMenu(w.view.selectedJobs()).Items[2].ChildMenu, capital(presetText("max")))
	for row, want := range []string{"", "max", "max", "max"} {
		if j, _ := w.queue.Job(w.view.rows[row].job); j.Preset != want {
			t.Errorf("job %d has the preset %q", row, j.Preset)
		}
	}
	w.win.Canvas().Focus(l)
	w.key(fyne.KeyEnd)
	selected(3)
	l.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	w.key(fyne.KeyUp)
	l.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	selected(2, 3)
	w.key(fyne.KeyDelete)
	w.refresh()
	if names() != "DA" {
		t.Errorf("after two were removed there is %s", names())
	}
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	selected(0, 1)
	w.shortcut("Queue", "Cancel")
	w.refresh()
	if w.state(0) != queue.Cancelled || w.state(1) != queue.Cancelled {
		t.Error("not all were cancelled")
	}
}

// TestSeveralFilesOfAnArchive ticks and restores several at once.
func TestSeveralFilesOfAnArchive(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	w.click(v.list, 2, 0)
	w.click(v.list, 4, fyne.KeyModifierShift)
	w.key(fyne.KeySpace)
	if v.tree.root.chosen != 3 {
		t.Errorf("%d files are ticked", v.tree.root.chosen)
	}
	menu := v.nodesMenu(v.list.selection())
	w.take(menu, "Copy the SHA-256 checksums")
	if got := w.app.Clipboard().Content(); strings.Count(got, "\n") != 3 {
		t.Errorf("copied %q", got)
	}
	w.take(menu, "Restore to…")
	if text := w.shown(); !strings.Contains(text, "Selected: 3 files") {
		t.Errorf("it asks:\n%s", text)
	}
	w.key(fyne.KeyEscape)
	v.list.markAll()
	w.take(v.nodesMenu(v.list.selection()), "Restore to…")
	if text := w.shown(); !strings.Contains(text, "Selected: 4 files") {
		t.Errorf("files in a selected folder count twice:\n%s", text)
	}
}

// TestColumns sorts by columns, makes one wider, and finds both again.
func TestColumns(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	names := func() string {
		var all []string
		for i := range v.rows {
			all = append(all, v.rows[i].name)
		}
		return strings.Join(all, " ")
	}
	header := v.list.header
	place := w.app.Driver().AbsolutePositionForObject(header)
	tap := func(x float32) { test.TapCanvas(w.win.Canvas(), place.AddXY(x, 5)) }
	edge := header.Size().Width - rightGap() - v.list.columns[5].width - lineGap/2
	tap(50)
	if names() != "Album Disc 1 00.wav 01.wav 02.wav notes.txt" {
		t.Errorf("by name: %s", names())
	}
	tap(50)
	if names() != "Album notes.txt Disc 1 02.wav 01.wav 00.wav" {
		t.Errorf("by name, downwards: %s", names())
	}
	if title := header.line.content.name; title != "Name ▾" {
		t.Errorf("the title is %q", title)
	}
	tap(edge + 30)
	if v.list.sorting != (sorting{by: 5}) || v.rows[1].name != "notes.txt" {
		t.Errorf("by what is saved: %s", names())
	}
	if header.Cursor() != desktop.DefaultCursor {
		t.Error("the cursor says that something can be dragged")
	}
	test.MoveMouse(w.win.Canvas(), place.AddXY(edge, 5))
	if header.Cursor() != desktop.HResizeCursor {
		t.Error("the cursor does not say that an edge can be dragged")
	}
	width := v.list.columns[5].width
	for range 2 { // the mouse moves
		header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(edge-10, 5)}, Dragged: fyne.NewDelta(-10, 0)})
	}
	header.DragEnd()
	if got := v.list.columns[5].width; got != width+20 {
		t.Errorf("the column is %v wide, want %v", got, width+20)
	}
	header.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(edge-20, 5)}, Dragged: fyne.NewDelta(-5000, 0)})
	header.DragEnd()
	if header.MinSize().Width > header.Size().Width {
		t.Error("a column is wider than the window")
	}
	w.forget(v)
	w.openArchive(v.path)
	again := w.current()
	w.pump.until(t, "the archive is shown again", func() bool { return len(again.rows) > 0 })
	if again.list.sorting != (sorting{by: 5}) || again.list.columns[5].width != v.list.columns[5].width || again.rows[1].name != "notes.txt" {
		t.Errorf("after that: %+v, %v", again.list.sorting, again.list.columns[5])
	}
	w.tabs.Select(w.queueTab)
	w.drop(w.album("Z", 2), w.album("B", 1))
	w.done()
	w.view.list.sortBy(sorting{by: byName, down: true})
	w.view.list.sortBy(sorting{by: byName})
	if w.view.content(0).name != "B" || w.view.content(3).name != "Z" {
		t.Errorf("the first job by name: %s", lineText(w.view.list, 0))
	}
	w.view.list.sortBy(sorting{by: noSort})
	if w.view.content(0).name != "Z" {
		t.Errorf("the first job in the order of work: %s", lineText(w.view.list, 0))
	}
}

// TestTips shows what a row has no room for when the mouse rests on it.
func TestTips(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	i := slices.IndexFunc(v.list.lines, func(shown *line) bool { return shown.id == 2 && shown.Visible() })
	at := w.app.Driver().AbsolutePositionForObject(v.list.lines[i])
	rest := func(x float32) string {
		t.Helper()
		test.MoveMouse(w.win.Canvas(), at.AddXY(x, 5))
		w.pump.until(t, "a tip is shown", func() bool { return w.tips.label.Visible() })
		return w.tips.label.Text
	}
	if got := rest(120); got != "Album/Disc 1/00.wav" {
		t.Errorf("the tip of the name is %q", got)
	}
	if got := rest(v.list.Size().Width - rightGap() - 130); got != "9.53 kB (9534 bytes)" {
		t.Errorf("the tip of a size is %q", got)
	}
	w.win.Canvas().Focus(v.list)
	w.key(fyne.KeyDown)
	if w.tips.label.Visible() {
		t.Error("the tip stays")
	}
}

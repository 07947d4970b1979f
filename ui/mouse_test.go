package ui

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// shownLine is the line of a row, and where it is on the screen.
func (w *tester) shownLine(l *lineList, row int) (*line, fyne.Position) {
	w.t.Helper()
	i := slices.IndexFunc(l.lines, func(shown *line) bool { return shown.id == row && shown.Visible() })
	if i < 0 {
		w.t.Fatalf("row %d is not on the screen", row)
	}
	return l.lines[i], w.app.Driver().AbsolutePositionForObject(l.lines[i])
}

// TestMouseAlone goes all the way with clicks: the menu of a job opens its archive, boxes choose files, buttons restore them,
// the menu of a file shows its properties, titles sort, marks fold, buttons close.
func TestMouseAlone(t *testing.T) {
	w := newTester(t, nil)
	w.drop(w.album("A", 2))
	w.done()
	menu := func(l *lineList, row, item int) {
		t.Helper()
		shown, at := w.shownLine(l, row)
		test.TapSecondaryAt(shown, fyne.NewPos(100, 5))
		if w.win.Canvas().Overlays().Top() == nil {
			t.Fatal("the right button opens no menu")
		}
		test.TapCanvas(w.win.Canvas(), at.AddXY(110, 5+float32(item)*34+12))
	}
	menu(w.view.list, 0, 0)
	v := w.current()
	if v == nil {
		t.Fatal("the menu of a job does not open its archive")
	}
	w.pump.until(t, "the archive is shown", func() bool { return len(v.rows) > 0 })
	file, _ := w.shownLine(v.list, 2)
	test.TapAt(file, fyne.NewPos(file.content.marksAt()+boxWidth+5, 5))
	if v.tree.root.chosen != 1 {
		t.Errorf("%d files are ticked", v.tree.root.chosen)
	}
	w.tap("Restore selected…")
	if w.modal == nil {
		t.Fatal("nothing asks where to restore to")
	}
	w.tap("Restore")
	w.finished(v)
	if _, err := os.Stat(filepath.Join(w.dir, "A", "Disc 1", "00.wav")); err != nil {
		t.Error(err)
	}
	folder, _ := w.shownLine(v.list, 1)
	test.TapAt(folder, fyne.NewPos(folder.content.marksAt()+5, 5))
	if len(v.rows) != 3 {
		t.Errorf("%d rows after a folder was folded", len(v.rows))
	}
	test.TapCanvas(w.win.Canvas(), w.app.Driver().AbsolutePositionForObject(v.list.header).AddXY(60, 5))
	if v.list.sorting.by != byName {
		t.Error("a click on a title does not sort")
	}
	shut, _ := find(w, func(b *widget.Button) bool {
		y := w.app.Driver().AbsolutePositionForObject(b).Y
		return b.Text == "Close" && y > 0 && y < 100
	})
	test.TapCanvas(w.win.Canvas(), w.app.Driver().AbsolutePositionForObject(shut).AddXY(10, 10))
	if w.current() != nil {
		t.Error("the archive stays open")
	}
}

// TestUnsteadyHand clicks a row and a title while the mouse moves a little.
func TestUnsteadyHand(t *testing.T) {
	w := newTester(t, nil)
	v := openedArchive(w)
	shown, _ := w.shownLine(v.list, 3)
	little := func(x float32) *fyne.DragEvent {
		return &fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 5)}, Dragged: fyne.NewDelta(1, 1)}
	}
	shown.Dragged(little(200))
	shown.DragEnd()
	if v.list.chosen != 3 {
		t.Error("the row is not selected")
	}
	v.list.header.Dragged(little(60))
	v.list.header.DragEnd()
	if v.list.sorting.by != byName {
		t.Error("the list is not sorted")
	}
}

// TestDragToReorder drags a job over others, whose files are shown.
func TestDragToReorder(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Pause()
	w.drop(w.album("A", 1), w.album("B", 1), w.album("C", 1))
	w.pump.until(t, "three jobs wait", func() bool { return len(w.view.rows) == 9 && w.state(6) == queue.Waiting })
	order := func() string {
		all := ""
		for i, r := range w.view.rows {
			if r.file < 0 {
				all += w.view.content(i).name
			}
		}
		return all
	}
	dragged, at := w.shownLine(w.view.list, 0)
	step := lineHeight + 4
	drag := func(row float32) {
		dragged.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{AbsolutePosition: at.AddXY(60, row*step+5)}, Dragged: fyne.NewDelta(0, step)})
	}
	for row := range 7 {
		drag(float32(row))
	}
	if order() != "BCA" {
		t.Errorf("after dragging A down there is %s", order())
	}
	drag(0)
	dragged.DragEnd()
	if order() != "ABC" {
		t.Errorf("after dragging A up again there is %s", order())
	}
}

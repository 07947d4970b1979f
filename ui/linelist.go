package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineList is a list of lines, one of which is chosen. Arrows, Page Up and Down, Home
// and End move the choice; what else is pressed goes to onKey. A double tap is as Enter.
// With Shift or Ctrl more rows are selected than the chosen one.
type lineList struct {
	widget.List
	columns []column
	rows    int
	chosen  int // the selected row, or -1
	content func(int) lineContent
	lines   []*line // all that have been made, of which few are shown

	header  *listHeader // may be nil
	sorting sorting
	tips    *tips // may be nil

	marked   map[any]bool     // rows that are selected together, by their keys; empty if only the chosen one is
	keyOf    func(i int) any  // what a row is called when others come before it; may be nil
	anchor   int              // where a range begins
	pressed  fyne.KeyModifier // with the mouse
	shift    bool             // is held
	dragged  any              // the key of the row that is dragged, or nil
	tapped   int              // the row that was tapped last
	tappedAt time.Time

	onDrag      func(key any, row int) // a row is dragged over another one; may be nil
	onSort      func()                 // has the rows arranged as sorting says; nil: they cannot be sorted
	onColumns   func()                 // keeps the columns and the order; may be nil
	onChoose    func(id int)
	onKey       func(*fyne.KeyEvent)
	onMark      func(id int)
	onCheck     func(id int)
	onSecondary func(id int, at fyne.Position)
}

func newLineList(columns []column, content func(int) lineContent) *lineList {
	l := &lineList{columns: columns, content: content, chosen: -1, marked: map[any]bool{}, sorting: sorting{by: noSort}}
	l.Length = func() int { return l.rows }
	l.CreateItem = func() fyne.CanvasObject {
		made := newLine(l.columns)
		made.onTap, made.onMark, made.onCheck, made.onSecondary = l.tap, l.markTapped, l.checkTapped, l.secondary
		made.onModifier = func(m fyne.KeyModifier) { l.pressed = m }
		made.onHover, made.onDrag, made.onDragEnd = l.hover, l.drag, l.dragEnd
		l.lines = append(l.lines, made)
		return made
	}
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) {
		if shown := o.(*line); id < l.rows {
			shown.id = id
			l.show(shown)
		}
	}
	l.OnSelected = func(id widget.ListItemID) {
		l.chosen = id
		if l.onChoose != nil {
			l.onChoose(id)
		}
	}
	l.HideSeparators = true
	l.ExtendBaseWidget(l)
	return l
}

// setRows changes how many rows there are, and which is selected (-1: none).
func (l *lineList) setRows(rows, chosen int) {
	l.rows = rows
	onChoose := l.onChoose
	l.onChoose = nil
	if chosen != l.chosen {
		l.UnselectAll()
		l.chosen = chosen
		if chosen >= 0 && chosen < rows {
			offset := l.GetScrollOffset()
			l.Select(chosen)
			l.ScrollToOffset(offset)
		}
	}
	l.onChoose = onChoose
	l.Refresh()
}

// update brings the lines on the screen up to date.
func (l *lineList) update() {
	for _, shown := range l.lines {
		if shown.id >= 0 && shown.id < l.rows {
			l.show(shown)
		}
	}
}

// doubleTap is within what time two taps on a row are a double one. Fyne tells of
// these, too, but then holds back each single one.
const doubleTap = 400 * time.Millisecond

func (l *lineList) tap(id int) {
	l.tips.hide()
	held := l.pressed
	l.pressed = 0
	if held&(fyne.KeyModifierShift|fyne.KeyModifierShortcutDefault) != 0 {
		l.tapWith(held, id)
		return
	}
	l.unmark()
	if id == l.tapped && time.Since(l.tappedAt) < doubleTap {
		l.tapped = -1
		l.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		return
	}
	l.tapped = id
	defer func() { l.tappedAt = time.Now() }()
	l.choose(id)
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}

// choose selects a row alone and shows it.
func (l *lineList) choose(id int) {
	l.unmark()
	l.step(id)
	l.anchor = l.chosen
}

// step makes a row the chosen one, and shows it.
func (l *lineList) step(id int) {
	if id = min(max(id, 0), l.rows-1); id >= 0 {
		l.Select(id)
	}
}

func (l *lineList) markTapped(id int) {
	if l.onMark != nil {
		l.onMark(id)
	}
}

func (l *lineList) checkTapped(id int) {
	if l.onCheck != nil {
		l.onCheck(id)
	}
}

func (l *lineList) secondary(id int, at fyne.Position) {
	l.tips.hide()
	if !l.marked[l.key(id)] {
		l.unmark()
	}
	l.step(id)
	if l.onSecondary != nil {
		l.onSecondary(id, at)
	}
}

// menu opens the menu of the selected row, below it.
func (l *lineList) menu() {
	for _, shown := range l.lines {
		if shown.id == l.chosen && shown.Visible() && l.onSecondary != nil {
			at := fyne.CurrentApp().Driver().AbsolutePositionForObject(shown)
			l.onSecondary(shown.id, at.AddXY(boxWidth, lineHeight))
			return
		}
	}
}

// page is how many rows are on the screen.
func (l *lineList) page() int {
	return max(int(l.Size().Height/(lineHeight+theme.Padding()))-1, 1)
}

// TypedKey implements fyne.Focusable.
func (l *lineList) TypedKey(e *fyne.KeyEvent) {
	l.tips.hide()
	to := l.choose
	if l.shift {
		to = l.extend
	}
	switch e.Name {
	case fyne.KeyUp:
		to(l.chosen - 1)
	case fyne.KeyDown:
		to(l.chosen + 1)
	case fyne.KeyPageUp:
		to(l.chosen - l.page())
	case fyne.KeyPageDown:
		to(l.chosen + l.page())
	case fyne.KeyHome:
		to(0)
	case fyne.KeyEnd:
		to(l.rows - 1)
	case desktop.KeyMenu:
		l.menu()
	case fyne.KeyF1: // is the window's
		if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
			c.OnTypedKey()(e)
		}
	default:
		if l.onKey != nil {
			l.onKey(e)
		}
	}
}

// FocusGained implements fyne.Focusable. The list's own mark of the focus is a second
// selection to the eye.
func (l *lineList) FocusGained() {
	if l.chosen < 0 {
		l.choose(0)
	}
}

// TypedShortcut lets shortcuts through to the window, but for that which selects all.
func (l *lineList) TypedShortcut(s fyne.Shortcut) {
	if _, all := s.(*fyne.ShortcutSelectAll); all {
		l.markAll()
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		if handler, ok := c.(fyne.Shortcutable); ok {
			handler.TypedShortcut(s)
		}
	}
}

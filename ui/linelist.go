package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// lineList is a list of lines, one of which is selected. Arrows, Page Up and
// Down, Home and End move the selection; what else is pressed goes to onKey. A double
// tap is as Enter.
type lineList struct {
	widget.List
	columns []column
	rows    int
	chosen  int // the selected row, or -1
	content func(int) lineContent
	lines   []*line // all that have been made, of which few are shown

	tapped   int // the row that was tapped last
	tappedAt time.Time

	onChoose    func(id int)
	onKey       func(*fyne.KeyEvent)
	onMark      func(id int)
	onCheck     func(id int)
	onSecondary func(id int, at fyne.Position)
}

func newLineList(columns []column, content func(int) lineContent) *lineList {
	l := &lineList{columns: columns, content: content, chosen: -1}
	l.Length = func() int { return l.rows }
	l.CreateItem = func() fyne.CanvasObject {
		made := newLine(l.columns)
		made.onTap, made.onMark, made.onCheck, made.onSecondary = l.tap, l.markTapped, l.checkTapped, l.secondary
		l.lines = append(l.lines, made)
		return made
	}
	l.UpdateItem = func(id widget.ListItemID, o fyne.CanvasObject) {
		if shown := o.(*line); id < l.rows {
			shown.id = id
			shown.set(l.content(id))
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
			shown.set(l.content(shown.id))
		}
	}
}

// doubleTap is within what time two taps on a row are a double one. Fyne tells of
// these, too, but then holds back each single one.
const doubleTap = 400 * time.Millisecond

func (l *lineList) tap(id int) {
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

// choose selects a row and shows it.
func (l *lineList) choose(id int) {
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
	l.choose(id)
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
	switch e.Name {
	case fyne.KeyUp:
		l.choose(l.chosen - 1)
	case fyne.KeyDown:
		l.choose(l.chosen + 1)
	case fyne.KeyPageUp:
		l.choose(l.chosen - l.page())
	case fyne.KeyPageDown:
		l.choose(l.chosen + l.page())
	case fyne.KeyHome:
		l.choose(0)
	case fyne.KeyEnd:
		l.choose(l.rows - 1)
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

// FocusGained implements fyne.Focusable.
func (l *lineList) FocusGained() {
	l.List.FocusGained()
	if l.chosen < 0 {
		l.choose(0)
	}
}

// TypedShortcut lets shortcuts through to the window.
func (l *lineList) TypedShortcut(s fyne.Shortcut) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		if handler, ok := c.(fyne.Shortcutable); ok {
			handler.TypedShortcut(s)
		}
	}
}

// withHeader puts the titles of the columns above a list.
func withHeader(l *lineList, title string) fyne.CanvasObject {
	header := newLine(l.columns)
	content := lineContent{name: title, progress: -1, remark: cell{color: theme.ColorNamePlaceHolder}}
	for _, c := range l.columns {
		content.cells = append(content.cells, cell{c.title, theme.ColorNamePlaceHolder})
	}
	header.set(content)
	return container.NewBorder(container.NewVBox(header, widget.NewSeparator()), nil, nil, nil, l)
}

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// noSort is the order in which things are, and byName that of their names; numbers from
// 0 on are those of columns.
const (
	noSort = -2
	byName = -1
)

// sorting is how the rows of a list are arranged.
type sorting struct {
	by   int // noSort, byName or a column
	down bool
}

// next is the order after a click on the title of a column: up, down, as things are.
func (s sorting) next(by int) sorting {
	switch {
	case s.by != by:
		return sorting{by: by}
	case !s.down:
		return sorting{by, true}
	}
	return sorting{by: noSort}
}

// listHeader has the titles of the columns of a list: a click sorts by one, and
// dragging the left edge of a column makes it wider or narrower.
type listHeader struct {
	widget.BaseWidget
	list  *lineList
	title string // of the names
	line  *line  // what it shows; only its renderer is used, for it takes the mouse itself
	edge  int    // the column whose edge is dragged, or -1
	hand  hand
	near  int // the column whose edge the mouse is at, or -1
}

var (
	_ fyne.Tappable      = (*listHeader)(nil)
	_ fyne.Draggable     = (*listHeader)(nil)
	_ desktop.Hoverable  = (*listHeader)(nil)
	_ desktop.Cursorable = (*listHeader)(nil)
)

// The narrowest that a column gets, how much room is left to the names, and how far
// from an edge it can be grabbed.
const (
	minColumn = float32(40)
	minName   = float32(160)
	edgeReach = float32(5)
)

func newListHeader(l *lineList, title string) *listHeader {
	h := &listHeader{list: l, title: title, line: newLine(l.columns), edge: -1, near: -1}
	h.ExtendBaseWidget(h)
	h.update()
	return h
}

// CreateRenderer implements fyne.Widget.
func (h *listHeader) CreateRenderer() fyne.WidgetRenderer {
	return &headerRenderer{h.line.CreateRenderer().(*lineRenderer), h}
}

// headerRenderer draws the titles as a line draws its cells.
type headerRenderer struct {
	*lineRenderer
	header *listHeader
}

// Refresh implements fyne.WidgetRenderer.
func (r *headerRenderer) Refresh() {
	r.update()
	r.Layout(r.header.Size())
	canvas.Refresh(r.header)
}

// update shows the titles, and by which of them the list is sorted.
func (h *listHeader) update() {
	arrow := func(by int) string {
		switch {
		case h.list.sorting.by != by:
			return ""
		case h.list.sorting.down:
			return " ▾"
		}
		return " ▴"
	}
	content := lineContent{name: h.title + arrow(byName), progress: -1, remark: cell{color: theme.ColorNamePlaceHolder}}
	for i, c := range h.list.columns {
		content.cells = append(content.cells, cell{text: c.title + arrow(i), color: theme.ColorNamePlaceHolder})
	}
	h.line.content = content
	h.Refresh()
}

// edgeAt is the column whose left edge is near x, or -1; and columnAt the one that x is
// in, or byName.
func (h *listHeader) edgeAt(x float32) int {
	left := h.Size().Width - rightGap()
	for i := len(h.list.columns) - 1; i >= 0; i-- {
		left -= h.list.columns[i].width
		if x >= left-lineGap/2-edgeReach && x <= left-lineGap/2+edgeReach {
			return i
		}
		left -= lineGap
	}
	return -1
}

func (h *listHeader) columnAt(x float32) int {
	left := h.Size().Width - rightGap()
	for i := len(h.list.columns) - 1; i >= 0; i-- {
		left -= h.list.columns[i].width
		if x >= left-lineGap/2 {
			return i
		}
		left -= lineGap
	}
	return byName
}

// Tapped implements fyne.Tappable.
func (h *listHeader) Tapped(e *fyne.PointEvent) {
	h.list.sortBy(h.list.sorting.next(h.columnAt(e.Position.X)))
}

// Dragged implements fyne.Draggable.
func (h *listHeader) Dragged(e *fyne.DragEvent) {
	h.hand.moved(e)
	if h.edge < 0 {
		if h.edge = h.edgeAt(e.Position.X - e.Dragged.DX); h.edge < 0 {
			return
		}
	}
	rest := h.Size().Width - rightGap() - minName
	for i, c := range h.list.columns {
		if rest -= lineGap; i != h.edge {
			rest -= c.width
		}
	}
	c := &h.list.columns[h.edge]
	c.width = max(min(c.width-e.Dragged.DX, rest), minColumn)
	h.list.resized()
}

// DragEnd implements fyne.Draggable.
func (h *listHeader) DragEnd() {
	at, click := h.hand.end()
	switch {
	case h.edge < 0 && click:
		h.Tapped(at)
	case h.edge >= 0 && h.list.onColumns != nil:
		h.list.onColumns()
	}
	h.edge = -1
}

// MouseIn implements desktop.Hoverable.
func (h *listHeader) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved implements desktop.Hoverable.
func (h *listHeader) MouseMoved(e *desktop.MouseEvent) { h.near = h.edgeAt(e.Position.X) }

// MouseOut implements desktop.Hoverable.
func (h *listHeader) MouseOut() { h.near = -1 }

// Cursor implements desktop.Cursorable.
func (h *listHeader) Cursor() desktop.Cursor {
	if h.edge >= 0 || h.near >= 0 {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// withHeader puts the titles of the columns above a list.
func withHeader(l *lineList, title string) fyne.CanvasObject {
	l.header = newListHeader(l, title)
	return container.NewBorder(container.NewVBox(l.header, widget.NewSeparator()), nil, nil, nil, l)
}

// remember has a list's columns and order kept in the preferences, under a name.
func (l *lineList) remember(p fyne.Preferences, name string) {
	widths := p.FloatList("columns." + name)
	if len(widths) == len(l.columns) {
		for i, w := range widths {
			l.columns[i].width = max(min(float32(w), 3*l.columns[i].width), minColumn)
		}
	}
	l.sorting = sorting{p.IntWithFallback("sorted."+name, noSort), p.Bool("sorted.down." + name)}
	if l.sorting.by < noSort || l.sorting.by >= len(l.columns) {
		l.sorting = sorting{by: noSort}
	}
	l.onColumns = func() {
		widths := make([]float64, len(l.columns))
		for i, c := range l.columns {
			widths[i] = float64(c.width)
		}
		p.SetFloatList("columns."+name, widths)
		p.SetInt("sorted."+name, l.sorting.by)
		p.SetBool("sorted.down."+name, l.sorting.down)
	}
}

// sortBy sorts the list.
func (l *lineList) sortBy(s sorting) {
	if l.onSort == nil {
		return
	}
	l.sorting = s
	l.header.update()
	l.onSort()
	if l.onColumns != nil {
		l.onColumns()
	}
}

// resized lays out all lines anew, whose columns have other widths.
func (l *lineList) resized() {
	l.header.Refresh()
	for _, shown := range l.lines {
		shown.Refresh()
	}
}

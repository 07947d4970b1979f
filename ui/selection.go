package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
)

// Several rows of a list are selected together with Shift (a range), Ctrl (one more) or
// Ctrl+A (all). They are known by their keys, for rows come and go.

// key is what row i is called.
func (l *lineList) key(i int) any {
	if l.keyOf != nil && i >= 0 && i < l.rows {
		return l.keyOf(i)
	}
	return i
}

// selection is the selected rows, in their order: several, or the chosen one, or none.
func (l *lineList) selection() []int {
	var rows []int
	if len(l.marked) > 0 {
		for i := range l.rows {
			if l.marked[l.key(i)] {
				rows = append(rows, i)
			}
		}
	}
	if len(rows) == 0 && l.chosen >= 0 && l.chosen < l.rows {
		rows = []int{l.chosen}
	}
	return rows
}

// unmark has no more selected than the chosen row.
func (l *lineList) unmark() {
	if len(l.marked) > 0 {
		clear(l.marked)
		l.update()
	}
}

// markAll selects all rows.
func (l *lineList) markAll() {
	for i := range l.rows {
		l.marked[l.key(i)] = true
	}
	l.update()
}

// extend makes a row the chosen one, and selects all from the anchor to it.
func (l *lineList) extend(id int) {
	l.step(id)
	clear(l.marked)
	anchor := min(max(l.anchor, 0), l.rows-1)
	for i := min(anchor, l.chosen); i <= max(anchor, l.chosen); i++ {
		l.marked[l.key(i)] = true
	}
	l.update()
}

// tapWith is a tap while Shift or Ctrl is held.
func (l *lineList) tapWith(held fyne.KeyModifier, id int) {
	l.tapped = -1
	if held&fyne.KeyModifierShift != 0 {
		l.extend(id)
	} else {
		if len(l.marked) == 0 && l.chosen >= 0 {
			l.marked[l.key(l.chosen)] = true
		}
		key := l.key(id)
		l.marked[key] = !l.marked[key]
		if l.marked[key] {
			l.step(id)
		} else if delete(l.marked, key); id == l.chosen {
			l.step(l.selection()[0])
		}
		l.anchor = id
		l.update()
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
}

// show brings a line up to date.
func (l *lineList) show(shown *line) {
	c := l.content(shown.id)
	c.marked = len(l.marked) > 0 && shown.id != l.chosen && l.marked[l.key(shown.id)] // the chosen row shows it by itself
	shown.set(c)
}

// hover is told of the mouse.
func (l *lineList) hover(tip string, at fyne.Position) { l.tips.over(tip, at) }

// drag is told of a row that is dragged.
func (l *lineList) drag(id int, at fyne.Position) {
	if l.onDrag == nil {
		return
	}
	l.tips.hide()
	if l.dragged == nil {
		l.dragged = l.key(id)
	}
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(l).Y
	row := int((at.Y - top + l.GetScrollOffset()) / (lineHeight + theme.Padding()))
	l.onDrag(l.dragged, min(max(row, 0), l.rows-1))
}

func (l *lineList) dragEnd() { l.dragged = nil }

// KeyDown implements desktop.Keyable: Shift extends the selection.
func (l *lineList) KeyDown(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.shift = true
	}
}

// KeyUp implements desktop.Keyable.
func (l *lineList) KeyUp(e *fyne.KeyEvent) {
	if e.Name == desktop.KeyShiftLeft || e.Name == desktop.KeyShiftRight {
		l.shift = false
	}
}

// FocusLost implements fyne.Focusable.
func (l *lineList) FocusLost() {
	l.shift = false
}

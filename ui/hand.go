package ui

import "fyne.io/fyne/v2"

// hand tells clicks of a hand that is not quite steady from dragging. The toolkit has no
// such clicks for what can be dragged.
type hand struct {
	way  fyne.Delta // since the mouse was pressed
	far  bool
	last fyne.PointEvent
}

// moved says whether the mouse was moved so far that something is dragged.
func (h *hand) moved(e *fyne.DragEvent) bool {
	const steady = 5
	h.last = e.PointEvent
	h.way = fyne.NewDelta(h.way.DX+e.Dragged.DX, h.way.DY+e.Dragged.DY)
	h.far = h.far || max(h.way.DX, -h.way.DX, h.way.DY, -h.way.DY) > steady
	return h.far
}

// end ends that, and says whether it was a click, and where.
func (h *hand) end() (at *fyne.PointEvent, click bool) {
	last, click := h.last, !h.far
	*h = hand{}
	return &last, click
}

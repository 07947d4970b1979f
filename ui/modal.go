package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// modal is a dialog over the window. Escape dismisses it and Enter accepts it,
// whichever of its fields has the focus. Fyne gives keys to what has the focus
// alone, so all of these are made by the modal.
type modal struct {
	window *Window
	dialog *dialog.CustomDialog
	over   fyne.CanvasObject // what lies over the window, once it is shown
	accept func()            // nil: there is only one button
	closed func()            // is called when it has been closed; may be nil
	under  *modal            // that was shown before, and may still be open
}

func (w *Window) newModal() *modal { return &modal{window: w} }

// tell shows content above one button, which has the focus.
func (m *modal) tell(title, dismiss string, content fyne.CanvasObject, size fyne.Size) {
	b := m.button(dismiss, theme.CancelIcon(), m.dismiss)
	m.show(title, content, size, b)
	m.focus(b)
}

// ask shows content above two buttons. Then is called once it is accepted.
func (m *modal) ask(title, accept, dismiss string, content fyne.CanvasObject, size fyne.Size, then func()) {
	m.accept = func() {
		m.dismiss()
		then()
	}
	yes := m.button(accept, theme.ConfirmIcon(), m.accept)
	yes.Importance = widget.HighImportance
	m.show(title, content, size, m.button(dismiss, theme.CancelIcon(), m.dismiss), yes)
}

// confirm asks whether to do something that loses or moves something: the button
// that does not has the focus. What it is answered is passed on.
func (w *Window) confirm(title, question, accept, dismiss string, answered func(yes bool)) {
	m, yes := w.newModal(), false
	m.closed = func() { answered(yes) }
	no := m.button(dismiss, theme.CancelIcon(), m.dismiss)
	do := m.button(accept, theme.ConfirmIcon(), func() {
		yes = true
		m.dismiss()
	})
	do.Importance = widget.HighImportance
	m.show(title, widget.NewLabel(question), fyne.Size{}, no, do)
	m.focus(no)
}

func (m *modal) show(title string, content fyne.CanvasObject, size fyne.Size, buttons ...fyne.CanvasObject) {
	m.dialog = dialog.NewCustomWithoutButtons(title, content, m.window.win)
	m.dialog.SetButtons(buttons)
	m.dialog.SetOnClosed(func() {
		m.window.modal = m.under
		if m.closed != nil {
			m.closed()
		}
	})
	room := m.window.win.Canvas().Size().SubtractWidthHeight(40, 40)
	m.dialog.Resize(size.Min(room))
	m.dialog.Show()
	m.over = m.window.win.Canvas().Overlays().Top()
	m.under, m.window.modal = m.window.modal, m
}

func (m *modal) dismiss() { m.dialog.Hide() }

func (m *modal) focus(f fyne.Focusable) { m.window.win.Canvas().Focus(f) }

// key does what a key does in all of the dialog, and says whether it does anything.
func (m *modal) key(e *fyne.KeyEvent) bool {
	switch e.Name {
	case fyne.KeyEscape:
		m.dismiss()
	case fyne.KeyReturn, fyne.KeyEnter:
		if m.accept != nil {
			m.accept()
		} else {
			m.dismiss()
		}
	default:
		return false
	}
	return true
}

// modalButton is a button of a dialog: Enter presses it.
type modalButton struct {
	widget.Button
	modal *modal
}

func (m *modal) button(label string, icon fyne.Resource, tapped func()) *modalButton {
	b := &modalButton{modal: m}
	b.Text, b.Icon, b.OnTapped = label, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// TypedKey implements fyne.Focusable.
func (b *modalButton) TypedKey(e *fyne.KeyEvent) {
	switch {
	case e.Name == fyne.KeyReturn, e.Name == fyne.KeyEnter:
		b.Tapped(&fyne.PointEvent{})
	case !b.modal.key(e):
		b.Button.TypedKey(e)
	}
}

// modalCheck is a box to be ticked in a dialog.
type modalCheck struct {
	widget.Check
	modal *modal
}

func (m *modal) check(label string, changed func(bool)) *modalCheck {
	c := &modalCheck{modal: m}
	c.Text, c.OnChanged = label, changed
	c.ExtendBaseWidget(c)
	return c
}

// TypedKey implements fyne.Focusable.
func (c *modalCheck) TypedKey(e *fyne.KeyEvent) {
	if !c.modal.key(e) {
		c.Check.TypedKey(e)
	}
}

// modalRadio is a choice among few, all of which are shown.
type modalRadio struct {
	widget.RadioGroup
	modal  *modal
	labels []string
}

// radio returns such a choice. chosen gets the number of what is chosen.
func (m *modal) radio(chosen func(i int)) *modalRadio {
	r := &modalRadio{modal: m}
	r.Required = true
	r.OnChanged = func(label string) {
		if i := slices.Index(r.labels, label); i >= 0 {
			chosen(i)
		}
	}
	r.ExtendBaseWidget(r)
	return r
}

// set changes what there is to choose from, and what is chosen.
func (r *modalRadio) set(labels []string, chosen int) {
	r.labels = labels
	r.Options = labels
	if chosen >= 0 {
		r.Selected = labels[chosen]
	}
	r.Refresh()
}

// modalChoice is a choice among values in a dialog.
type modalChoice struct {
	widget.Select
	modal *modal
}

// choice returns a choice among values that are called labels.
func (m *modal) choice(values, labels []string, current string, changed func(value string)) *modalChoice {
	c := &modalChoice{modal: m}
	c.Options = labels
	c.ExtendBaseWidget(c)
	c.SetSelectedIndex(0)
	for i, v := range values {
		if v == current {
			c.SetSelectedIndex(i)
		}
	}
	c.OnChanged = func(string) { changed(values[c.SelectedIndex()]) }
	return c
}

// TypedKey implements fyne.Focusable.
func (c *modalChoice) TypedKey(e *fyne.KeyEvent) {
	if !c.modal.key(e) {
		c.Select.TypedKey(e)
	}
}

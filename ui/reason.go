package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// reason is the whole text of what a line has no room for: why something has
// failed, or was not compressed. It can be copied.
type reason struct {
	root *fyne.Container
	text *widget.Label
	icon *widget.Icon
}

func newReason() *reason {
	r := &reason{text: widget.NewLabel(""), icon: widget.NewIcon(theme.ErrorIcon())}
	r.text.Wrapping = fyne.TextWrapWord
	r.text.Selectable = true
	r.root = container.NewBorder(nil, nil, container.NewVBox(container.NewPadded(r.icon)), nil, r.text)
	r.root.Hide()
	return r
}

// set changes the text, which is hidden where it is "", and says whether
// anything has changed. What holds it is to be refreshed then.
func (r *reason) set(text string, importance widget.Importance) bool {
	if text == r.text.Text && importance == r.text.Importance {
		return false
	}
	icon := theme.ErrorIcon()
	if importance == widget.WarningImportance {
		icon = theme.WarningIcon()
	}
	r.icon.SetResource(icon)
	r.text.Importance = importance
	r.text.SetText(text)
	r.root.Hidden = text == ""
	return true
}

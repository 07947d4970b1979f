package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// banner is where the window says what it has to say, instead of opening a
// dialog: a text that stays until it is read. It lies over what is below it, so that
// nothing moves.
type banner struct {
	root   *fyne.Container
	resize func() // has what holds the banner lay it out anew
	ground *canvas.Rectangle
	icon   *widget.Icon
	text   *widget.Label
	action *widget.Button
}

// newBanner returns a hidden banner. A container shows what was hidden in it
// only when it is itself refreshed: that is what resize is to do.
func newBanner(resize func()) *banner {
	b := &banner{
		resize: resize,
		ground: canvas.NewRectangle(nil), icon: widget.NewIcon(theme.InfoIcon()),
		text: widget.NewLabel(""), action: widget.NewButton("", nil),
	}
	b.text.Wrapping = fyne.TextWrapWord
	b.text.Selectable = true
	shut := widget.NewButtonWithIcon(tr("Close"), theme.CancelIcon(), func() { b.hide() })
	shut.Importance = widget.LowImportance
	buttons := container.NewHBox(container.NewCenter(b.action), container.NewCenter(shut))
	inner := container.NewBorder(nil, nil, container.NewCenter(b.icon), buttons, b.text)
	b.root = container.New(layout.NewStackLayout(), b.ground, container.NewPadded(inner))
	b.root.Hide()
	return b
}

// show says something. good is how it is meant. label and act are a button
// that goes with it, if label is not "".
func (b *banner) show(text string, good bool, label string, act func()) {
	b.text.SetText(text)
	name, icon := theme.ColorNameWarning, theme.WarningIcon()
	if good {
		name, icon = theme.ColorNameSuccess, theme.ConfirmIcon()
	}
	tint := nrgba(name)
	tint.A = 0x30
	b.ground.FillColor = over(nrgba(theme.ColorNameBackground), tint)
	b.ground.CornerRadius = 4
	b.icon.SetResource(icon)
	b.action.Hidden = label == ""
	b.action.SetText(label)
	b.action.OnTapped = act
	b.root.Show()
	b.root.Refresh()
	b.resize()
}

// showing is the text that is on the screen, or "".
func (b *banner) showing() string {
	if !b.root.Visible() {
		return ""
	}
	return b.text.Text
}

func (b *banner) hide() {
	b.root.Hide()
	b.resize()
}

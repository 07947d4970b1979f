package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// tipDelay is how long the mouse rests before a tip appears.
const tipDelay = 600 * time.Millisecond

// tips shows a text beside the mouse: what there is no room for. It lies over the window
// and takes no clicks. It belongs to the main goroutine.
type tips struct {
	layer  *fyne.Container
	ground *canvas.Rectangle
	label  *widget.Label
	touch  func() // asks for a refresh of the window, from any goroutine

	text string // that is shown, or is to be
	at   fyne.Position
	due  time.Time // zero: nothing is to be shown
}

func newTips(touch func()) *tips {
	t := &tips{touch: touch, ground: canvas.NewRectangle(nil), label: widget.NewLabel("")}
	t.ground.CornerRadius, t.ground.StrokeWidth = 4, 1
	t.ground.Hide()
	t.label.Hide()
	t.layer = container.NewWithoutLayout(t.ground, t.label)
	return t
}

// over is told what is under the mouse: the text is shown when it rests, or nothing if
// that is "". A nil tips shows nothing.
func (t *tips) over(text string, at fyne.Position) {
	if t == nil || text == t.text && (text == "" || !t.due.IsZero() || t.label.Visible()) {
		if t != nil && !t.label.Visible() {
			t.at = at
		}
		return
	}
	t.hide()
	if t.text = text; text == "" {
		return
	}
	t.at, t.due = at, time.Now().Add(tipDelay)
	time.AfterFunc(tipDelay+10*time.Millisecond, t.touch)
}

func (t *tips) hide() {
	if t == nil {
		return
	}
	t.text, t.due = "", time.Time{}
	if t.label.Visible() {
		t.label.Hide()
		t.ground.Hide()
		t.layer.Refresh()
	}
}

// update shows what is due.
func (t *tips) update() {
	if t.due.IsZero() || time.Now().Before(t.due) {
		return
	}
	t.due = time.Time{}
	room := t.layer.Size()
	t.label.Wrapping = fyne.TextWrapOff
	t.label.SetText(t.text)
	size := t.label.MinSize()
	if most := min(room.Width-16, 560); size.Width > most {
		t.label.Wrapping = fyne.TextWrapBreak
		t.label.Resize(fyne.NewSize(most, 10))
		size = fyne.NewSize(most, t.label.MinSize().Height)
	}
	mouse := t.at.Subtract(fyne.CurrentApp().Driver().AbsolutePositionForObject(t.layer)) // below the menu bar
	at := mouse.AddXY(12, 18)
	at.X = max(min(at.X, room.Width-size.Width-4), 0)
	if at.Y+size.Height > room.Height {
		at.Y = max(mouse.Y-size.Height-6, 0)
	}
	t.ground.FillColor, t.ground.StrokeColor = colorOf(theme.ColorNameOverlayBackground), colorOf(theme.ColorNameInputBorder)
	for _, o := range t.layer.Objects {
		o.Move(at)
		o.Resize(size)
		o.Show()
	}
	t.layer.Refresh()
}

// tipButton is a button without a text of its own, which has a tip instead.
type tipButton struct {
	widget.Button
	tips *tips
	tip  string
}

func newTipButton(t *tips, tip string, icon fyne.Resource, tapped func()) *tipButton {
	b := &tipButton{tips: t, tip: tip}
	b.Icon, b.OnTapped = icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// MouseIn implements desktop.Hoverable.
func (b *tipButton) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	b.tips.over(b.tip, e.AbsolutePosition)
}

// MouseOut implements desktop.Hoverable.
func (b *tipButton) MouseOut() {
	b.Button.MouseOut()
	b.tips.hide()
}

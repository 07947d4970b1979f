package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// slimBar tells how far something is. It weighs less than what it is about, and has the colour of work only while there is
// some left.
type slimBar struct {
	widget.BaseWidget
	part float64 // 0 to 1
}

const slimBarHeight = float32(5)

func newSlimBar() *slimBar {
	b := &slimBar{}
	b.ExtendBaseWidget(b)
	return b
}

func (b *slimBar) set(part float64) {
	if b.part != part {
		b.part = part
		b.Refresh()
	}
}

// CreateRenderer implements fyne.Widget.
func (b *slimBar) CreateRenderer() fyne.WidgetRenderer {
	r := &slimBarRenderer{bar: b, track: canvas.NewRectangle(nil), done: canvas.NewRectangle(nil)}
	r.track.CornerRadius, r.done.CornerRadius = slimBarHeight/2, slimBarHeight/2
	r.color()
	return r
}

type slimBarRenderer struct {
	bar         *slimBar
	track, done *canvas.Rectangle
}

func (r *slimBarRenderer) color() {
	r.track.FillColor = colorOf(colorTrack)
	r.done.FillColor = colorOf(theme.ColorNamePrimary)
	if r.bar.part >= 1 {
		r.done.FillColor = colorOf(colorOriginal)
	}
}

// Layout implements fyne.WidgetRenderer.
func (r *slimBarRenderer) Layout(size fyne.Size) {
	at := fyne.NewPos(0, (size.Height-slimBarHeight)/2)
	r.track.Move(at)
	r.track.Resize(fyne.NewSize(size.Width, slimBarHeight))
	r.done.Move(at)
	r.done.Resize(fyne.NewSize(size.Width*float32(min(max(r.bar.part, 0), 1)), slimBarHeight))
}

// MinSize implements fyne.WidgetRenderer.
func (r *slimBarRenderer) MinSize() fyne.Size { return fyne.NewSize(60, slimBarHeight) }

// Refresh implements fyne.WidgetRenderer.
func (r *slimBarRenderer) Refresh() {
	r.color()
	r.Layout(r.bar.Size())
	canvas.Refresh(r.bar)
}

// Objects implements fyne.WidgetRenderer.
func (r *slimBarRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.done} }

// Destroy implements fyne.WidgetRenderer.
func (r *slimBarRenderer) Destroy() {}

// steady gives a button the width of the longest of its labels, so that its neighbours stay where they are.
func steady(b *widget.Button, labels ...string) fyne.CanvasObject {
	room := canvas.NewRectangle(color.Transparent)
	for _, label := range labels {
		room.SetMinSize(room.MinSize().Max(widget.NewButtonWithIcon(label, theme.MediaPlayIcon(), nil).MinSize()))
	}
	return container.NewStack(room, b)
}

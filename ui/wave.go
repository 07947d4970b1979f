package ui

import (
	"image"
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// wave is a picture of a sound: how loud it is over its time, and how far it was heard. A
// click goes there.
type wave struct {
	widget.BaseWidget
	peaks []float32 // 0 to 1, or -1 where it is not known yet
	heard float64   // 0 to 1
	seek  func(part float64)
}

func newWave(seek func(part float64)) *wave {
	w := &wave{seek: seek}
	w.ExtendBaseWidget(w)
	return w
}

func (w *wave) set(peaks []float32, heard float64) {
	if w.heard == heard && slices.Equal(w.peaks, peaks) {
		return
	}
	w.peaks, w.heard = peaks, heard
	w.Refresh()
}

// Tapped implements fyne.Tappable.
func (w *wave) Tapped(e *fyne.PointEvent) {
	if width := w.Size().Width; width > 0 {
		w.seek(float64(min(max(e.Position.X/width, 0), 1)))
	}
}

// MinSize implements fyne.Widget.
func (w *wave) MinSize() fyne.Size {
	w.ExtendBaseWidget(w)
	return fyne.NewSize(60, 40)
}

// CreateRenderer implements fyne.Widget.
func (w *wave) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRaster(func(width, height int) image.Image { return w.draw(width, height) }))
}

// draw draws the sound in so many pixels.
func (w *wave) draw(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	ground, heard, ahead := nrgba(theme.ColorNameInputBackground), nrgba(colorTrilobyte), nrgba(colorOriginal)
	for x := range width {
		c, half := ahead, 0
		if float64(x) < w.heard*float64(width) {
			c = heard
		}
		if len(w.peaks) > 0 {
			from := x * len(w.peaks) / width
			to := max((x+1)*len(w.peaks)/width, from+1)
			half = int(slices.Max(w.peaks[from:to]) * float32(height) / 2)
		}
		for y := range height {
			m.SetNRGBA(x, y, ground)
			if y >= height/2-half && y <= height/2+half {
				m.SetNRGBA(x, y, c)
			}
		}
		if half < 0 { // it is not known yet
			m.SetNRGBA(x, height/2, color.NRGBA{c.R, c.G, c.B, 0x60})
		}
	}
	return m
}

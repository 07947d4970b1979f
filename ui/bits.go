package ui

import (
	"image"
	"image/color"
	"path"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// bitsPicture shows the recording that is being compressed: above, how loud it is over
// its time; below, how much of each stretch is left in the archive, and the line of what
// FLAC leaves. What is not compressed yet is empty.
type bitsPicture struct {
	widget.BaseWidget
	picture queue.Picture
}

const bitsHeight = float32(44) // of the picture below its title

func newBitsPicture() *bitsPicture {
	b := &bitsPicture{}
	b.ExtendBaseWidget(b)
	return b
}

// set changes what is shown.
func (b *bitsPicture) set(p queue.Picture) {
	if p.Name == b.picture.Name && len(p.Stretches) == len(b.picture.Stretches) {
		return
	}
	b.picture = p
	b.Refresh()
}

// CreateRenderer implements fyne.Widget.
func (b *bitsPicture) CreateRenderer() fyne.WidgetRenderer {
	r := &bitsRenderer{bits: b, title: newCutText(fyne.TextAlignLeading), left: newCutText(fyne.TextAlignTrailing)}
	r.raster = canvas.NewRaster(func(w, h int) image.Image { return b.draw(w, h) })
	r.update()
	return r
}

type bitsRenderer struct {
	bits        *bitsPicture
	title, left *cutText
	raster      *canvas.Raster
}

func (r *bitsRenderer) update() {
	p := r.bits.picture
	title := tr("Where the bits go")
	if p.Name != "" {
		title = joined(title, path.Base(p.Name))
	}
	r.title.set(title, theme.ColorNameForeground, true)
	r.left.set(leftOfText(p), theme.ColorNamePlaceHolder, false)
}

// leftOfText says how much is left of what was compressed last.
func leftOfText(p queue.Picture) string {
	n := len(p.Stretches)
	if n == 0 || p.Stretches[n-1].Original == 0 {
		return ""
	}
	s := p.Stretches[n-1]
	part := func(size int64) string { return percentText(float64(size) / float64(s.Original)) }
	text := tr("last stretch: {{.Ours}} is left", words{"Ours": part(s.Compressed)})
	if s.FLAC > 0 {
		text = joined(text, tr("FLAC leaves {{.FLAC}}", words{"FLAC": part(s.FLAC)}))
	}
	return text
}

// Layout implements fyne.WidgetRenderer.
func (r *bitsRenderer) Layout(size fyne.Size) {
	left := min(r.left.needs(), size.Width*2/3)
	r.title.place(fyne.NewPos(6, 0), fyne.NewSize(max(size.Width-left-lineGap-12, 0), comparisonLine))
	r.left.place(fyne.NewPos(size.Width-left-6, 0), fyne.NewSize(left, comparisonLine))
	r.raster.Move(fyne.NewPos(6, comparisonLine))
	r.raster.Resize(fyne.NewSize(max(size.Width-12, 1), bitsHeight))
}

// MinSize implements fyne.WidgetRenderer.
func (r *bitsRenderer) MinSize() fyne.Size { return fyne.NewSize(180, comparisonLine+bitsHeight) }

// Refresh implements fyne.WidgetRenderer.
func (r *bitsRenderer) Refresh() {
	r.update()
	r.Layout(r.bits.Size())
	canvas.Refresh(r.bits)
}

// Objects implements fyne.WidgetRenderer.
func (r *bitsRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.raster, r.title.text, r.left.text}
}

// Destroy implements fyne.WidgetRenderer.
func (r *bitsRenderer) Destroy() {}

// draw draws the picture in so many pixels.
func (b *bitsPicture) draw(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	fill := func(x, from, to int, c color.NRGBA) {
		for y := max(from, 0); y < min(to, height); y++ {
			m.SetNRGBA(x, y, c)
		}
	}
	ground, sound, ours, flac := nrgba(theme.ColorNameInputBackground), nrgba(colorOriginal), nrgba(colorTrilobyte), nrgba(colorFLAC)
	for x := range width {
		fill(x, 0, height, ground)
	}
	middle, bars := height/4, height/2-2 // of the sound; and the room of the bars
	size, done := max(b.picture.Size, 1), int64(0)
	for _, s := range b.picture.Stretches {
		from, to := int(done*int64(width)/size), int((done+s.Original)*int64(width)/size)
		done += s.Original
		for x := from; x < min(to, width); x++ {
			peak := s.Peaks[(x-from)*len(s.Peaks)/(to-from)]
			half := int(peak * float32(middle-1))
			fill(x, middle-half, middle+half+1, sound)
			level := func(part int64) int { return height - int(min(part, s.Original)*int64(bars)/s.Original) }
			fill(x, level(s.Compressed), height, ours)
			if s.FLAC > 0 {
				fill(x, level(s.FLAC)-1, level(s.FLAC)+1, flac)
			}
		}
	}
	return m
}

package ui

import (
	"image"
	"image/color"
	"math"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// ratioPlot shows how the size against FLAC's has developed over the time of
// work. The dashed line is FLAC.
type ratioPlot struct {
	widget.BaseWidget
	points []queue.Point
}

func newRatioPlot() *ratioPlot {
	p := &ratioPlot{}
	p.ExtendBaseWidget(p)
	return p
}

// set changes what is shown.
func (p *ratioPlot) set(points []queue.Point) {
	if len(points) == len(p.points) && (len(points) == 0 || points[len(points)-1] == p.points[len(points)-1]) {
		return
	}
	p.points = points
	p.Refresh()
}

// span returns the ratios at the bottom and the top of the plot: whole tenths, so that
// the base stands still while the curve moves a little. FLAC's (1) is always within.
func span(points []queue.Point) (low, high float64) {
	low, high = 0.9, 1
	for _, p := range points {
		low, high = min(low, p.Ratio), max(high, p.Ratio)
	}
	return max(math.Floor(low*10)/10, 0), math.Ceil(high*10) / 10
}

// CreateRenderer implements fyne.Widget.
func (p *ratioPlot) CreateRenderer() fyne.WidgetRenderer {
	r := &plotRenderer{plot: p, title: newCutText(fyne.TextAlignLeading), last: newCutText(fyne.TextAlignTrailing), elapsed: newCutText(fyne.TextAlignTrailing), flac: newCutText(fyne.TextAlignLeading)}
	r.raster = canvas.NewRaster(func(w, h int) image.Image { return p.draw(w, h) })
	r.objects = []fyne.CanvasObject{r.raster, r.title.text, r.last.text, r.elapsed.text, r.flac.text}
	r.update()
	return r
}

type plotRenderer struct {
	plot                       *ratioPlot
	raster                     *canvas.Raster
	title, last, elapsed, flac *cutText
	objects                    []fyne.CanvasObject
}

// MinSize implements fyne.WidgetRenderer.
func (r *plotRenderer) MinSize() fyne.Size { return fyne.NewSize(140, 6*comparisonLine+4) }

// Objects implements fyne.WidgetRenderer.
func (r *plotRenderer) Objects() []fyne.CanvasObject { return r.objects }

// Destroy implements fyne.WidgetRenderer.
func (r *plotRenderer) Destroy() {}

// Refresh implements fyne.WidgetRenderer.
func (r *plotRenderer) Refresh() {
	r.update()
	r.Layout(r.plot.Size())
	canvas.Refresh(r.plot)
}

func (r *plotRenderer) update() {
	r.title.set(tr("Everything, over time"), theme.ColorNameForeground, true)
	last, elapsed := "", ""
	if n := len(r.plot.points); n > 0 {
		last = percentText(r.plot.points[n-1].Ratio)
		elapsed = durationText(r.plot.points[n-1].At)
	}
	r.last.set(last, colorTrilobyteText, true)
	r.elapsed.set(elapsed, theme.ColorNamePlaceHolder, false)
	low, _ := span(r.plot.points)
	r.flac.set(tr("from {{.Low}} to FLAC", words{"Low": percentWhole(low)}), colorFLACText, false)
}

// Layout implements fyne.WidgetRenderer.
func (r *plotRenderer) Layout(size fyne.Size) {
	half := size.Width / 2
	r.title.place(fyne.NewPos(0, 0), fyne.NewSize(size.Width-60, comparisonLine))
	r.last.place(fyne.NewPos(size.Width-60, 0), fyne.NewSize(60, comparisonLine))
	r.raster.Move(fyne.NewPos(0, comparisonLine+2))
	r.raster.Resize(fyne.NewSize(size.Width, max(size.Height-2*comparisonLine-4, 1)))
	bottom := size.Height - comparisonLine
	r.flac.place(fyne.NewPos(0, bottom), fyne.NewSize(half+20, comparisonLine))
	r.elapsed.place(fyne.NewPos(half+20, bottom), fyne.NewSize(half-20, comparisonLine))
}

// draw draws the plot in so many pixels.
func (p *ratioPlot) draw(width, height int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	fill := func(x, y int, c color.NRGBA, alpha float64) {
		if y >= 0 && y < height && alpha > 0 {
			c.A = uint8(float64(c.A) * min(alpha, 1))
			m.SetNRGBA(x, y, over(m.NRGBAAt(x, y), c))
		}
	}
	ground, ours, flac := nrgba(theme.ColorNameInputBackground), nrgba(colorTrilobyte), nrgba(colorFLAC)
	low, high := span(p.points)
	const margin = 4 // pixels above, for the line of FLAC
	yOf := func(ratio float64) float64 { return margin + (high-ratio)/(high-low)*float64(height-margin) }
	flacAt := int(yOf(1))
	curve := p.curve(width)
	for x := range width {
		for y := range height {
			m.SetNRGBA(x, y, ground)
		}
		if x < len(curve) {
			top := yOf(curve[x])
			before := top
			if x > 0 {
				before = yOf(curve[x-1])
			}
			light := ours
			light.A = 0x50
			for y := max(int(top), 0); y < height; y++ {
				fill(x, y, light, float64(y)+1-top)
			}
			// The line itself, two pixels thick, from the last point to this.
			from, to := min(top, before)-1, max(top, before)+1
			for y := int(math.Floor(from)); y <= int(to); y++ {
				fill(x, y, ours, min(float64(y)+1-from, to-float64(y)))
			}
		}
		if x/4%2 == 0 {
			fill(x, flacAt, flac, 1)
			fill(x, flacAt+1, flac, 0.5)
		}
	}
	return m
}

// curve returns the ratio at each of so many columns, on straight lines between
// the points, or nothing.
func (p *ratioPlot) curve(width int) []float64 {
	n := len(p.points)
	if n == 0 {
		return nil
	}
	end := p.points[n-1].At
	curve := make([]float64, width)
	i := 0
	for x := range curve {
		at := time.Duration(float64(end) * float64(x+1) / float64(width))
		for i < n-1 && p.points[i+1].At <= at {
			i++
		}
		curve[x] = p.points[i].Ratio
		if i < n-1 && at > p.points[i].At {
			part := float64(at-p.points[i].At) / float64(p.points[i+1].At-p.points[i].At)
			curve[x] += part * (p.points[i+1].Ratio - curve[x])
		}
	}
	return curve
}

func nrgba(name fyne.ThemeColorName) color.NRGBA {
	return color.NRGBAModel.Convert(colorOf(name)).(color.NRGBA)
}

// over returns colour c laid over another one.
func over(under, c color.NRGBA) color.NRGBA {
	a := float64(c.A) / 255
	mix := func(u, o uint8) uint8 { return uint8(float64(u)*(1-a) + float64(o)*a + 0.5) }
	return color.NRGBA{mix(under.R, c.R), mix(under.G, c.G), mix(under.B, c.B), max(under.A, c.A)}
}

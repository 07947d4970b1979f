package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/queue"
)

// comparison shows what the same audio takes: bars of the original's, FLAC's
// and Trilobyte's size, and what that saves.
type comparison struct {
	widget.BaseWidget
	title string
	about string // what is compared
	base  string // which part of it
	sizes queue.Sizes
	none  string // why there is nothing to compare, and will not be, or ""
}

func newComparison(title string) *comparison {
	c := &comparison{title: title}
	c.ExtendBaseWidget(c)
	return c
}

// set changes what is compared.
func (c *comparison) set(about, base string, sizes queue.Sizes, none string) {
	if c.about == about && c.base == base && c.sizes == sizes && c.none == none {
		return
	}
	c.about, c.base, c.sizes, c.none = about, base, sizes, none
	c.Refresh()
}

// verdict is what the comparison comes to, and its colour.
func verdict(s queue.Sizes) (string, fyne.ThemeColorName) {
	saved, ok := s.Saved()
	switch {
	case !ok:
		return tr("nothing to compare yet"), theme.ColorNamePlaceHolder
	case s.Trilobyte < s.FLAC:
		return tr("{{.Bytes}} saved, {{.Percent}} below FLAC", words{"Bytes": bytesText(s.FLAC - s.Trilobyte), "Percent": percentText(saved)}), theme.ColorNameSuccess
	case s.Trilobyte == s.FLAC:
		return tr("the same as FLAC"), theme.ColorNameWarning
	}
	return tr("FLAC is smaller, by {{.Bytes}} ({{.Percent}})", words{"Bytes": bytesText(s.Trilobyte - s.FLAC), "Percent": percentText(-saved)}), theme.ColorNameWarning
}

// shortVerdict is the verdict where there is little room, or "".
func shortVerdict(s queue.Sizes) string {
	saved, ok := s.Saved()
	switch {
	case !ok:
		return ""
	case saved > 0:
		return tr("{{.Percent}} below FLAC", words{"Percent": percentText(saved)})
	}
	return tr("{{.Percent}} above FLAC", words{"Percent": percentText(-saved)})
}

// totalVerdict is the short verdict on several files, with what it is about, or "".
func totalVerdict(t queue.Totals) string {
	short := shortVerdict(t.Sizes)
	if short == "" {
		return ""
	}
	return tr("recordings: {{.Verdict}}", words{"Verdict": short})
}

// CreateRenderer implements fyne.Widget.
func (c *comparison) CreateRenderer() fyne.WidgetRenderer {
	r := &comparisonRenderer{comparison: c, title: newCutText(fyne.TextAlignLeading), about: newCutText(fyne.TextAlignTrailing), base: newCutText(fyne.TextAlignLeading), verdict: newCutText(fyne.TextAlignLeading)}
	r.objects = []fyne.CanvasObject{r.title.text, r.about.text, r.base.text, r.verdict.text}
	for i := range r.bars {
		r.bars[i] = bar{label: newCutText(fyne.TextAlignLeading), value: newCutText(fyne.TextAlignTrailing), box: canvas.NewRectangle(nil)}
		r.bars[i].box.CornerRadius = 2
		r.objects = append(r.objects, r.bars[i].box, r.bars[i].label.text, r.bars[i].value.text)
	}
	r.update()
	return r
}

type bar struct {
	label, value *cutText
	box          *canvas.Rectangle
	part         float32 // of the full width
}

type comparisonRenderer struct {
	comparison                  *comparison
	title, about, base, verdict *cutText
	bars                        [3]bar
	objects                     []fyne.CanvasObject
}

const comparisonLine = float32(20)

// MinSize implements fyne.WidgetRenderer.
func (r *comparisonRenderer) MinSize() fyne.Size { return fyne.NewSize(180, 6*comparisonLine+4) }

// Objects implements fyne.WidgetRenderer.
func (r *comparisonRenderer) Objects() []fyne.CanvasObject { return r.objects }

// Destroy implements fyne.WidgetRenderer.
func (r *comparisonRenderer) Destroy() {}

// Refresh implements fyne.WidgetRenderer.
func (r *comparisonRenderer) Refresh() {
	r.update()
	r.Layout(r.comparison.Size())
	canvas.Refresh(r.comparison)
}

func (r *comparisonRenderer) update() {
	c := r.comparison
	r.title.set(c.title, theme.ColorNameForeground, true)
	r.about.set(c.about, theme.ColorNamePlaceHolder, false)
	r.base.set(c.base, theme.ColorNamePlaceHolder, false)
	largest := max(c.sizes.Original, c.sizes.FLAC, c.sizes.Trilobyte, 1)
	for i, b := range []struct {
		label string
		color fyne.ThemeColorName
		size  int64
	}{
		{tr("Original"), colorOriginal, c.sizes.Original},
		{"FLAC", colorFLAC, c.sizes.FLAC},
		{"Trilobyte", colorTrilobyte, c.sizes.Trilobyte},
	} {
		value := "–"
		if b.size > 0 {
			value = bytesText(b.size)
		}
		r.bars[i].label.set(b.label, theme.ColorNameForeground, false)
		r.bars[i].value.set(value, theme.ColorNameForeground, false)
		r.bars[i].box.FillColor = colorOf(b.color)
		r.bars[i].part = float32(float64(b.size) / float64(largest))
	}
}

// Layout implements fyne.WidgetRenderer.
func (r *comparisonRenderer) Layout(size fyne.Size) {
	const label, value = 62, 66
	line := fyne.NewSize(size.Width, comparisonLine)
	title := min(r.title.needs(), size.Width)
	r.title.place(fyne.NewPos(0, 0), fyne.NewSize(title, comparisonLine))
	r.about.place(fyne.NewPos(title+lineGap, 0), fyne.NewSize(max(size.Width-title-lineGap, 0), comparisonLine))
	y := comparisonLine + 2
	for i := range r.bars {
		b := &r.bars[i]
		room := max(size.Width-label-value, 0)
		b.label.place(fyne.NewPos(0, y), fyne.NewSize(label-4, comparisonLine))
		b.box.Hidden = b.part == 0
		b.box.Move(fyne.NewPos(label, y+4))
		b.box.Resize(fyne.NewSize(room*b.part, comparisonLine-8))
		b.value.place(fyne.NewPos(size.Width-value, y), fyne.NewSize(value, comparisonLine))
		y += comparisonLine
	}
	r.placeVerdict(fyne.NewPos(0, y+2), line)
	r.base.place(fyne.NewPos(0, y+2+comparisonLine), line)
}

func (r *comparisonRenderer) placeVerdict(at fyne.Position, size fyne.Size) {
	text, color := verdict(r.comparison.sizes)
	if _, any := r.comparison.sizes.Saved(); !any && r.comparison.none != "" {
		text = r.comparison.none
	}
	bold := color != theme.ColorNamePlaceHolder
	r.verdict.set(text, color, bold)
	if short := shortVerdict(r.comparison.sizes); short != "" && r.verdict.needs() > size.Width {
		r.verdict.set(short, color, bold)
	}
	r.verdict.place(at, size)
}

package bench

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Sizes of the picture in pixels.
const (
	pictureWidth  = 860
	pictureHeight = 480
	plotLeft      = 70
	plotRight     = 600
	plotTop       = 50
	plotBottom    = 420
	labelLeft     = 630
	labelHeight   = 18
)

var colours = []string{"#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#e377c2", "#17becf", "#7f7f7f"}

// Picture draws the size of each total, compared with FLAC at level 8, against
// its speeds, as SVG: a disk where it encodes, a ring where it decodes. Totals
// that cannot be compared are left out.
func Picture(w io.Writer, totals []Total) error {
	totals = slices.DeleteFunc(slices.Clone(totals), func(t Total) bool { return t.Ratio() == 0 || t.EncodeSpeed() == 0 })
	p := newPlot(totals)
	p.axes()
	p.points(totals)
	p.labels(totals)
	_, err := fmt.Fprintf(w, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"13\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n%s</svg>\n", pictureWidth, pictureHeight, p.svg.String())
	return err
}

// plot is a picture that is being drawn. Speeds are shown as powers of ten.
type plot struct {
	svg            strings.Builder
	slow, fast     int     // powers of ten at the left and the right edge
	small, large   float64 // ratios at the lower and the upper edge
	ratioGridSteps float64
}

func newPlot(totals []Total) *plot {
	p := &plot{slow: 0, fast: 1, small: 1, large: 1}
	for _, t := range totals {
		for _, speed := range []float64{t.EncodeSpeed(), t.DecodeSpeed()} {
			if speed > 0 {
				p.slow = min(p.slow, int(math.Floor(math.Log10(speed))))
				p.fast = max(p.fast, int(math.Ceil(math.Log10(speed))))
			}
		}
		p.small, p.large = min(p.small, t.Ratio()), max(p.large, t.Ratio())
	}
	p.ratioGridSteps = 0.02
	if p.large-p.small > 0.2 {
		p.ratioGridSteps = 0.1
	}
	p.small = p.ratioGridSteps * math.Floor(p.small/p.ratioGridSteps-0.2)
	p.large = p.ratioGridSteps * math.Ceil(p.large/p.ratioGridSteps+0.2)
	return p
}

func (p *plot) x(speed float64) float64 {
	return plotLeft + (math.Log10(speed)-float64(p.slow))/float64(p.fast-p.slow)*(plotRight-plotLeft)
}

func (p *plot) y(ratio float64) float64 {
	return plotBottom - (ratio-p.small)/(p.large-p.small)*(plotBottom-plotTop)
}

func (p *plot) line(x1, y1, x2, y2 float64, colour string) {
	fmt.Fprintf(&p.svg, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", x1, y1, x2, y2, colour)
}

// text writes a text, whose anchor is "start", "middle" or "end".
func (p *plot) text(x, y float64, anchor, text string) {
	fmt.Fprintf(&p.svg, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor)
	xml.EscapeText(&p.svg, []byte(text)) // a strings.Builder takes everything
	p.svg.WriteString("</text>\n")
}

const grey = "#ccc"

// axes draws the grid and what its lines stand for.
func (p *plot) axes() {
	for power := p.slow; power <= p.fast; power++ {
		x := p.x(math.Pow10(power))
		p.line(x, plotTop, x, plotBottom, grey)
		p.text(x, plotBottom+20, "middle", fmt.Sprintf("%g x", math.Pow10(power)))
	}
	for i := 0; ; i++ {
		ratio := p.small + float64(i)*p.ratioGridSteps
		if ratio > p.large+p.ratioGridSteps/2 {
			break
		}
		p.line(plotLeft, p.y(ratio), plotRight, p.y(ratio), grey)
		p.text(plotLeft-8, p.y(ratio)+4, "end", fmt.Sprintf("%.0f %%", 100*ratio))
	}
	p.text((plotLeft+plotRight)/2, plotBottom+42, "middle", "Speed on one core, times real time (disk: encoding, ring: decoding)")
	p.text(plotLeft-50, plotTop-22, "start", "Size compared with FLAC -8 (100 %): less is better")
}

func colour(i int) string { return colours[i%len(colours)] }

func (p *plot) points(totals []Total) {
	for i, t := range totals {
		y := p.y(t.Ratio())
		if t.DecodeSpeed() > 0 {
			p.line(p.x(t.EncodeSpeed()), y, p.x(t.DecodeSpeed()), y, colour(i))
			fmt.Fprintf(&p.svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"white\" stroke=\"%s\" stroke-width=\"2\"/>\n", p.x(t.DecodeSpeed()), y, colour(i))
		}
		fmt.Fprintf(&p.svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"6\" fill=\"%s\"/>\n", p.x(t.EncodeSpeed()), y, colour(i))
	}
}

// labels writes the names at the right, each as near to the height of its point
// as the others allow.
func (p *plot) labels(totals []Total) {
	order := make([]int, len(totals))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(totals[b].Ratio(), totals[a].Ratio()) })
	next := 0.0
	for _, i := range order {
		t := totals[i]
		y := max(p.y(t.Ratio()), next)
		next = y + labelHeight
		p.line(plotRight, p.y(t.Ratio()), labelLeft-6, y, colour(i))
		fmt.Fprintf(&p.svg, "<circle cx=\"%d\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", labelLeft, y, colour(i))
		name := t.Coder
		if t.Files < t.Of {
			name += fmt.Sprintf(" (%d of %d files)", t.Files, t.Of)
		}
		p.text(labelLeft+12, y+4, "start", name)
	}
}

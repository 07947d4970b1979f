package ui

import (
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
)

// capital is a text that begins with a capital, as options do.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}

// capitals are texts that begin with capitals.
func capitals(texts ...string) []string {
	for i, text := range texts {
		texts[i] = capital(text)
	}
	return texts
}

// cutText is a line of text that is cut where there is no room for more.
type cutText struct {
	text  *canvas.Text
	full  string
	color fyne.ThemeColorName
	width float32 // that there is room for
}

func newCutText(alignment fyne.TextAlign) *cutText {
	c := &cutText{text: canvas.NewText("", nil), color: theme.ColorNameForeground}
	c.text.Alignment = alignment
	return c
}

// set changes the text, and says whether anything has changed.
func (c *cutText) set(text string, color fyne.ThemeColorName, bold bool) bool {
	if text == c.full && color == c.color && bold == c.text.TextStyle.Bold {
		return false
	}
	c.full, c.color, c.text.TextStyle.Bold = text, color, bold
	return true
}

// place puts the text into a space, and cuts it.
func (c *cutText) place(at fyne.Position, size fyne.Size) {
	c.width = size.Width
	c.fit()
	c.text.Move(at)
	c.text.Resize(size)
}

// fit brings the text up to date with the theme and its width.
func (c *cutText) fit() {
	c.text.Color = colorOf(c.color)
	c.text.TextSize = theme.TextSize()
	c.text.Text = cut(c.full, c.width, c.text.TextSize, c.text.TextStyle)
}

// needs is the width of the whole text.
func (c *cutText) needs() float32 {
	if c.full == "" {
		return 0
	}
	return fyne.MeasureText(c.full, theme.TextSize(), c.text.TextStyle).Width
}

// cut returns as much of a text as there is room for, with an ellipsis if that
// is not all.
func cut(text string, width, size float32, style fyne.TextStyle) string {
	if text == "" || width <= 0 {
		return ""
	}
	if fyne.MeasureText(text, size, style).Width <= width {
		return text
	}
	runes := []rune(text)
	low, high := 0, len(runes)-1 // so many fit, so many may
	for low < high {
		middle := (low + high + 1) / 2
		if fyne.MeasureText(string(runes[:middle])+"…", size, style).Width <= width {
			low = middle
		} else {
			high = middle - 1
		}
	}
	if low == 0 {
		return ""
	}
	return string(runes[:low]) + "…"
}

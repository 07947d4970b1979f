package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colours of our own, beside those of the theme. All texts have a contrast of at least 4.5 to 1 on what lies behind them,
// which is also the selected row.
const (
	colorTrilobyte fyne.ThemeColorName = "trilobyte" // of what is ours in comparisons
	colorFLAC      fyne.ThemeColorName = "flac"
	colorOriginal  fyne.ThemeColorName = "original"
	colorTrack     fyne.ThemeColorName = "track" // below bars that tell how far something is

	// The same for texts, which need more contrast.
	colorTrilobyteText fyne.ThemeColorName = "trilobyte text"
	colorFLACText      fyne.ThemeColorName = "flac text"
)

// The choices of the setting for the theme. "" is the system's.
const (
	themeSystem = ""
	themeLight  = "light"
	themeDark   = "dark"
)

// look is the theme: Fyne's, denser, in the colours of the icon.
type look struct {
	fyne.Theme
	choice string
}

func newLook(choice string) fyne.Theme { return look{theme.DefaultTheme(), choice} }

var (
	lightColors = map[fyne.ThemeColorName]color.Color{
		theme.ColorNamePrimary:             color.NRGBA{0xA6, 0x55, 0x09, 0xFF},
		theme.ColorNameForegroundOnPrimary: color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF},
		theme.ColorNameSuccess:             color.NRGBA{0x17, 0x69, 0x2B, 0xFF},
		theme.ColorNameError:               color.NRGBA{0xAD, 0x1A, 0x1A, 0xFF},
		theme.ColorNameWarning:             color.NRGBA{0x84, 0x50, 0x00, 0xFF},
		theme.ColorNameSelection:           color.NRGBA{0x2B, 0x5F, 0x8F, 0x33},
		theme.ColorNameFocus:               color.NRGBA{0x2B, 0x5F, 0x8F, 0x44},
		theme.ColorNameDisabled:            color.NRGBA{0x8C, 0x90, 0x96, 0xFF},
		theme.ColorNamePlaceHolder:         color.NRGBA{0x55, 0x5B, 0x62, 0xFF},
		theme.ColorNameForeground:          ink{0x2B, 0x2F, 0x36, 0xFF},
		theme.ColorNameInputBorder:         color.NRGBA{0x9A, 0xA2, 0xAC, 0xFF},
		theme.ColorNameInputBackground:     color.NRGBA{0xF2, 0xF4, 0xF6, 0xFF},
		colorTrilobyte:                     color.NRGBA{0xE0, 0x8A, 0x2C, 0xFF},
		colorFLAC:                          color.NRGBA{0x4B, 0x7F, 0xAE, 0xFF},
		colorOriginal:                      color.NRGBA{0xA9, 0xB2, 0xBC, 0xFF},
		colorTrack:                         color.NRGBA{0xE0, 0xE4, 0xE8, 0xFF},
		colorTrilobyteText:                 color.NRGBA{0xA6, 0x55, 0x09, 0xFF},
		colorFLACText:                      color.NRGBA{0x3E, 0x70, 0x9E, 0xFF},
	}
	darkColors = map[fyne.ThemeColorName]color.Color{
		theme.ColorNameForeground:          ink{0xF3, 0xF3, 0xF3, 0xFF},
		theme.ColorNamePrimary:             color.NRGBA{0xE8, 0x97, 0x3F, 0xFF},
		theme.ColorNameForegroundOnPrimary: color.NRGBA{0x14, 0x22, 0x30, 0xFF},
		theme.ColorNameSuccess:             color.NRGBA{0x62, 0xC4, 0x78, 0xFF},
		theme.ColorNameError:               color.NRGBA{0xF7, 0x97, 0x90, 0xFF},
		theme.ColorNameWarning:             color.NRGBA{0xF0, 0xB4, 0x4C, 0xFF},
		theme.ColorNameSelection:           color.NRGBA{0x6A, 0xA6, 0xD8, 0x44},
		theme.ColorNameFocus:               color.NRGBA{0x6A, 0xA6, 0xD8, 0x55},
		theme.ColorNameDisabled:            color.NRGBA{0x6E, 0x73, 0x7A, 0xFF},
		theme.ColorNameInputBorder:         color.NRGBA{0x6B, 0x74, 0x80, 0xFF},
		theme.ColorNameInputBackground:     color.NRGBA{0x26, 0x2B, 0x33, 0xFF},
		colorTrilobyte:                     color.NRGBA{0xE8, 0x97, 0x3F, 0xFF},
		colorFLAC:                          color.NRGBA{0x5F, 0x97, 0xC8, 0xFF},
		colorOriginal:                      color.NRGBA{0x5B, 0x65, 0x70, 0xFF},
		colorTrack:                         color.NRGBA{0x34, 0x3B, 0x45, 0xFF},
		colorTrilobyteText:                 color.NRGBA{0xE8, 0x97, 0x3F, 0xFF},
		colorFLACText:                      color.NRGBA{0x6F, 0xA5, 0xD4, 0xFF},
	}
)

// ink is an opaque colour of texts. The toolkit takes 95 % of its alpha for shortcuts in menus, and of that the lower 8 of 16
// bits (shortcutColor in Fyne 2.7.4), which would leave a fifth of the usual alpha: nobody could read them. They are nearly
// opaque with this one, which is the usual one but for its lower 8 bits.
type ink color.NRGBA

// RGBA implements color.Color.
func (i ink) RGBA() (r, g, b, a uint32) {
	r, g, b, _ = color.NRGBA(i).RGBA()
	return r, g, b, 0xFFC9
}

// Color implements fyne.Theme.
func (l look) Color(name fyne.ThemeColorName, variant fyne.ThemeVariant) color.Color {
	switch l.choice {
	case themeLight:
		variant = theme.VariantLight
	case themeDark:
		variant = theme.VariantDark
	}
	colors := lightColors
	if variant == theme.VariantDark {
		colors = darkColors
	}
	if c, ok := colors[name]; ok {
		return c
	}
	return l.Theme.Color(name, variant)
}

// Size implements fyne.Theme.
func (l look) Size(name fyne.ThemeSizeName) float32 {
	switch name {
	case theme.SizeNamePadding:
		return 4
	case theme.SizeNameInnerPadding:
		return 6
	case theme.SizeNameText:
		return 13
	case theme.SizeNameCaptionText:
		return 11
	case theme.SizeNameSubHeadingText:
		return 16
	case theme.SizeNameHeadingText:
		return 20
	case theme.SizeNameInlineIcon:
		return 18
	}
	return l.Theme.Size(name)
}

// colorOf is a colour of the current theme.
func colorOf(name fyne.ThemeColorName) color.Color { return theme.Color(name) }

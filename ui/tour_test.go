package ui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/job"
	"trilobyte/codec/stream"
)

// scene is something that the window shows.
type scene struct {
	name    string
	change  func(*Config)
	prepare func(*tester)
}

// tired codes a few segments, and no more.
type tired struct {
	stream.SegmentCoder
	coded atomic.Int32
}

func (c *tired) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	if c.coded.Add(1) > 5 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	return c.SegmentCoder.Encode(ctx, samples, bits, progress)
}

// demo copies the demo's recordings into the folder of a test.
func (w *tester) demo(name string) string {
	w.t.Helper()
	root := filepath.Join(w.dir, name)
	if err := os.CopyFS(root, os.DirFS("../testdata/demo")); err != nil {
		w.t.Fatal(err)
	}
	return root
}

// done waits until all jobs have ended, and shows them.
func (w *tester) done() {
	w.t.Helper()
	w.pump.until(w.t, "all jobs end", func() bool {
		o := w.queue.Overview()
		return o.Jobs > 0 && o.Finished == o.Jobs
	})
	w.pump.until(w.t, "that is shown", func() bool { return w.view.list.rows > 0 })
	w.refresh()
}

// scenes are what the tour goes through.
func scenes() []scene {
	halfway := func(c *Config) { c.Engine.Codec.Coder = &tired{SegmentCoder: c.Engine.Codec.Coder} }
	presets := func(c *Config) {
		c.Presets = map[string]job.Codec{"fast": c.Engine.Codec, "max": c.Engine.Codec}
	}
	return []scene{
		{"empty", nil, func(*tester) {}},
		{"estimate", presets, func(w *tester) {
			w.settings.Look = true
			w.drop(w.demo("Field recordings 2024"), w.album("Mixdown", 4))
			w.pump.until(w.t, "it is estimated", func() bool {
				return w.ahead != nil && strings.Contains(w.ahead.facts.Text, "FLAC")
			})
		}},
		{"working", halfway, func(w *tester) {
			w.drop(w.demo("Field recordings 2024"), w.demo("Mixdown"))
			w.pump.until(w.t, "something is compressed", func() bool { return w.view.live.bits.picture.Name != "" })
			w.refresh()
		}},
		{"finished", nil, func(w *tester) {
			w.drop(w.demo("Field recordings 2024"))
			w.done()
			w.view.list.choose(3)
		}},
		{"menu", nil, func(w *tester) {
			widget.ShowPopUpMenuAtPosition(w.win.MainMenu().Items[0], w.win.Canvas(), fyne.NewPos(5, 5))
		}},
		{"path", nil, func(w *tester) { w.chooseFiles() }},
		{"conflict", nil, func(w *tester) {
			root := w.demo("Album")
			if err := os.Rename(w.archived("B", 1), root+".trilobyte"); err != nil {
				w.t.Fatal(err)
			}
			w.drop(root)
			w.done()
			w.view.list.choose(0)
			w.view.list.menu()
		}},
		{"error", nil, func(w *tester) {
			empty := filepath.Join(w.dir, "Empty folder")
			if err := os.Mkdir(empty, 0o777); err != nil {
				w.t.Fatal(err)
			}
			w.drop(empty, filepath.Join(w.dir, "gone.wav"))
			w.done()
			w.pump.until(w.t, "the banner says what is gone", func() bool { return w.banner.showing() != "" })
			w.view.list.choose(0)
		}},
		{"archive", nil, func(w *tester) { openedArchive(w) }},
		{"player", func(c *Config) { c.Sound = &device{} }, func(w *tester) {
			v := openedArchive(w)
			v.list.choose(2)
			v.play()
			w.pump.until(w.t, "it plays", func() bool { return v.player.track != nil })
			v.update()
		}},
		{"properties", nil, func(w *tester) {
			v := openedArchive(w)
			v.showProperties(v.rows[2])
		}},
		{"report", nil, func(w *tester) { w.askReport(w.archived("Album", 1)) }},
		{"restore", nil, func(w *tester) { openedArchive(w).askRestore(nil, 0) }},
		{"activity", nil, func(w *tester) {
			w.drop(w.demo("Album"))
			w.done()
			w.tabs.Select(w.logTab)
		}},
		{"history", nil, func(w *tester) {
			w.drop(w.demo("Field recordings 2024"), w.album("Mixdown", 4))
			w.done()
			w.tabs.Select(w.pastTab)
			w.past.list.choose(0)
		}},
		{"settings", nil, func(w *tester) { w.showSettings() }},
		{"keyboard", nil, func(w *tester) { w.showKeys() }},
		{"about", nil, func(w *tester) { w.showAbout() }},
	}
}

// TestTour shows all there is in both themes, and measures whether its texts can be read. With TRILOBYTE_SCREENSHOTS it
// writes pictures to that folder, also of a small screen and of a fine one.
func TestTour(t *testing.T) {
	folder := os.Getenv("TRILOBYTE_SCREENSHOTS")
	if testing.Short() && folder == "" {
		t.Skip("it takes some seconds")
	}
	type look struct {
		name, theme string
		language    string
		size        fyne.Size
		scale       float32
	}
	looks := []look{{"light", themeLight, "", fyne.NewSize(1000, 680), 1}, {"dark", themeDark, "", fyne.NewSize(1000, 680), 1}}
	if folder != "" {
		looks = append(looks, look{"small-german", themeLight, languageGerman, fyne.NewSize(800, 600), 1}, look{"fine", themeDark, "", fyne.NewSize(1000, 680), 2})
	}
	for _, l := range looks {
		for _, s := range scenes() {
			if l.scale > 1 && !slices.Contains([]string{"empty", "working", "finished", "archive", "settings"}, s.name) {
				continue // is as it is elsewhere, only finer
			}
			t.Run(s.name+"-"+l.name, func(t *testing.T) {
				w := newTester(t, func(c *Config) {
					c.App.Preferences().SetString(keyTheme, l.theme)
					if l.language != "" {
						c.App.Preferences().SetString(keyLanguage, l.language)
						t.Cleanup(func() { loadWords(languageEnglish) })
					}
					if s.change != nil {
						s.change(c)
					}
				})
				w.win.Canvas().(test.WindowlessCanvas).SetScale(l.scale)
				w.win.Resize(l.size)
				s.prepare(w)
				w.win.Canvas().Unfocus()
				w.win.Resize(l.size.SubtractWidthHeight(1, 1)) // all is laid out anew, as the real driver does with every frame
				w.win.Resize(l.size)
				picture := w.win.Canvas().Capture()
				if size := w.win.Canvas().Size(); size != l.size {
					t.Errorf("it needs %v", size)
				}
				readable(t, w, picture, l.scale)
				if l.theme == themeLight && l.language == "" {
					reachable(t, w)
				}
				if folder != "" {
					keep(t, filepath.Join(folder, s.name+"-"+l.name+".png"), picture)
				}
			})
		}
	}
}

func keep(t *testing.T, path string, picture image.Image) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(file, picture); err != nil {
		t.Fatal(err)
	}
}

// readable makes sure that the contrast of every text that is on the screen, but for what is disabled, is at least 4.5 to 1
// (WCAG 2.1, 1.4.3), measured against what lies behind it on the picture.
func readable(t *testing.T, w *tester, picture image.Image, scale float32) {
	t.Helper()
	root, at := w.win.Content(), fyne.NewPos(0, 0)
	if over := w.win.Canvas().Overlays().Top(); over != nil {
		root = over
	} else if w.win.Padded() {
		at = at.AddXY(theme.Padding(), theme.Padding())
	}
	found := map[string]bool{}
	count := 0
	above := image.Rectangle{} // what the banner covers, but for its own texts
	own := map[*canvas.Text]bool{}
	if b := w.banner.root; b.Visible() {
		from := w.app.Driver().AbsolutePositionForObject(b)
		above = image.Rect(int(from.X*scale), int(from.Y*scale), int((from.X+b.Size().Width)*scale), int((from.Y+b.Size().Height)*scale))
		eachText(b, from, picture.Bounds(), scale, func(text *canvas.Text, _ image.Rectangle) { own[text] = true })
	}
	eachText(root, at, picture.Bounds(), scale, func(text *canvas.Text, area image.Rectangle) {
		if color.NRGBAModel.Convert(text.Color) == nrgba(theme.ColorNameDisabled) || area.Overlaps(above) && !own[text] {
			return
		}
		count++
		for _, ground := range grounds(picture, area) {
			if c := contrast(over(ground, color.NRGBAModel.Convert(text.Color).(color.NRGBA)), ground); c < 4.5 {
				what := fmt.Sprintf("%.2f to 1: %v on %v", c, text.Color, ground)
				if !found[what] {
					found[what] = true
					t.Errorf("%s: %q", what, text.Text)
				}
			}
		}
	})
	if count == 0 {
		t.Error("no text was found")
	}
}

// eachText calls do for all texts on the screen, and the part of the picture where they are.
func eachText(o fyne.CanvasObject, at fyne.Position, clip image.Rectangle, scale float32, do func(*canvas.Text, image.Rectangle)) {
	if !o.Visible() {
		return
	}
	area := func(size fyne.Size) image.Rectangle {
		return image.Rect(int(at.X*scale), int(at.Y*scale), int((at.X+size.Width)*scale), int((at.Y+size.Height)*scale)).Intersect(clip)
	}
	var objects []fyne.CanvasObject
	switch o := o.(type) {
	case *canvas.Text:
		size := o.Size()
		if needs := o.MinSize(); needs.Width < size.Width && o.Alignment == fyne.TextAlignLeading {
			size.Width = needs.Width
		}
		if a := area(size); o.Text != "" && a.Dx() > 4 && float32(a.Dy()) > 12*scale {
			do(o, a)
		}
		return
	case *fyne.Container:
		objects = o.Objects
	case *container.Scroll:
		clip, objects = area(o.Size()), test.WidgetRenderer(o).Objects()
	case fyne.Widget:
		objects = test.WidgetRenderer(o).Objects()
	}
	for _, inner := range objects {
		eachText(inner, at.Add(inner.Position()), clip, scale, do)
	}
}

// grounds are the colours that a fifth of an area has.
func grounds(picture image.Image, area image.Rectangle) []color.NRGBA {
	counts := map[color.NRGBA]int{}
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			counts[color.NRGBAModel.Convert(picture.At(x, y)).(color.NRGBA)]++
		}
	}
	var found []color.NRGBA
	for c, n := range counts {
		if 5*n >= area.Dx()*area.Dy() {
			found = append(found, c)
		}
	}
	return found
}

// contrast is the contrast ratio of two colours, 1 to 21 (WCAG 2.1).
func contrast(a, b color.NRGBA) float64 {
	luminance := func(c color.NRGBA) float64 {
		part := func(v uint8) float64 {
			if s := float64(v) / 255; s > 0.04045 {
				return math.Pow((s+0.055)/1.055, 2.4)
			} else {
				return s / 12.92
			}
		}
		return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
	}
	high, low := luminance(a), luminance(b)
	return (max(high, low) + 0.05) / (min(high, low) + 0.05)
}

// reachable makes sure that the Tab key reaches everything that takes keys, and that what lies over the window has a button that
// closes it.
func reachable(t *testing.T, w *tester) {
	t.Helper()
	root, over := w.win.Content(), w.win.Canvas().Overlays().Top()
	if over != nil {
		root = over
	}
	missing := map[fyne.Focusable]bool{}
	eachVisible(root, func(o fyne.CanvasObject) {
		f, takes := o.(fyne.Focusable)
		if d, can := o.(fyne.Disableable); takes && !(can && d.Disabled()) {
			missing[f] = true
		}
	})
	for range 2*len(missing) + 5 {
		w.win.Canvas().FocusNext()
		delete(missing, w.win.Canvas().Focused())
	}
	for f := range missing {
		t.Errorf("the keyboard does not reach %T %q", f, labelOf(f))
	}
	if over == nil || w.modal == nil {
		return // nothing to be closed, or a menu, which a click anywhere closes
	}
	var shut fyne.Tappable
	eachVisible(over, func(o fyne.CanvasObject) {
		if b := buttonOf(o); b != nil && (b.Text == "Close" || b.Text == "Cancel") {
			shut = o.(fyne.Tappable)
		}
	})
	if shut == nil {
		t.Fatal("the mouse cannot close it")
	}
	test.Tap(shut)
	if w.win.Canvas().Overlays().Top() == over {
		t.Error("its button does not close it")
	}
}

// eachVisible calls do for all that is on the screen.
func eachVisible(o fyne.CanvasObject, do func(fyne.CanvasObject)) {
	if !o.Visible() {
		return
	}
	do(o)
	var within []fyne.CanvasObject
	switch o := o.(type) {
	case *fyne.Container:
		within = o.Objects
	case fyne.Widget:
		within = test.WidgetRenderer(o).Objects()
	}
	for _, inner := range within {
		eachVisible(inner, do)
	}
}

// labelOf is what is written on something, if that is known.
func labelOf(f fyne.Focusable) string {
	if b := buttonOf(f.(fyne.CanvasObject)); b != nil {
		return b.Text
	}
	return ""
}

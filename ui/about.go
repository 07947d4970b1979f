package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"
)

// showAbout says what this is.
func (w *Window) showAbout() {
	icon := canvas.NewImageFromResource(w.config.App.Icon())
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(96))
	facts := widget.NewForm(
		widget.NewFormItem(tr("Version"), selectable(w.config.Version)),
		widget.NewFormItem(tr("Model"), selectable(w.config.Model)),
		widget.NewFormItem(tr("System"), selectable(runtime.GOOS+" "+runtime.GOARCH+", "+runtime.Version())),
	)
	content := container.NewVBox(icon,
		widget.NewLabelWithStyle("Trilobyte", fyne.TextAlignCenter, fyne.TextStyle{Bold: true}),
		widget.NewLabelWithStyle(tr("Archives recordings losslessly, smaller than FLAC."), fyne.TextAlignCenter, fyne.TextStyle{}),
		facts)
	dialog.NewCustom(tr("About Trilobyte"), tr("Close"), content, w.win).Show()
}

func selectable(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Selectable = true
	return l
}

// showKeys lists the keyboard's keys.
func (w *Window) showKeys() {
	form := widget.NewForm()
	for _, m := range w.win.MainMenu().Items {
		for _, i := range m.Items {
			if text := shortcutText(i.Shortcut); text != "" {
				form.Append(text, widget.NewLabel(i.Label))
			}
		}
	}
	for _, k := range [][2]string{
		{"F1", tr("This list")},
		{"↑ ↓", tr("Move through the list")},
		{"← →", tr("Fold and unfold")},
		{"Space", tr("Fold a job; tick a file of an archive")},
		{"Enter", tr("Open the archive of a job; play a file of an archive")},
		{"Delete", tr("Remove a job from the list")},
		{"Tab", tr("Go to the next button or field")},
	} {
		form.Append(k[0], widget.NewLabel(k[1]))
	}
	d := dialog.NewCustom(tr("Keyboard"), tr("Close"), container.NewVScroll(form), w.win)
	d.Resize(fyne.NewSize(520, 620))
	d.Show()
}

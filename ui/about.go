package ui

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// showAbout says what this is.
func (w *Window) showAbout() {
	icon := canvas.NewImageFromResource(w.config.App.Icon())
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(96))
	m := w.newModal()
	system := runtime.GOOS + " " + runtime.GOARCH + ", " + runtime.Version()
	facts := widget.NewForm(
		widget.NewFormItem(tr("Version"), widget.NewLabel(w.config.Version)),
		widget.NewFormItem(tr("Model"), widget.NewLabel(w.config.Model)),
		widget.NewFormItem(tr("System"), widget.NewLabel(system)),
	)
	copied := m.button(tr("Copy"), theme.ContentCopyIcon(), func() {
		w.copyText("Trilobyte " + w.config.Version + ", " + w.config.Model + ", " + system)
	})
	content := container.NewVBox(icon,
		widget.NewLabelWithStyle("Trilobyte", fyne.TextAlignCenter, fyne.TextStyle{Bold: true}),
		widget.NewLabelWithStyle(tr("Archives recordings losslessly, smaller than FLAC."), fyne.TextAlignCenter, fyne.TextStyle{}),
		facts, container.NewCenter(copied))
	m.tell(tr("About Trilobyte"), tr("Close"), content, fyne.Size{})
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
		{tr("With Shift or Ctrl"), tr("Select several rows; Ctrl+A selects all")},
		{tr("Space"), tr("Fold a job; tick a file of an archive")},
		{tr("Enter"), tr("Open the archive of a job; play a file of an archive")},
		{tr("Delete"), tr("Remove a job from the list")},
		{tr("Menu"), tr("Open the menu of a job, or of a file of an archive")},
		{"Esc", tr("Close a dialog")},
		{"Tab", tr("Go to the next button or field")},
	} {
		form.Append(k[0], widget.NewLabel(k[1]))
	}
	w.newModal().tell(tr("Keyboard"), tr("Close"), container.NewVScroll(form), fyne.NewSize(520, 620))
}

package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// newEmptyView is what the window shows while there is nothing in it.
func newEmptyView(icon fyne.Resource, addFolder, addFiles, openArchive func()) fyne.CanvasObject {
	picture := canvas.NewImageFromResource(icon)
	picture.FillMode = canvas.ImageFillContain
	picture.SetMinSize(fyne.NewSquareSize(112))
	headline := widget.NewLabelWithStyle(tr("Drop folders or recordings here"), fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	headline.SizeName = theme.SizeNameHeadingText
	explain := widget.NewLabelWithStyle(
		tr("WAV, FLAC, AIFF, CAF, AU and Wave64 files: each folder becomes one archive, smaller than FLAC makes it.\nEvery byte comes back. Drop a .trilobyte archive to look into it and to restore it."),
		fyne.TextAlignCenter, fyne.TextStyle{})
	folder := widget.NewButtonWithIcon(tr("Add folder…"), theme.FolderNewIcon(), addFolder)
	folder.Importance = widget.HighImportance
	buttons := container.NewHBox(
		folder,
		widget.NewButtonWithIcon(tr("Add files…"), theme.ContentAddIcon(), addFiles),
		widget.NewButtonWithIcon(tr("Open archive…"), theme.FolderOpenIcon(), openArchive),
	)
	return container.NewCenter(container.NewVBox(picture, headline, explain, container.NewCenter(buttons)))
}

package ui

import (
	"path"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"trilobyte/app/job"
)

// fileIcon is the icon of a file's kind, by its name.
func fileIcon(name string) fyne.Resource {
	if job.IsRecording(name) {
		return theme.MediaMusicIcon()
	}
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".bmp", ".tif", ".tiff", ".webp":
		return theme.MediaPhotoIcon()
	case ".mp4", ".mov", ".mkv", ".avi":
		return theme.MediaVideoIcon()
	case ".txt", ".md", ".log", ".cue", ".nfo", ".pdf", ".doc", ".docx", ".rtf", ".html":
		return theme.DocumentIcon()
	}
	return theme.FileIcon()
}

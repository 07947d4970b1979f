package ui

import (
	"net/url"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
)

// pathsOf are the files that a text names, as file managers put them where they are
// pasted from: addresses or paths, a line each.
func pathsOf(text string) []string {
	var paths []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		if u, err := url.Parse(line); err == nil && u.Scheme == "file" {
			line = u.Path
			if len(line) > 2 && line[0] == '/' && line[2] == ':' { // the drive of a Windows path
				line = line[1:]
			}
			line = filepath.FromSlash(line)
		}
		if filepath.IsAbs(line) {
			paths = append(paths, line)
		}
	}
	return paths
}

// paste opens the files that were copied elsewhere.
func (w *Window) paste() {
	if paths := pathsOf(w.config.App.Clipboard().Content()); len(paths) > 0 {
		w.open(paths)
		return
	}
	w.banner.show(tr("No files were copied: copy files or folders in a file manager first."), false, "", nil)
}

// askPath has the path of what is to be opened typed.
func (w *Window) askPath() {
	m := w.newModal()
	path := &folderEntry{modal: m}
	path.ExtendBaseWidget(path)
	path.SetPlaceHolder(tr("Path of a folder, a recording or an archive"))
	m.ask(tr("Open by its path"), tr("Open"), tr("Cancel"), path, fyne.NewSize(600, 0), func() {
		if text := strings.TrimSpace(path.Text); text != "" {
			w.open([]string{text})
		}
	})
	m.focus(path)
}

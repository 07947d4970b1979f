package ui

import (
	"net/url"
	"path/filepath"
	"strings"
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

package ui

import (
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
)

// dropped takes what is dropped onto the window, wherever.
func (w *Window) dropped(_ fyne.Position, uris []fyne.URI) {
	paths := make([]string, 0, len(uris))
	for _, u := range uris {
		paths = append(paths, u.Path())
	}
	w.open(paths)
}

// open is what drops, dialogs, the command line and "open with" lead to:
// archives are opened, folders and recordings become jobs, and what is neither
// is said. It looks at the files beside the main goroutine, for disks may be
// slow.
func (w *Window) open(paths []string) {
	look := w.settings.Look
	w.wg.Go(func() {
		s := sorted(paths)
		if len(s.jobs) > 0 && !look {
			w.queue.Add(s.jobs)
		}
		for _, text := range s.unusable {
			w.log.add(true, text)
		}
		w.do(func() { w.opened(s, look) })
	})
}

// opened shows what open has found. Jobs are shown before they are made if look is set.
func (w *Window) opened(s sortedPaths, look bool) {
	if w.closed {
		return
	}
	if len(s.jobs) > 0 {
		w.tabs.Select(w.queueTab)
	}
	if len(s.jobs) > 0 && look {
		w.preview(s.jobs)
	}
	for _, path := range s.archives {
		w.openArchive(path)
	}
	switch n := len(s.unusable); {
	case n == 1:
		w.banner.show(s.unusable[0], false, "", nil)
	case n > 1:
		text := tr("{{.N}} things cannot be used. The first: {{.First}}", words{"N": n, "First": s.unusable[0]})
		w.banner.show(text, false, tr("Show all"), func() { w.tabs.Select(w.logTab) })
	}
	w.refresh()
}

// sortedPaths is what has become of paths.
type sortedPaths struct {
	archives []string
	jobs     []string
	unusable []string // what is wrong, each with its name
}

// sorted tells archives from what can be archived.
func sorted(paths []string) sortedPaths {
	var s sortedPaths
	for _, path := range paths {
		if absolute, err := filepath.Abs(path); err == nil {
			path = absolute
		}
		info, err := os.Stat(path)
		switch {
		case err != nil:
			s.unusable = append(s.unusable, path+": "+faultText(disk.WithoutPath(err)))
		case info.IsDir():
			s.jobs = append(s.jobs, path)
		case !info.Mode().IsRegular():
			s.unusable = append(s.unusable, tr("{{.Path}} is neither a file nor a folder", words{"Path": path}))
		case strings.EqualFold(filepath.Ext(path), archive.Extension):
			s.archives = append(s.archives, path)
		case job.IsRecording(path):
			s.jobs = append(s.jobs, path)
		default:
			s.unusable = append(s.unusable, tr("{{.Path}} is no recording that can be compressed. Drop the folder that it is in, and it is archived with the recordings.", words{"Path": path}))
		}
	}
	return s
}

// Sizes of the file dialogs.
var fileDialogSize = fyne.NewSize(800, 560)

// chooseFolder adds a folder.
func (w *Window) chooseFolder() {
	d := dialog.NewFolderOpen(func(folder fyne.ListableURI, err error) {
		w.chosen(folder, folder == nil, err)
	}, w.win)
	d.Resize(fileDialogSize)
	d.Show()
}

// chooseFiles adds recordings, one at a time: Fyne's dialog knows no more.
func (w *Window) chooseFiles() { w.chooseFile(job.RecordingExtensions()) }

// chooseArchive opens an archive.
func (w *Window) chooseArchive() { w.chooseFile([]string{archive.Extension}) }

func (w *Window) chooseFile(extensions []string) {
	d := dialog.NewFileOpen(func(file fyne.URIReadCloser, err error) {
		if file == nil {
			w.chosen(nil, true, err)
			return
		}
		file.Close() // is opened by the work itself
		w.chosen(file.URI(), false, err)
	}, w.win)
	upper := make([]string, 0, len(extensions))
	for _, e := range extensions {
		upper = append(upper, strings.ToUpper(e))
	}
	d.SetFilter(storage.NewExtensionFileFilter(append(extensions, upper...)))
	d.Resize(fileDialogSize)
	d.Show()
}

// chosen is called by the file dialogs.
func (w *Window) chosen(uri fyne.URI, none bool, err error) {
	switch {
	case err != nil:
		w.banner.show(faultText(err), false, "", nil)
	case !none:
		w.open([]string{uri.Path()})
	}
}

package ui

import (
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/ui/filechooser"
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
		for _, text := range s.unusable {
			w.log.add(true, text)
		}
		w.do(func() { w.opened(s, look) })
		// The queue is shown before anything is done: who has gone on to what a quick
		// job has made is not called back.
		if len(s.jobs) > 0 && !look {
			w.queue.Add(s.jobs)
			w.touch()
		}
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

// chooseFolder adds folders.
func (w *Window) chooseFolder() {
	w.choose(filechooser.Request{Title: tr("Add folders"), Accept: tr("Add"), Folder: true, Several: true}, w.open)
}

// chooseFiles adds recordings.
func (w *Window) chooseFiles() {
	w.choose(filechooser.Request{
		Title: tr("Add recordings"), Accept: tr("Add"), Several: true, Kind: tr("Recordings"), Extensions: job.RecordingExtensions(),
	}, w.open)
}

// chooseArchive opens archives.
func (w *Window) chooseArchive() {
	w.choose(filechooser.Request{
		Title: tr("Open archives"), Accept: tr("Open"), Several: true, Kind: tr("Archives"), Extensions: []string{archive.Extension},
	}, w.open)
}

// askPath has the path of what is to be opened typed.
func (w *Window) askPath() {
	w.typePath(filechooser.Request{Title: tr("Open by its path"), Accept: tr("Open")}, w.open)
}

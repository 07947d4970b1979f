package ui

import (
	"io/fs"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2/theme"

	"trilobyte/app/archive"
	"trilobyte/app/queue"
	"trilobyte/ui/filechooser"
)

// chooseChecks asks for a folder, and has all archives in it verified.
func (w *Window) chooseChecks() {
	w.choose(filechooser.Request{Title: tr("Verify all archives in a folder"), Accept: tr("Verify"), Folder: true}, func(paths []string) { w.checkFolder(paths[0]) })
}

// checkFolder has all archives in a folder, and in those within, verified. It looks for
// them beside the main goroutine.
func (w *Window) checkFolder(folder string) {
	w.wg.Go(func() {
		var archives []string
		filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.Type().IsRegular() && strings.EqualFold(filepath.Ext(path), archive.Extension) {
				archives = append(archives, path)
			}
			return nil // what cannot be read has no archives to be verified
		})
		w.do(func() { w.check(folder, archives) })
	})
}

// check has archives verified that were found in a folder.
func (w *Window) check(folder string, archives []string) {
	if len(archives) == 0 {
		w.banner.show(tr("There is no archive in {{.Folder}}.", words{"Folder": folder}), false, "", nil)
		return
	}
	w.tabs.Select(w.queueTab)
	w.wg.Go(func() {
		w.queue.AddChecks(archives)
		w.touch()
	})
}

// checkLine is the line of a job that verifies an archive: what of jobLine's is different.
func checkLine(j queue.Job, c lineContent) lineContent {
	c.icon = theme.StorageIcon()
	about := joined(filesText(j.Files), filepath.Dir(j.Archive))
	switch {
	case j.State == queue.Reading || j.State == queue.Waiting:
		c.remark = cell{joined(tr("to be verified"), about), theme.ColorNamePlaceHolder}
	case j.State == queue.Failed && j.ArchiveSize > 0:
		c.cells[0].text = tr("damaged")
		c.remark = cell{tr("{{.Failed}} of {{.Files}} damaged, the others are sound", words{"Failed": j.Failed, "Files": filesText(j.Files)}), theme.ColorNameError}
	case j.State == queue.Done:
		c.remark = cell{joined(tr("every byte agrees with its checksums"), about), theme.ColorNamePlaceHolder}
	case j.State.Active():
		c.remark.text = joined(filesText(j.Files), speedText(j.Progress.Speed), leftText(j.Progress.Left))
	}
	return c
}

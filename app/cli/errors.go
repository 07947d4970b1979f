package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
)

// remedies says what can be done about errors of the operating system.
var remedies = map[disk.Remedy]string{
	disk.FreeSpace:      "free some space on that disk, then try again",
	disk.SaveTheDisk:    "the disk may be failing: save what is on it, and try again",
	disk.WritablePlace:  "choose a place that can be written to",
	disk.AllowAccess:    "change its permissions, or choose another place, then try again",
	disk.ShorterName:    "shorten the name, or choose a place with a shorter one",
	disk.FewerOpenFiles: "close other programs, then try again",
	disk.CloseProgram:   "close the program that uses it, then try again",
}

// advice says what to do on the command line about errors of the engine.
var advice = []struct {
	err  error
	text string
}{
	{job.ErrExists, "use --overwrite always to replace it"},
	{job.ErrChanged, "try again when nothing writes to it"},
	{job.ErrNotVerified, "check the disk and the memory of this computer, then try again"},
	{job.ErrNamesakes, "rename one of them, or make an archive of each"},
	{job.ErrNotInArchive, "trilobyte list shows what is in it"},
	{job.ErrNoModel, "try another version of the program"},
	{archive.ErrBusy, "wait until it has finished, or choose another name with -o"},
}

// explain words an error: what has happened, and what to do.
func explain(err error) string {
	text := err.Error()
	if path, reason := disk.PathOf(err); path != "" {
		text = fmt.Sprintf("%s: %v", printable(path), reason)
	}
	for _, a := range advice {
		if errors.Is(err, a.err) {
			return text + "; " + a.text
		}
	}
	if remedy := remedies[disk.RemedyOf(err)]; remedy != "" {
		return text + ": " + remedy
	}
	return text
}

// opening adds its name to the error of a job that could not use an archive, and that of
// an archive that may be meant.
func opening(name string, err error) error {
	other := errors.Is(err, archive.ErrNotArchive)
	path, reason := disk.PathOf(err)
	missing := path == name && errors.Is(err, fs.ErrNotExist)
	if missing || other || errors.Is(err, archive.ErrVersion) {
		err = fmt.Errorf("%s: %w", printable(name), reason)
	}
	if other && disk.IsTemp(filepath.Base(name)) {
		return fmt.Errorf("%s: an archive that is not finished: compress the same again to go on with it", printable(name))
	}
	if info, failure := (disk.OS{}).Stat(filepath.Clean(name) + archive.Extension); (missing || other) && failure == nil && info.Mode().IsRegular() {
		return fmt.Errorf("%w; did you mean %s?", err, printable(filepath.Clean(name)+archive.Extension))
	}
	return err
}

// mistaken adds to the error of a name that an archive does not have what it is on the
// disk, which may have been meant.
func mistaken(name string, err error) error {
	if !errors.Is(err, job.ErrNotInArchive) {
		return err
	}
	info, failure := disk.OS{}.Stat(name)
	switch {
	case failure != nil:
	case info.IsDir():
		return fmt.Errorf("%w; -C %s is how to say where files are to go", err, printable(name))
	case filepath.Ext(name) == archive.Extension:
		return fmt.Errorf("%w; there can be one archive at a time", err)
	}
	return err
}

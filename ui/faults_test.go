package ui

import (
	"errors"
	"io/fs"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/queue"
)

// TestErrorsAreInTheWindowsWords makes sure that people read what to do, and nothing that only the command line knows.
func TestErrorsAreInTheWindowsWords(t *testing.T) {
	test.NewTempApp(t)
	loadWords(languageEnglish)
	for _, c := range []struct {
		err  error
		want string
	}{
		{job.ErrExists, "It exists already and was left as it is."},
		{&archive.WriteError{Path: "/a.trilobyte", Err: archive.ErrBusy}, "Another Trilobyte is making this archive"},
		{&queue.ArchiveError{Archive: "/b.trilobyte", Err: queue.ErrTaken}, "/b.trilobyte exists already"},
		{&queue.JournalError{Err: syscall.ENOSPC}, "Free some space on that disk"},
		{&fs.PathError{Op: "open", Path: "/c.wav", Err: fs.ErrPermission}, "/c.wav: Permission denied. Change its permissions"},
		{&fs.PathError{Op: "open", Path: "/d.wav", Err: syscall.ENOENT}, "/d.wav is not there: it was deleted, moved or renamed."},
		{&exec.Error{Name: "xdg-open", Err: exec.ErrNotFound}, "There is no program here that shows folders."},
		{errors.Join(job.ErrChanged, errors.New("and more")), "It changed while it was read. Archive it again when nothing writes to it. And more."},
		{errors.New("something else"), "Something else."},
	} {
		if got := faultText(c.err); !strings.Contains(got, c.want) || strings.Contains(got, "--") {
			t.Errorf("%v is said as %q, want %q", c.err, got, c.want)
		}
	}
}

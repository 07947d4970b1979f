package ui

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"fyne.io/fyne/v2/test"

	"trilobyte/app/archive"
	"trilobyte/app/job"
	"trilobyte/app/queue"
)

// TestDamageInGerman damages an archive, and reads what is said of it.
func TestDamageInGerman(t *testing.T) {
	w := newTester(t, func(c *Config) { c.App.Preferences().SetString(keyLanguage, languageGerman) })
	t.Cleanup(func() { loadWords(languageEnglish) })
	path := w.archived("Album", 1)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[bytes.Index(content, []byte("00.wav"))+500] ^= 1 // of the recording, the same bit every time
	w.write(path, content)
	w.Window.check("", []string{path})
	w.done()
	log := w.log.text()
	for _, word := range []string{" the ", " its ", " it ", " is damaged"} { // details of a decoder may be English
		if strings.Contains(log, word) {
			t.Errorf("%q is not German:\n%s", word, log)
		}
	}
	if !strings.Contains(log, "beschädigt") && !strings.Contains(log, "stimmt nicht") {
		t.Errorf("the log says:\n%s", log)
	}
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "/c.wav", Err: syscall.EACCES}: "/c.wav: Kein Zugriff erlaubt. ",
		&fs.PathError{Op: "write", Path: "/d", Err: syscall.ENOSPC}:    "/d: Kein Platz mehr auf der Platte. ",
	} {
		if got := faultText(err); !strings.HasPrefix(got, want) {
			t.Errorf("%v is said as %q", err, got)
		}
	}
}

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

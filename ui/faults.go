package ui

import (
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strings"
	"unicode"
	"unicode/utf8"

	"trilobyte/app/archive"
	"trilobyte/app/disk"
	"trilobyte/app/job"
	"trilobyte/app/listen"
	"trilobyte/app/queue"
)

// faultText words an error for the window: what has happened, and what to do. Lines of an error that are joined are
// worded each.
func faultText(err error) string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		var texts []string
		for _, e := range joined.Unwrap() {
			texts = append(texts, faultText(e))
		}
		return strings.Join(texts, " ")
	}
	if text := ownText(err); text != "" {
		return text
	}
	path, reason := disk.PathOf(err)
	text := sentence(translated(err.Error(), faults))
	switch {
	case path != "" && errors.Is(err, fs.ErrNotExist):
		return tr("{{.Path}} is not there: it was deleted, moved or renamed.", words{"Path": path})
	case errors.Is(err, fs.ErrNotExist):
		return tr("It is not there: it was deleted, moved or renamed.")
	case path != "":
		text = fmt.Sprintf("%s: %s", path, sentence(translated(reason.Error(), faults)))
	}
	if remedy := remedyText(disk.RemedyOf(err)); remedy != "" {
		text += " " + remedy
	}
	return text
}

// sentence makes a sentence of what other programs and systems say of errors.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if word, _, _ := strings.Cut(text, " "); !strings.ContainsAny(word, "/\\:.") {
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	if last, _ := utf8.DecodeLastRuneInString(text); text != "" && !strings.ContainsRune(".!?…", last) {
		text += "."
	}
	return text
}

// ownText words the errors that the engine tells apart, and returns "" for others.
func ownText(err error) string {
	var target *queue.ArchiveError
	isTarget := errors.As(err, &target)
	var journal *queue.JournalError
	switch {
	case isTarget && errors.Is(err, queue.ErrTaken):
		return tr("{{.Archive}} exists already and holds something else; it is not overwritten. Update it, replace it or make another archive with a number: the menu of this job does that.", words{"Archive": target.Archive})
	case isTarget && errors.Is(err, queue.ErrForeign):
		return tr("{{.Archive}} exists already and is no sound archive; it is not overwritten. Move it away and retry, or make another archive with a number: the menu of this job does that.", words{"Archive": target.Archive})
	case isTarget && errors.Is(err, queue.ErrDamaged):
		return tr("{{.Archive}} exists already, of the same files, but is damaged. Move it away, then retry.", words{"Archive": target.Archive})
	case errors.Is(err, queue.ErrNoAudio):
		return tr("There is no recording in it that can be compressed (WAV, FLAC, AIFF, CAF, AU, Wave64).")
	case errors.Is(err, queue.ErrReplaced):
		return tr("The originals stay where an archive was replaced.")
	case errors.Is(err, queue.ErrGone):
		return tr("It is gone: deleted, moved or renamed after it was added.")
	case errors.Is(err, queue.ErrNoWastebasket):
		return tr("There is no wastebasket here.")
	case errors.Is(err, queue.ErrLocked):
		return tr("The queue is not kept this time: another window of Trilobyte is open, and keeps its own.")
	case errors.As(err, &journal):
		return tr("The queue cannot be kept for the next time: {{.Error}}", words{"Error": faultText(journal.Err)})
	case errors.Is(err, archive.ErrBusy):
		return tr("Another Trilobyte is making this archive at this moment. Wait until it has finished, then retry.")
	case errors.Is(err, job.ErrNothingToDo):
		return tr("There is nothing to archive.")
	case errors.Is(err, job.ErrChanged):
		return tr("It changed while it was read. Archive it again when nothing writes to it.")
	case errors.Is(err, job.ErrNotVerified):
		return tr("The archive does not decode to what was put into it, so it was not kept; your files are untouched. Check the disk and the memory of this computer, then retry.")
	case errors.Is(err, job.ErrDamagedBefore):
		return tr("It is damaged in the archive, and cannot be read from the disk any more, so the archive stays as it is. Restore what is left of it, put that in its place, then update the archive.")
	case errors.Is(err, job.ErrExists):
		return tr("It exists already and was left as it is. Choose another folder, or have existing files replaced.")
	case errors.Is(err, job.ErrNotInArchive):
		return tr("The archive has nothing of that name.")
	case errors.Is(err, job.ErrNoModel):
		return tr("Neither this version of Trilobyte nor the archive has the model that it was compressed with. Try another version.")
	case errors.Is(err, listen.ErrNotAudio):
		return tr("It is not compressed audio, which is all that can be played.")
	case errors.Is(err, exec.ErrNotFound):
		return tr("There is no program here that shows folders.")
	}
	return ""
}

// remedyText says what can be done about an error of the operating system, or returns "".
func remedyText(r disk.Remedy) string {
	switch r {
	case disk.FreeSpace:
		return tr("Free some space on that disk, then try again.")
	case disk.SaveTheDisk:
		return tr("The disk may be failing: save what is on it, and try again.")
	case disk.WritablePlace:
		return tr("Choose a place that can be written to.")
	case disk.AllowAccess:
		return tr("Change its permissions, or choose another place, then try again.")
	case disk.ShorterName:
		return tr("Shorten the name, or choose a place with a shorter one.")
	case disk.FewerOpenFiles:
		return tr("Close other programs, then try again.")
	case disk.CloseProgram:
		return tr("Close the program that uses it, then try again.")
	}
	return ""
}

package ui

import (
	"testing"

	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"trilobyte/app/queue"
)

// TestTheLogSaysWhatHasBecomeOfTheOriginals makes sure that nobody has to guess where the files of a job are.
func TestTheLogSaysWhatHasBecomeOfTheOriginals(t *testing.T) {
	loadWords(languageEnglish)
	done := queue.Job{Archive: "/a.trilobyte", ArchiveSize: 10, State: queue.Done, Verified: true}
	for note, want := range map[queue.Note]string{
		"":                        "Done: /a.trilobyte, 10 B, verified",
		queue.NoteInWastebasket:   "Done: /a.trilobyte, 10 B, verified, originals in the wastebasket",
		queue.NoteOriginalsKept:   "Done: /a.trilobyte, 10 B, verified, originals kept. There is no wastebasket here.",
		queue.NoteArchivedAlready: "Done: /a.trilobyte, 10 B, verified, was archived already",
	} {
		n := queue.Notice{Kind: queue.JobDone, Job: done}
		n.Job.Note = note
		if note == queue.NoteOriginalsKept {
			n.Err = "There is no wastebasket here."
		}
		if got, fault := notice(n); got != want || fault {
			t.Errorf("%q is told as %q, want %q", note, got, want)
		}
	}
}

// TestTheScrollBarCoversNoColumn lays out a line, and looks where its last column ends.
func TestTheScrollBarCoversNoColumn(t *testing.T) {
	test.NewTempApp(t)
	l := newLine(queueColumns())
	r := l.CreateRenderer().(*lineRenderer)
	r.Layout(r.MinSize())
	last := r.cells[len(r.cells)-1].text
	if end, width := last.Position().X+last.Size().Width, r.MinSize().Width; end+theme.ScrollBarSize() > width {
		t.Errorf("the last column ends at %v of %v, where the scroll bar is", end, width)
	}
}

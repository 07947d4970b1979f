package ui

import (
	"strings"
	"sync"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/disk"
	"trilobyte/app/lines"
	"trilobyte/app/queue"
)

// activityLog is what has happened, a line each, over many runs of the program. It may
// be used from any goroutine.
type activityLog struct {
	book *lines.Book[activity] // keeps it

	mu    sync.Mutex
	lines []activity
	count int // of all there have been
}

type activity struct {
	At    time.Time `json:"at"`
	Text  string    `json:"text"`
	Fault bool      `json:"fault,omitempty"`
}

// maxActivities is how many lines are kept.
const maxActivities = 5000

// open takes over what earlier runs have kept at path. The error says why it cannot be
// kept.
func (l *activityLog) open(path string) error {
	if path == "" {
		return nil
	}
	earlier, book, err := lines.Open[activity](disk.OS{}, path, maxActivities)
	l.lines, l.count, l.book = earlier, len(earlier), book
	return err
}

func (l *activityLog) add(fault bool, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := activity{time.Now(), text, fault}
	l.book.Add(a) // is not kept if the disk is full
	l.lines = append(l.lines, a)
	l.count++
	if len(l.lines) > maxActivities {
		l.lines = append([]activity(nil), l.lines[len(l.lines)-maxActivities/2:]...)
	}
}

// snapshot returns the lines, and how many there have been.
func (l *activityLog) snapshot() ([]activity, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]activity(nil), l.lines...), l.count
}

// text is all of it, to be copied.
func (l *activityLog) text() string {
	lines, _ := l.snapshot()
	var b strings.Builder
	for _, line := range lines {
		b.WriteString(line.At.Format("2006-01-02 15:04:05 "))
		b.WriteString(line.Text)
		b.WriteByte('\n')
	}
	return b.String()
}

// notice words what the queue tells.
func notice(n queue.Notice) (text string, fault bool) {
	name := jobName(n.Job)
	data := words{"Name": name, "Archive": n.Job.Archive, "Error": n.Err, "File": n.Name, "Bytes": bytesText(n.Job.ArchiveSize)}
	switch n.Kind {
	case queue.JobAdded:
		return tr("Added: {{.Name}}", data), false
	case queue.JobKnown:
		return knownText(n.Job), false
	case queue.JobStarted:
		return tr("Started: {{.Name}}", data), false
	case queue.JobDone:
		if n.Job.Way == queue.Check {
			return tr("Sound: {{.Archive}}, every byte agrees with its checksums", data), false
		}
		text := tr("Done: {{.Archive}}, {{.Bytes}}", data)
		if saved := totalVerdict(n.Job.Totals); saved != "" {
			text += ", " + saved
		}
		if n.Job.Verified {
			text += ", " + tr("verified")
		}
		if note := noteText(n.Job.Note); note != "" {
			text += ", " + note
		}
		if n.Err != "" {
			text += ". " + n.Err
		}
		return text, false
	case queue.JobFailed:
		if n.Err == "" {
			return tr("Some files failed: {{.Name}}", data), true
		}
		return tr("Failed: {{.Name}}: {{.Error}}", data), true
	case queue.JobCancelled:
		return tr("Cancelled: {{.Name}}", data), false
	case queue.FileFailed:
		if n.Name == "" {
			return data["Archive"].(string) + ": " + n.Err, true
		}
		return n.Name + ": " + n.Err, true
	case queue.QueueDone:
		return tr("Nothing is left to do"), false
	}
	return n.Err, true
}

// knownText says that what was dropped has a job already.
func knownText(j queue.Job) string {
	return tr("It is in the queue already: {{.Name}}", words{"Name": jobName(j)})
}

// activityView shows the log.
type activityView struct {
	root  fyne.CanvasObject
	log   *activityLog
	list  *lineList
	lines []activity
	shown int
}

func newActivityView(log *activityLog, t *tips, copied func(text string)) *activityView {
	v := &activityView{log: log}
	v.list = newLineList(nil, func(i int) lineContent {
		a := v.lines[i]
		c := lineContent{name: momentText(a.At), remark: cell{text: a.Text}, progress: -1}
		if a.Fault {
			c.remark.color = theme.ColorNameError
		}
		return c
	})
	v.list.tips = t
	all := widget.NewButtonWithIcon(tr("Copy all"), theme.ContentCopyIcon(), func() { copied(log.text()) })
	v.root = container.NewBorder(container.NewHBox(all), nil, nil, nil, v.list)
	return v
}

// update shows what has been added.
func (v *activityView) update() {
	lines, count := v.log.snapshot()
	if count == v.shown {
		return
	}
	v.lines, v.shown = lines, count
	v.list.setRows(len(lines), v.list.chosen)
	v.list.ScrollToBottom()
}

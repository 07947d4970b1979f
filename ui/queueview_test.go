package ui

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"trilobyte/app/job/jobtest"
	"trilobyte/app/queue"
	"trilobyte/codec/stream"
)

func TestDroppedFolderBecomesVerifiedArchive(t *testing.T) {
	w := newTester(t, nil)
	if !w.view.empty.Visible() || w.view.busy.Visible() {
		t.Error("an empty window does not say what to do")
	}
	if text := w.shown(); !strings.Contains(text, "Drop folders or recordings here") {
		t.Errorf("it says:\n%s", text)
	}
	w.drop(w.album("Album", 3))
	w.pump.until(t, "the album is verified", func() bool {
		return w.view.list.rows == 5 && strings.Contains(lineText(w.view.list, 0), "|verified|")
	})
	w.refresh()
	if w.view.empty.Visible() || !w.view.busy.Visible() {
		t.Error("the queue is not shown")
	}
	if _, err := os.Stat(filepath.Join(w.dir, "Album.trilobyte")); err != nil {
		t.Error(err)
	}
	if got := lineText(w.view.list, 1); !strings.HasPrefix(got, "Disc 1/00.wav||done|16.0 kB|") || !strings.HasSuffix(got, " %") {
		t.Errorf("the first file: %s", got)
	}
	if got := lineText(w.view.list, 4); !strings.HasPrefix(got, "notes.txt|no recording, kept whole|done|16 B||") {
		t.Errorf("the text: %s", got)
	}
	info, err := os.Stat(filepath.Join(w.dir, "Album.trilobyte"))
	if err != nil {
		t.Fatal(err)
	}
	if got := lineText(w.view.list, 0); !strings.Contains(got, "  ·  "+bytesText(info.Size())+" in Album.trilobyte  ·  other files: ") {
		t.Errorf("the job: %s", got)
	}
	if all := w.view.live.all; !strings.HasPrefix(all.base, "3 recordings, other files: ") || all.about != "1 job, "+bytesText(info.Size())+" on disk" {
		t.Errorf("everything is %q of %q", all.base, all.about)
	}
	if w.view.live.showFile(queue.File{}); w.view.live.file.about != "" {
		t.Errorf("no file is called %q", w.view.live.file.about)
	}
	w.view.list.choose(4)
	if none := w.view.live.file.none; none != "no recording, kept whole" {
		t.Errorf("what is not compared: %q", none)
	}
	if w.view.live.all.sizes.FLAC == 0 || w.view.live.all.sizes != w.view.live.job.sizes || len(w.view.live.plot.points) == 0 {
		t.Error("there is no comparison")
	}
	if got := w.view.status.Text; got != "Jobs done: 1 of 1" {
		t.Errorf("status %q", got)
	}
	w.tap("Clear finished")
	w.refresh()
	if !w.view.empty.Visible() {
		t.Error("a cleared queue is not empty")
	}
	if w.view.live.all.sizes != (queue.Sizes{}) || len(w.view.live.plot.points) > 0 {
		t.Error("jobs that were cleared count")
	}
}

func TestWhatCannotBeUsedIsSaidInPlace(t *testing.T) {
	w := newTester(t, nil)
	text := filepath.Join(w.dir, "notes.txt")
	w.write(text, []byte("text"))
	w.drop(text)
	w.pump.until(t, "the banner says what is wrong", func() bool {
		return strings.Contains(w.banner.showing(), "notes.txt is no recording that can be compressed")
	})
	w.drop(text, filepath.Join(w.dir, "gone"), w.album("Album", 1))
	w.pump.until(t, "the banner counts", func() bool { return strings.Contains(w.banner.showing(), "2 things cannot be used") })
	w.tap("Show all")
	w.refresh()
	if w.tabs.Selected() != w.logTab || !strings.Contains(w.log.text(), "gone: It is not there") {
		t.Errorf("the log says:\n%s", w.log.text())
	}
	w.tap("Close")
	if w.banner.root.Visible() {
		t.Error("the banner stays")
	}
	if over := w.win.Canvas().Overlays().Top(); over != nil {
		t.Error("a dialog has opened")
	}
}

func TestErrorsStandBesideTheirFiles(t *testing.T) {
	w := newTester(t, nil)
	root := w.album("Album", 1)
	if err := jobtest.Pipe(filepath.Join(root, "link.wav")); err != nil {
		t.Skip("there are no pipes here")
	}
	empty := filepath.Join(w.dir, "Empty")
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	w.drop(root, empty)
	w.pump.until(t, "both jobs end", func() bool { return w.queue.Overview().Failed == 2 })
	w.refresh()
	all := ""
	for i := range w.view.list.rows {
		all += lineText(w.view.list, i) + "\n"
	}
	for _, want := range []string{"Album|1 of 3 files failed, the others are archived|done in part", "Empty|There is no recording in it that can be compressed", "\nlink.wav|It is no file"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q is not in\n%s", want, all)
		}
	}
	w.view.list.choose(w.view.list.rows - 1)
	if got := w.view.live.why.text.Text; !strings.Contains(got, "no recording") || !w.view.live.why.root.Visible() {
		t.Errorf("the whole reason is %q", got)
	}
	w.view.list.choose(0)
	if w.view.live.why.root.Visible() {
		t.Error("the reason stays")
	}
}

// TestTheSameFolderTwice drops a folder again while its job is in work.
func TestTheSameFolderTwice(t *testing.T) {
	w, _ := newBlocked(t)
	root := w.album("A", 1)
	w.drop(root)
	w.pump.until(t, "the job works", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Compressing })
	w.drop(root)
	w.pump.until(t, "it is said that the folder is there", func() bool {
		return strings.Contains(w.banner.showing(), "It is in the queue already: A")
	})
	if n := w.queue.Overview().Jobs; n != 1 {
		t.Errorf("%d jobs of one folder", n)
	}
}

// TestJobsShowHowTheyAreMade changes the settings behind a job: it keeps its own, says so, and takes others from its menu.
func TestJobsShowHowTheyAreMade(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Pause()
	w.drop(w.album("A", 1))
	w.pump.until(t, "the job waits", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Waiting })
	archive := filepath.Join(w.dir, "A.trilobyte")
	w.settings.Folder, w.settings.Preset = t.TempDir(), "max"
	w.queue.SetOptions(w.settings.options(0))
	w.refresh()
	if got, want := w.view.content(0).remark.text, "2 files  ·  balanced  ·  → "+archive; got != want {
		t.Errorf("it says %q, want %q", got, want)
	}
	j, _ := w.queue.Job(w.view.rows[0].job)
	for _, i := range w.view.jobMenu(j).Items {
		if i.Label == "Size or speed" {
			i.ChildMenu.Items[0].Action()
		}
	}
	if got, want := w.view.content(0).remark.text, "2 files  ·  fast  ·  → "+archive; got != want {
		t.Errorf("after its menu it says %q, want %q", got, want)
	}
}

// TestFileThatGoesInAPause deletes a file while its job waits: its row, the job's, and the log say that it is not there.
func TestFileThatGoesInAPause(t *testing.T) {
	w := newTester(t, nil)
	w.queue.Pause()
	root := w.album("Album", 2)
	w.drop(root)
	w.pump.until(t, "the job waits", func() bool { return w.view.list.rows == 4 && w.state(0) == queue.Waiting })
	if err := os.Remove(filepath.Join(root, "Disc 1", "01.wav")); err != nil {
		t.Fatal(err)
	}
	w.queue.Start()
	w.pump.until(t, "the job ends", func() bool { return w.state(0).Finished() })
	w.refresh()
	if got := lineText(w.view.list, 0); !strings.HasPrefix(got, "Album|1 of 3 files failed, the others are archived|done in part|") {
		t.Errorf("the job: %s", got)
	}
	if got := lineText(w.view.list, 2); !strings.HasPrefix(got, "Disc 1/01.wav|It is gone: deleted, moved or renamed after it was added.|failed|") {
		t.Errorf("the file: %s", got)
	}
	if log := w.log.text(); !strings.Contains(log, "Album/Disc 1/01.wav: It is gone") || !strings.Contains(log, "Some files failed: Album") {
		t.Errorf("the log says:\n%s", log)
	}
}

// blocking waits until it is cancelled or let go.
type blocking struct {
	stream.SegmentCoder
	let chan struct{}
}

func (b blocking) Encode(ctx context.Context, samples [][]int32, bits int, progress func(int)) ([]byte, error) {
	select {
	case <-b.let:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return b.SegmentCoder.Encode(ctx, samples, bits, progress)
}

// newBlocked returns a window whose jobs work until let is closed.
func newBlocked(t *testing.T) (w *tester, let chan struct{}) {
	let = make(chan struct{})
	w = newTester(t, func(c *Config) { c.Engine.Codec.Coder = blocking{c.Engine.Codec.Coder, let} })
	return w, let
}

func (w *tester) state(row int) queue.State {
	j, _ := w.queue.Job(w.view.rows[row].job)
	return j.State
}

func TestKeyboardOfTheQueue(t *testing.T) {
	w, let := newBlocked(t)
	w.drop(w.album("A", 1), w.album("B", 1), w.album("C", 1))
	w.pump.until(t, "the first of three jobs works", func() bool { return len(w.view.rows) == 9 && w.state(0) == queue.Compressing })
	name := func() string { return w.view.content(w.view.list.chosen).name }
	w.key(fyne.KeyDown)
	if name() != "Disc 1/00.wav" {
		t.Errorf("down leads to %q", name())
	}
	w.key(fyne.KeyLeft, fyne.KeyLeft)
	if name() != "A" || len(w.view.rows) != 7 {
		t.Errorf("left folds %q, %d rows", name(), len(w.view.rows))
	}
	w.key(fyne.KeySpace)
	if len(w.view.rows) != 9 {
		t.Errorf("space does not unfold: %d rows", len(w.view.rows))
	}
	w.key(fyne.KeyEnd)
	w.shortcut("Queue", "Move up")
	if got := w.view.content(3).name; got != "C" || name() != "notes.txt" {
		t.Errorf("after moving up, %q is the second job and %q is selected", got, name())
	}
	w.key(fyne.KeyDelete)
	w.refresh()
	if len(w.view.rows) != 9 {
		t.Errorf("delete on a file removes its job: %d rows", len(w.view.rows))
	}
	w.key(fyne.KeyLeft, fyne.KeyDelete)
	w.refresh()
	if len(w.view.rows) != 6 {
		t.Errorf("delete leaves %d rows", len(w.view.rows))
	}
	w.key(fyne.KeyHome, fyne.KeyDelete)
	if text := w.shown(); !strings.Contains(text, "Remove a job that is in work?") {
		t.Errorf("before a running job is removed it asks:\n%s", text)
	}
	w.tap("Go on working")
	if w.state(0) != queue.Compressing {
		t.Error("the job does not go on")
	}
	w.key(fyne.KeyHome)
	w.shortcut("Queue", "Start or pause")
	if !strings.Contains(lineText(w.view.list, 0), "paused") || w.view.start.Text != "Start" {
		t.Errorf("paused: %s", lineText(w.view.list, 0))
	}
	w.shortcut("Queue", "Cancel")
	w.pump.until(t, "the first job is cancelled", func() bool { return w.state(0) == queue.Cancelled })
	w.shortcut("Queue", "Start or pause")
	w.shortcut("Queue", "Retry")
	close(let)
	w.pump.until(t, "both jobs are done", func() bool { return w.queue.Overview().Done == 2 })
	w.refresh()
	w.key(fyne.KeyHome, fyne.KeyReturn)
	if w.current() == nil {
		t.Error("enter does not open the archive")
	}
}

func TestClosingAsksWhileWorkGoesOn(t *testing.T) {
	w, _ := newBlocked(t)
	w.drop(w.album("A", 1))
	w.pump.until(t, "the job works", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Compressing })
	w.closeAsked()
	w.tap("Go on working")
	if w.closed || w.state(0) != queue.Compressing {
		t.Error("it does not go on")
	}
	w.closeAsked()
	if text := w.shown(); !strings.Contains(text, "half archives get no name") {
		t.Errorf("it asks:\n%s", text)
	}
	w.tap("Pause and close")
	w.pump.until(t, "the window closes", func() bool { return w.closed })
	names, err := filepath.Glob(filepath.Join(w.dir, "*.trilobyte"))
	if err != nil || len(names) > 0 {
		t.Errorf("left behind: %v, %v", names, err)
	}
}

func TestQueueComesBackPaused(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "queue.jsonl")
	first, _ := newBlocked(t)
	root := first.album("A", 2)
	line := `{"op":"add","id":1,"paths":["` + root + `"],"archive":"` + root + `.trilobyte"}` + "\n"
	first.write(journal, []byte(line))
	w := newTester(t, func(c *Config) { c.Journal = journal })
	if !strings.Contains(w.banner.showing(), "work left from last time: 1 job") {
		t.Errorf("the banner says %q", w.banner.showing())
	}
	w.pump.until(t, "the job waits", func() bool { return len(w.view.rows) > 0 && w.state(0) == queue.Waiting })
	w.tap("Start")
	w.pump.until(t, "the job is done", func() bool { return w.state(0) == queue.Done })
}

func TestWhereFLACWins(t *testing.T) {
	f := queue.File{Name: "a/noise.wav", Size: 1000, State: queue.Done, Totals: queue.Totals{Recordings: 1, Sizes: queue.Sizes{Original: 1000, FLAC: 800, Trilobyte: 820}}}
	loadWords(languageEnglish)
	c := fileLine(f, false)
	if last := c.cells[4]; last.text != "-2.5 %" || last.color != theme.ColorNameWarning {
		t.Errorf("%+v", last)
	}
	if text, color := verdict(f.Sizes); text != "FLAC is smaller, by 20 B (2.5 %)" || color != theme.ColorNameWarning {
		t.Errorf("%s in %s", text, color)
	}
}

func TestNotificationAfterLongWork(t *testing.T) {
	w := newTester(t, nil)
	w.begun = time.Now().Add(-2 * longWork)
	w.ended.Store(true)
	w.refresh() // sends it: Fyne's test app takes it
	if !w.begun.IsZero() || w.ended.Load() {
		t.Error("the end of the work was not noticed")
	}
}

// BenchmarkTenThousandFiles reports how long it takes until a dropped folder of
// ten thousand files is in the list, and how long one refresh and one page of
// scrolling take then.
func BenchmarkTenThousandFiles(b *testing.B) {
	const files = 10_000
	root := filepath.Join(b.TempDir(), "Big")
	if err := os.Mkdir(root, 0o777); err != nil {
		b.Fatal(err)
	}
	for i := range files {
		if err := os.WriteFile(filepath.Join(root, time.Duration(i).String()+".wav"), nil, 0o666); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		w := newTester(b, nil)
		w.queue.Pause()
		begun := time.Now()
		w.drop(root)
		w.pump.until(b, "all files are listed", func() bool { return w.view.list.rows == files+1 })
		b.ReportMetric(time.Since(begun).Seconds(), "s/drop")
		const times = 100
		begun = time.Now()
		for range times {
			w.view.update()
		}
		b.ReportMetric(float64(time.Since(begun).Milliseconds())/times, "ms/refresh")
		w.win.Canvas().Focus(w.view.list)
		begun = time.Now()
		for range times {
			w.key(fyne.KeyPageDown)
		}
		b.ReportMetric(float64(time.Since(begun).Milliseconds())/times, "ms/page")
	}
}

// TestOnlyWhatWasReadBackIsGreen makes sure that nothing else has the colour of success, and that nothing seems to be in
// work in a pause.
func TestOnlyWhatWasReadBackIsGreen(t *testing.T) {
	loadWords(languageEnglish)
	for _, s := range []queue.State{queue.Reading, queue.Waiting, queue.Compressing, queue.Compressed, queue.Verifying, queue.Cancelling,
		queue.Archived, queue.LeftOut, queue.Failed, queue.Cancelled} {
		if text, color := stateText(s); color == theme.ColorNameSuccess || text == string(queue.Done) {
			t.Errorf("%s is said to be %q, in %s", s, text, color)
		}
	}
	if state := jobLine(queue.Job{State: queue.Done, ArchiveSize: 1}, false, false).cells[0]; state.color == theme.ColorNameSuccess {
		t.Errorf("a job that was not verified is %+v", state)
	}
	if state := jobLine(queue.Job{State: queue.Done, ArchiveSize: 1, Verified: true}, false, false).cells[0]; state.color != theme.ColorNameSuccess {
		t.Errorf("a job that was verified is %+v", state)
	}
	if state := fileLine(queue.File{State: queue.Compressing, Size: 100, Done: 96}, true).cells[0]; state.text != "paused 96 %" {
		t.Errorf("a file in a pause is %+v", state)
	}
}

package ui

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"trilobyte/app/disk"
	"trilobyte/app/power"
	"trilobyte/app/queue"
	"trilobyte/app/saved"
)

// Window is the window, with its queue.
type Window struct {
	config    Config
	win       fyne.Window
	settings  settings
	queue     *queue.Queue
	log       activityLog
	banner    *banner
	tips      *tips
	tabs      *container.AppTabs
	queueTab  *container.TabItem
	logTab    *container.TabItem
	pastTab   *container.TabItem
	view      *queueView
	activity  *activityView
	history   *saved.History
	past      *historyView
	recent    *fyne.MenuItem   // the menu of the archives that were opened last
	ofArchive []*fyne.MenuItem // that do something with the archive that is shown
	archives  map[*container.TabItem]*archiveView
	modal     *modal        // the last one that was shown; may be nil
	form      *settingsForm // the last one that was opened; may be nil
	whenDone  power.Action  // what the computer does when the queue has ended
	grace     bool          // the user can still stop that
	ahead     *preview      // what is shown before it is archived, or nil

	quit     chan struct{} // closed by Close
	once     sync.Once     // closes it
	wg       sync.WaitGroup
	wake     chan struct{}          // asks for a refresh
	begun    time.Time              // when the queue last began to work
	stopped  atomic.Bool            // the user has cancelled what was in work last
	ended    atomic.Bool            // the queue has come to its end
	known    atomic.Pointer[string] // says what was added once more, until it is shown
	choosing bool                   // the file dialog of the system is open
	ending   bool                   // all work is being ended
	closed   bool
}

// New makes the window, without showing it.
func New(c Config) *Window {
	s := loadSettings(c.App.Preferences())
	loadWords(s.Language)
	c.App.Settings().SetTheme(newLook(s.Theme))
	w := &Window{
		config: c, settings: s, quit: make(chan struct{}), wake: make(chan struct{}, 1),
		archives: map[*container.TabItem]*archiveView{},
	}
	notKept := w.log.open(c.Log)
	var err error
	w.history, err = saved.Open(disk.OS{}, c.History)
	if notKept = errors.Join(notKept, err); notKept != nil {
		w.log.add(true, faultText(notKept))
	}
	w.queue, err = queue.New(queue.Config{
		Engine: c.Engine, Presets: c.Presets, Options: s.options(c.Cores), Journal: c.Journal, Discard: c.Discard, Notify: w.notified, Words: faultText,
	})
	w.build()
	if err != nil {
		w.log.add(true, faultText(err))
		if !errors.Is(err, queue.ErrLocked) {
			w.banner.show(faultText(err), false, "", nil)
		}
	}
	if o := w.queue.Overview(); o.Waiting > 0 {
		w.banner.show(tr("There is work left from last time: {{.Jobs}}. What is finished is not done again.", words{"Jobs": jobsText(o.Waiting)}), true, tr("Start"), func() {
			w.banner.hide()
			w.queue.Start()
		})
	}
	w.openAgain()
	w.wg.Go(w.follow)
	return w
}

// build makes the widgets.
func (w *Window) build() {
	w.win = w.config.App.NewWindow("Trilobyte")
	w.win.SetMaster()
	w.banner = newBanner(func() { w.win.Content().Refresh() })
	w.tips = newTips(w.touch)
	w.view = newQueueView(w)
	w.activity = newActivityView(&w.log, w.tips, w.copyText)
	w.queueTab = container.NewTabItem(tr("Queue"), w.view.root)
	w.logTab = container.NewTabItem(tr("Activity"), w.activity.root)
	w.past = newHistoryView(w, w.history)
	w.pastTab = container.NewTabItem(tr("History"), w.past.root)
	w.tabs = container.NewAppTabs(w.queueTab, w.pastTab, w.logTab)
	w.tabs.OnSelected = func(*container.TabItem) {
		w.enableMenus()
		w.refresh()
	}
	w.win.SetContent(container.NewStack(w.tabs, container.NewBorder(nil, w.banner.root, nil, nil), w.tips.layer))
	w.win.SetMainMenu(w.mainMenu())
	w.enableMenus()
	w.addShortcuts()
	w.win.Canvas().SetOnTypedKey(w.typedKey)
	w.win.SetOnDropped(w.dropped)
	w.win.SetCloseIntercept(w.closeAsked)
	p := w.config.App.Preferences()
	w.win.Resize(fyne.NewSize(float32(p.FloatWithFallback(keyWidth, 1000)), float32(p.FloatWithFallback(keyHeight, 680))))
}

// typedKey is called for keys while nothing has the focus: Escape closes what
// lies over the window, others go to the list that is shown.
func (w *Window) typedKey(e *fyne.KeyEvent) {
	if over := w.win.Canvas().Overlays().Top(); over != nil {
		switch {
		case w.modal != nil && w.modal.over == over:
			w.modal.key(e)
		case e.Name == fyne.KeyEscape:
			over.Hide()
		}
		return
	}
	if e.Name == fyne.KeyF1 {
		w.showKeys()
		return
	}
	if list := w.shownList(); list.rows > 0 {
		w.win.Canvas().Focus(list)
		list.TypedKey(e)
	}
}

// Show shows the window. The app is to be run then, and Close called after
// that.
func (w *Window) Show() { w.win.Show() }

// Open opens paths as if they were dropped onto the window.
func (w *Window) Open(paths []string) {
	if len(paths) > 0 {
		w.open(paths)
	}
}

// Handed opens paths that another start of the program hands over, and brings the
// window to the front. It says whether the window does so, which it does not when it
// is being closed. It may be called from any goroutine, but the main one.
func (w *Window) Handed(paths []string) bool {
	taken := false
	w.do(func() {
		if taken = !w.ending && !w.closed; taken {
			w.win.RequestFocus()
			w.Open(paths)
		}
	})
	return taken
}

// follow refreshes the window when something has changed, a few times a second
// at most.
func (w *Window) follow() {
	const pause = 200 * time.Millisecond
	for {
		select {
		case <-w.quit:
			return
		case <-w.queue.Changed():
		case <-w.wake:
		}
		w.do(w.refresh)
		select {
		case <-w.quit:
			return
		case <-time.After(pause):
		}
	}
}

// do runs a function on the main goroutine and waits for it, unless that has
// ended the app.
func (w *Window) do(f func()) {
	done := make(chan struct{})
	w.config.Do(func() {
		defer close(done)
		f()
	})
	select {
	case <-done:
	case <-w.quit:
	}
}

// untilClosed returns a context that ends when the window does. The caller calls cancel
// when it is not needed any more.
func (w *Window) untilClosed() (ctx context.Context, cancel context.CancelFunc) {
	ctx, cancel = context.WithCancel(context.Background())
	w.wg.Go(func() {
		select {
		case <-w.quit:
			cancel()
		case <-ctx.Done():
		}
	})
	return ctx, cancel
}

// touch asks for a refresh. It may be called from any goroutine.
func (w *Window) touch() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// refresh brings what is on the screen up to date.
func (w *Window) refresh() {
	if w.closed {
		return
	}
	switch current := w.tabs.Selected(); current {
	case w.queueTab:
		w.view.update()
	case w.logTab:
		w.activity.update()
	case w.pastTab:
		w.past.update()
	}
	w.tips.update()
	if w.ahead != nil {
		w.ahead.update()
	}
	for _, a := range w.archives { // they may have come to their end
		a.update()
	}
	o := w.queue.Overview()
	if o.Active > 0 && w.begun.IsZero() {
		w.begun = time.Now()
	}
	if known := w.known.Swap(nil); known != nil {
		w.banner.show(*known, true, "", nil)
	}
	if w.ended.Swap(false) {
		w.queueEnded(o)
	}
}

// notified takes what the queue tells, on any goroutine.
func (w *Window) notified(n queue.Notice) {
	text, fault := notice(n)
	w.log.add(fault, text)
	switch n.Kind {
	case queue.JobDone, queue.JobFailed:
		if err := w.history.Add(time.Now(), n.Job); err != nil {
			w.log.add(true, faultText(err))
		}
	case queue.JobCancelled:
		w.stopped.Store(true)
	case queue.JobStarted:
		w.stopped.Store(false)
	case queue.QueueDone:
		w.ended.Store(true)
	case queue.JobKnown:
		w.known.Store(&text)
	}
	w.touch()
}

// closeAsked is called when the user closes the window.
func (w *Window) closeAsked() {
	if w.queue.Overview().Active == 0 && !w.operating() {
		w.shut()
		return
	}
	w.confirm(tr("Close while work goes on?"),
		tr("Jobs that are not finished go on when you open Trilobyte the next time.\nYour files are untouched, and half archives get no name that looks finished."),
		tr("Pause and close"), tr("Go on working"), func(yes bool) {
			if yes {
				w.shut()
			}
		})
}

func (w *Window) operating() bool {
	for _, a := range w.archives {
		if a.busy() {
			return true
		}
	}
	return false
}

// shut ends all work, and then closes the window.
func (w *Window) shut() {
	w.ending = true
	w.wg.Go(func() {
		w.endWork()
		w.do(func() {
			w.closed = true
			size := w.win.Canvas().Size()
			w.config.App.Preferences().SetFloat(keyWidth, float64(size.Width))
			w.config.App.Preferences().SetFloat(keyHeight, float64(size.Height))
			w.config.App.Preferences().SetStringList(keyTabs, w.openTabs())
			w.win.SetCloseIntercept(nil)
			w.win.Close()
		})
	})
}

// endWork ends all work and waits for that.
func (w *Window) endWork() {
	w.queue.Close()
	w.do(func() {
		for _, a := range w.archives {
			a.end()
		}
	})
}

// Close ends what the window has started, however the app came to its end. It
// is to be called after the app has run.
func (w *Window) Close() error {
	w.once.Do(func() { close(w.quit) })
	err := w.queue.Close()
	if w.form != nil {
		w.form.close()
	}
	for _, a := range w.archives {
		a.end()
	}
	w.wg.Wait()
	return errors.Join(err, w.history.Close(), w.log.book.Close())
}

func (w *Window) copyText(text string) { w.config.App.Clipboard().SetContent(text) }

// reveal shows the folder that a file is in.
func (w *Window) reveal(path string) {
	folder := path
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		folder = filepath.Dir(path)
	}
	if err := w.config.App.OpenURL(&url.URL{Scheme: "file", Path: filepath.ToSlash(folder)}); err != nil {
		w.banner.show(faultText(err), false, "", nil)
	}
}

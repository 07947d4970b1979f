package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"trilobyte/app/power"
	"trilobyte/app/queue"
)

// graceTime is how long the user can still stop the computer from sleeping or shutting
// down.
const graceTime = time.Minute

// whenDoneText says what the computer does when the queue has ended.
func whenDoneText(a power.Action) string {
	switch a {
	case power.Sleep:
		return tr("Sleep")
	case power.ShutDown:
		return tr("Shut down")
	}
	return tr("Nothing")
}

// whenDoneItem is the menu in which that is chosen. The choice holds until the program
// ends: nobody is surprised by that of another day.
func (w *Window) whenDoneItem() *fyne.MenuItem {
	i := fyne.NewMenuItem(tr("When all is done"), nil)
	i.ChildMenu = fyne.NewMenu("")
	for _, a := range []power.Action{power.Nothing, power.Sleep, power.ShutDown} {
		choice := fyne.NewMenuItem(whenDoneText(a), nil)
		choice.Checked = a == w.whenDone
		choice.Disabled = a != power.Nothing && w.config.Power == nil
		choice.Action = func() {
			w.whenDone = a
			for _, other := range i.ChildMenu.Items {
				other.Checked = other == choice
			}
			w.win.MainMenu().Refresh()
			w.view.update()
		}
		i.ChildMenu.Items = append(i.ChildMenu.Items, choice)
	}
	return i
}

// longWork is from when on the end of the work is worth a notification.
const longWork = time.Minute

// queueEnded tells the desktop that a long queue has ended.
func (w *Window) queueEnded(o queue.Overview) {
	if w.whenDone != power.Nothing && !w.grace && !w.stopped.Load() {
		w.powerOff(w.whenDone, graceTime)
	}
	took := time.Since(w.begun)
	long := !w.begun.IsZero() && took >= longWork
	w.begun = time.Time{}
	if !long {
		return
	}
	text, _ := verdict(o.Sizes)
	if o.Failed > 0 {
		text += ". " + tr("{{.N}} failed", words{"N": o.Failed})
	}
	w.config.App.SendNotification(fyne.NewNotification(tr("All jobs are done"), text))
}

// powerOff tells that the computer is about to sleep or to shut down, and has it do so
// unless the user stops it.
func (w *Window) powerOff(a power.Action, grace time.Duration) {
	stop := make(chan struct{})
	stopped := false
	label := widget.NewLabel("")
	say := func(left time.Duration) {
		label.SetText(tr("All jobs are done. In {{.Seconds}} seconds, the computer does what was chosen for then: {{.Action}}.", words{
			"Seconds": int(left.Seconds()), "Action": whenDoneText(a)}))
	}
	say(grace)
	w.grace = true
	m := w.newModal()
	m.closed = func() {
		stopped, w.grace = true, false
		close(stop)
	}
	no := m.button(tr("Stop"), theme.CancelIcon(), m.dismiss)
	no.Importance = widget.HighImportance
	m.show(whenDoneText(a), label, fyne.Size{}, no)
	m.focus(no)
	w.wg.Go(func() {
		ticker := time.NewTicker(min(time.Second, grace))
		defer ticker.Stop()
		for end := time.Now().Add(grace); ; {
			select {
			case <-stop:
				return
			case <-w.quit:
				return
			case <-ticker.C:
			}
			left := time.Until(end)
			if left <= 0 {
				w.do(func() {
					if !stopped {
						m.dismiss()
						w.power(a)
					}
				})
				return
			}
			w.do(func() { say(left) })
		}
	})
}

// power has the computer do what it is to do, unless there is work again.
func (w *Window) power(a power.Action) {
	if o := w.queue.Overview(); o.Active+o.Waiting > 0 || w.operating() {
		return
	}
	w.log.add(false, tr("All jobs are done; the computer is told: {{.Action}}.", words{"Action": whenDoneText(a)}))
	w.wg.Go(func() {
		if err := w.config.Power(a); err != nil {
			w.log.add(true, faultText(err))
			w.do(func() { w.banner.show(faultText(err), false, "", nil) })
		}
	})
}

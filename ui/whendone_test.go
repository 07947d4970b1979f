package ui

import (
	"errors"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"trilobyte/app/power"
)

// TestWhenDone has the computer sleep when all is done, which can be stopped.
func TestWhenDone(t *testing.T) {
	told := make(chan power.Action, 1)
	w := newTester(t, func(c *Config) {
		c.Power = func(a power.Action) error {
			told <- a
			return errors.New("not allowed")
		}
	})
	w.take(w.whenDoneItem().ChildMenu, "Sleep")
	w.drop(w.album("A", 1))
	w.pump.until(t, "it tells what will happen", func() bool { return strings.Contains(w.shown(), "In 60 seconds") })
	w.key(fyne.KeyEscape)
	if w.grace {
		t.Error("escape does not stop it")
	}
	w.powerOff(power.Sleep, 20*time.Millisecond)
	w.pump.until(t, "the computer sleeps", func() bool { return len(told) > 0 })
	if a := <-told; a != power.Sleep {
		t.Errorf("the computer is told %q", a)
	}
	w.pump.until(t, "it says why it does not", func() bool { return w.banner.showing() == "Not allowed." })
	if w.win.Canvas().Overlays().Top() != nil || w.grace {
		t.Error("the dialog stays")
	}
	w.queue.Pause()
	w.drop(w.album("B", 1))
	w.pump.until(t, "there is work again", func() bool { return w.queue.Overview().Waiting == 1 })
	w.power(power.Sleep)
	select {
	case a := <-told:
		t.Errorf("the computer is told %q while there is work", a)
	case <-time.After(50 * time.Millisecond):
	}
}

//go:build cgo && !headless

package idle

import (
	"context"
	"os"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"github.com/go-gl/glfw/v3.3/glfw"
)

const (
	nap   = time.Second            // the longest time without a look at the window
	tick  = 20 * time.Millisecond  // in which Fyne draws what is to be drawn
	awake = 600 * time.Millisecond // after an event, for what moves then, and for double clicks
)

// Rest has the main goroutine wait for events while there are none, until the
// context ends. The app has to be running.
func (l *Loop) Rest(ctx context.Context) {
	pause := awake
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		if l.calledWithin(tick) {
			pause = tick
			continue
		}
		pause = awake
		fyne.DoAndWait(func() {
			if l.wait() {
				pause = tick
			}
		})
	}
}

// wait waits for an event, and says whether there was none.
func (l *Loop) wait() (none bool) {
	// While the app ends, Fyne runs functions wherever they are. The first
	// thread of the process is the one that the main goroutine is tied to.
	if syscall.Gettid() != os.Getpid() {
		return true
	}
	l.setWaiting(true)
	defer l.setWaiting(false)
	begun := time.Now()
	glfw.WaitEventsTimeout(nap.Seconds())
	return time.Since(begun) >= nap
}

func wake() { glfw.PostEmptyEvent() }

//go:build cgo && !headless

package idle

import (
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// Loop is the main goroutine's loop. The zero value is ready.
type Loop struct {
	mu      sync.Mutex
	last    time.Time // when Do was last called
	waiting bool      // the main goroutine waits for events
}

// Do has a function run on the main goroutine, soon.
func (l *Loop) Do(f func()) {
	l.mu.Lock()
	l.last = time.Now()
	if l.waiting {
		wake() // under the lock, for there must be a loop to be woken
	}
	l.mu.Unlock()
	fyne.Do(f)
}

// calledWithin says whether Do was called that short a time ago.
func (l *Loop) calledWithin(d time.Duration) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Since(l.last) < d
}

func (l *Loop) setWaiting(on bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waiting = on
}

package ui

import "testing"

// TestHandedOver opens what another start of the program hands over, until the window is being closed.
func TestHandedOver(t *testing.T) {
	w := newTester(t, nil)
	hand := func(path string) bool {
		answer := make(chan bool, 1)
		go func() { answer <- w.Handed([]string{path}) }()
		var taken bool
		w.pump.until(t, "it answers", func() bool {
			select {
			case taken = <-answer:
				return true
			default:
				return false
			}
		})
		return taken
	}
	archive := w.archived("Album", 1)
	if !hand(archive) {
		t.Error("it is not taken")
	}
	w.pump.until(t, "the archive is shown", func() bool { return w.current() != nil && len(w.current().rows) > 0 })
	w.closeAsked()
	if hand(archive) {
		t.Error("a window that is being closed takes it")
	}
}

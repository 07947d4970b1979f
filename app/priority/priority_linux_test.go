package priority_test

import (
	"testing"

	"golang.org/x/sys/unix"

	"trilobyte/app/priority"
)

// niceOf is the niceness of a thread of this process.
func niceOf(t *testing.T, id int) int {
	t.Helper()
	n, err := unix.Getpriority(unix.PRIO_PROCESS, id)
	if err != nil {
		t.Error(err)
	}
	return 20 - n // as the system call has it
}

// TestOnlyTheCallersThreadGivesWay lowers the priority of one goroutine: that of others, and of those that come after it, stays.
func TestOnlyTheCallersThreadGivesWay(t *testing.T) {
	before := niceOf(t, unix.Gettid())
	if before >= 10 {
		t.Skip("all of this process gives way already")
	}
	var lowered, child int
	done := make(chan struct{})
	go func() {
		defer close(done)
		priority.Lower()
		priority.Lower() // once more changes nothing
		lowered = niceOf(t, unix.Gettid())
		started := make(chan struct{})
		go func() {
			child = niceOf(t, unix.Gettid())
			close(started)
		}()
		<-started
	}()
	<-done
	if lowered != 10 || child != before {
		t.Errorf("before %d, lowered %d, a goroutine of it %d", before, lowered, child)
	}
	for range 20 {
		ended := make(chan int)
		go func() { ended <- niceOf(t, unix.Gettid()) }()
		if after := <-ended; after != before {
			t.Errorf("a goroutine that came later has the niceness %d, want %d", after, before)
		}
	}
}

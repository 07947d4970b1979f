// Package priority has long work give way to what somebody waits for.
package priority

import "runtime"

// Lower has all that the calling goroutine does from now on give way to other
// threads of this program and of the computer, where the system can do that for
// one thread: on Linux and Windows. The goroutine keeps its thread, which ends
// with it.
func Lower() {
	runtime.LockOSThread()
	lower()
}

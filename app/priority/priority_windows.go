package priority

import "golang.org/x/sys/windows"

var setThreadPriority = windows.NewLazySystemDLL("kernel32.dll").NewProc("SetThreadPriority")

// lower lowers the priority of the calling thread. If that fails, work goes on as
// before.
func lower() {
	const current, lowest = ^uintptr(1), ^uintptr(1) // -2 both: the pseudo handle of the thread, THREAD_PRIORITY_LOWEST
	setThreadPriority.Call(current, lowest)
}

package priority

import "golang.org/x/sys/unix"

// niceness is that of what gives way: a tenth of the share of the processor that
// others get.
const niceness = 10

// lower lowers the priority of the calling thread: Linux has one for each. If that
// fails, work goes on as before.
func lower() {
	id := unix.Gettid()
	if now, err := unix.Getpriority(unix.PRIO_PROCESS, id); err == nil && 20-now < niceness {
		unix.Setpriority(unix.PRIO_PROCESS, id, niceness)
	}
}

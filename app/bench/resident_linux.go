package bench

import (
	"bytes"
	"fmt"
	"os"
)

// resident returns the peak of a process's resident memory up to now in bytes,
// or 0 if it has ended. (The kernel's account of ended processes, ru_maxrss, is
// of no use: it has the memory of the process that started them.)
func resident(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(status, []byte("\nVmHWM:"))
	if !found {
		return 0
	}
	var kilobytes int64
	if _, err := fmt.Sscanf(string(rest[:min(len(rest), 40)]), "%d kB", &kilobytes); err != nil {
		return 0
	}
	return kilobytes << 10
}

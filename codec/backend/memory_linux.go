package backend

import (
	"bytes"
	"os"
	"strconv"
)

// freeMemory is how many bytes of memory programs can still have, as far as the system tells.
func freeMemory() int64 {
	free := int64(assumedMemory)
	info, _ := os.ReadFile("/proc/meminfo")
	if _, after, ok := bytes.Cut(info, []byte("\nMemAvailable:")); ok {
		if fields := bytes.Fields(after); len(fields) > 0 {
			if kB, err := strconv.ParseInt(string(fields[0]), 10, 64); err == nil {
				free = kB << 10
			}
		}
	}
	// A container may have less.
	limit, _ := os.ReadFile("/sys/fs/cgroup/memory.max")
	if n, err := strconv.ParseInt(string(bytes.TrimSpace(limit)), 10, 64); err == nil {
		free = min(free, n)
	}
	return free
}

//go:build !linux && !windows

package backend

// freeMemory is assumed where there are no GPUs to be used.
func freeMemory() int64 { return assumedMemory }

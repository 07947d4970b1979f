//go:build !linux

package bench

// resident is not known on this system.
func resident(pid int) int64 { return 0 }

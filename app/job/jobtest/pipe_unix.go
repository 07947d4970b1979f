//go:build unix

package jobtest

import "syscall"

// Pipe makes a named pipe: something that is no file, and cannot be archived.
func Pipe(path string) error { return syscall.Mkfifo(path, 0o600) }

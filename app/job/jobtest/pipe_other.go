//go:build !unix

package jobtest

import "errors"

// Pipe would make a named pipe. This system has none that has a name in a folder.
func Pipe(string) error { return errors.ErrUnsupported }

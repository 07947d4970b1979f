//go:build unix

package cli_test

import (
	"os"
	"syscall"
)

// signals end the program.
var signals = []os.Signal{os.Interrupt, syscall.SIGTERM}

// signalSelf sends a signal to this program.
func signalSelf(signal os.Signal) error {
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	return self.Signal(signal)
}

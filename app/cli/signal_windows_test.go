package cli_test

import (
	"os"

	"golang.org/x/sys/windows"
)

// signals end the program: Go takes Ctrl+C for this one.
var signals = []os.Signal{os.Interrupt}

// signalSelf has Windows do what it does when somebody presses Ctrl+C, for all programs of this console.
func signalSelf(os.Signal) error { return windows.GenerateConsoleCtrlEvent(windows.CTRL_C_EVENT, 0) }

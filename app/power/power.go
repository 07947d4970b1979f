// Package power has the computer sleep, or shut down, with the system's own programs.
package power

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
)

// Action is what the computer is to do.
type Action string

// The actions.
const (
	Nothing  Action = ""
	Sleep    Action = "sleep"
	ShutDown Action = "shut down"
)

// commands are the programs that do it, by system and action. Those of Linux are of
// systemd, those of Windows and macOS part of these.
var commands = map[string]map[Action][]string{
	"linux": {
		Sleep:    {"systemctl", "suspend"},
		ShutDown: {"systemctl", "poweroff"},
	},
	"darwin": {
		Sleep:    {"pmset", "sleepnow"},
		ShutDown: {"osascript", "-e", `tell application "System Events" to shut down`},
	},
	"windows": {
		Sleep:    {"rundll32.exe", "powrprof.dll,SetSuspendState", "0,1,0"},
		ShutDown: {"shutdown.exe", "/s", "/t", "0"},
	},
}

// Can says whether this system has a program for an action.
func Can(a Action) bool {
	command := commands[runtime.GOOS][a]
	if command == nil {
		return a == Nothing
	}
	_, err := exec.LookPath(command[0])
	return err == nil
}

// Do has the computer do it. The error has what the system's program says.
func Do(a Action) error {
	command := commands[runtime.GOOS][a]
	if command == nil {
		return nil
	}
	out, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", command[0], err, strings.TrimSpace(string(out)))
	}
	return nil
}

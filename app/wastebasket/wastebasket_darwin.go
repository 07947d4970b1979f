package wastebasket

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Move moves a file or folder to the wastebasket, by asking the Finder, which
// knows from where to put it back. If that cannot be, the file stays where it
// is, and the error says what failed.
func Move(path string) error {
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); err != nil {
		return err
	}
	finder := exec.Command("/usr/bin/osascript", "-e", "on run arguments",
		"-e", `tell application "Finder" to delete (POSIX file (item 1 of arguments) as alias)`, "-e", "end run", path)
	if output, err := finder.CombinedOutput(); err != nil {
		return fmt.Errorf("%s stays where it is: %w: %s", path, err, bytes.TrimSpace(output))
	}
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s stays where it is: the Finder has not moved it", path)
	}
	return nil
}

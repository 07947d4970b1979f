package job

import (
	"errors"
	"strings"

	"trilobyte/app/archive"
)

// checkNameHere returns why this system cannot have a file of that name, or nil.
func checkNameHere(name string) error { return archive.CheckWindowsName(name) }

// checkLinkHere returns why a link with that target may lead out of its folder on this
// system, though not on others, or nil.
func checkLinkHere(target string) error {
	if strings.Contains(target, `\`) {
		return errors.New("it is a link to a name with a backslash")
	}
	return nil
}

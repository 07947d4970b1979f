package cli

import (
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

// ForWindow says whether arguments (without the program's name) are not for
// the terminal: there are none, or the first one is a file or folder, as
// desktops start a program that is to open something.
func ForWindow(args []string) bool {
	if len(args) == 0 {
		return true
	}
	if strings.HasPrefix(args[0], "-") {
		return false
	}
	parser, err := kong.New(&commands{})
	if err != nil {
		return false
	}
	for _, command := range parser.Model.Children {
		if command.Name == args[0] {
			return false
		}
	}
	_, err = os.Lstat(args[0])
	return err == nil
}

package cli

import (
	"strings"

	"github.com/alecthomas/kong"

	"trilobyte/app/cli/describe"
)

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish,powershell" help:"The shell: bash, zsh, fish or powershell."`
}

// Run prints the script with which a shell completes the command line.
func (c *completionCommand) Run(parsed *kong.Context, p *program) error {
	return describe.Completion(p.stdout, parsed.Model, c.Shell)
}

type manualCommand struct{}

// Run prints the manual page.
func (manualCommand) Run(parsed *kong.Context, p *program) error {
	version, _, _ := strings.Cut(parsed.Model.Vars()["version"], "\n")
	return describe.Manual(p.stdout, parsed.Model, strings.TrimPrefix(version, "trilobyte "))
}

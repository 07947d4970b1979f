//go:build !windows

package job

// checkNameHere returns why this system cannot have a file of that name, or nil.
// Everything that an archive can have is allowed here.
func checkNameHere(string) error { return nil }

// checkLinkHere returns why a link with that target may lead out of its folder on this
// system, though not on others, or nil.
func checkLinkHere(string) error { return nil }

package job

import "trilobyte/app/archive"

// checkNameHere returns why this system cannot have a file of that name, or nil.
func checkNameHere(name string) error { return archive.CheckWindowsName(name) }

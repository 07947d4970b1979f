//go:build !windows

package disk

// systemRemedy knows no errors that only this system has.
func systemRemedy(error) Remedy { return NoRemedy }

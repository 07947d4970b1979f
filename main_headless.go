//go:build !cgo || headless

package main

// openWindow says that there is none.
func openWindow([]string) int {
	return noWindow("this build of Trilobyte has none. Everything can be done with the commands above")
}

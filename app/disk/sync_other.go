//go:build !linux

package disk

import "os"

// dropCache would have the system forget its copy of a file. Only Linux can be
// told to.
func dropCache(*os.File) {}

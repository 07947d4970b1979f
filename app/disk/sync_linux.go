package disk

import (
	"os"

	"golang.org/x/sys/unix"
)

// dropCache has the system forget its copy of a file that is on the disk, so
// that reading it finds what the disk has. It is advice, and may be ignored.
func dropCache(f *os.File) {
	unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED)
}

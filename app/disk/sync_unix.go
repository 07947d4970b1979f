//go:build !windows

package disk

import (
	"errors"
	"os"
	"syscall"
)

// syncDir syncs and closes the folder d. Some file systems cannot sync
// folders; they say so with EINVAL or ENOTSUP, and there is nothing to do.
func syncDir(d *os.File) error {
	err := d.Sync()
	if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOTSUP) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

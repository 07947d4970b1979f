//go:build !amd64 || (!linux && !windows) || static

package cuda

import "fmt"

// Load says that this build cannot load NVIDIA's driver.
func Load() (Driver, error) {
	return nil, fmt.Errorf("%w: this build of the program cannot use one", ErrNoDriver)
}

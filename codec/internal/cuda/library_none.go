//go:build !amd64 || (!linux && !windows) || static

package cuda

// Load returns ErrNotBuilt.
func Load() (Driver, error) { return nil, ErrNotBuilt }

//go:build amd64 && !static

package cuda

import "github.com/ebitengine/purego"

// openLibrary loads the driver's library and returns what finds its functions. It stays loaded.
func openLibrary() (symbol func(name string) (uintptr, error), err error) {
	handle, err := purego.Dlopen("libcuda.so.1", purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	return func(name string) (uintptr, error) { return purego.Dlsym(handle, name) }, nil
}

//go:build amd64 && !static

package cuda

import "golang.org/x/sys/windows"

// openLibrary loads the driver's library, from the system's folder alone, and returns what finds its functions. It stays loaded.
func openLibrary() (symbol func(name string) (uintptr, error), err error) {
	handle, err := windows.LoadLibraryEx("nvcuda.dll", 0, windows.LOAD_LIBRARY_SEARCH_SYSTEM32)
	if err != nil {
		return nil, err
	}
	return func(name string) (uintptr, error) { return windows.GetProcAddress(handle, name) }, nil
}

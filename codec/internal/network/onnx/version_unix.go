//go:build cgo && unix

package onnx

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdlib.h>
#include <stdint.h>

// The start of the interface of every version, OrtApiBase of onnxruntime_c_api.h.
typedef struct {
	const void *(*get_api)(uint32_t);
	const char *(*get_version)(void);
} api_base;

// version returns the version of the library at path, and keeps it loaded, or sets error.
static const char *version(const char *path, const char **error) {
	void *library = dlopen(path, RTLD_LAZY);
	if (!library) {
		*error = dlerror();
		return 0;
	}
	const api_base *(*base)(void) = (const api_base *(*)(void))dlsym(library, "OrtGetApiBase");
	if (!base) {
		dlclose(library);
		*error = "it is some other library";
		return 0;
	}
	return base()->get_version();
}
*/
import "C"

import (
	"errors"
	"fmt"
	"runtime"
	"unsafe"
)

// version loads the library and returns its version, before anything else is asked of it: old ones print to the
// terminal when they do not have the interface that they are asked for.
func version(path string) (string, error) {
	// dlerror speaks of what was done on the same thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var message *C.char
	v := C.version(name, &message)
	if message != nil {
		return "", fmt.Errorf("%s does not load: %w", path, firstLine(errors.New(C.GoString(message))))
	}
	return C.GoString(v), nil
}

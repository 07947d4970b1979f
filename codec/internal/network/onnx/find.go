package onnx

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

// Variable is the environment variable that names the library, or the folder that it is in.
const Variable = "TRILOBYTE_ORT"

// ErrNotFound says that there is no ONNX Runtime on this machine, as far as Find looks.
var ErrNotFound = errors.New("there is no ONNX Runtime here")

// Find returns the path of the ONNX Runtime library: the one that the environment variable TRILOBYTE_ORT names, one
func Find() (string, error) {
	if named := os.Getenv(Variable); named != "" {
		return FindIn(named)
	}
	for _, folder := range append(besideProgram(), systemFolders()...) {
		if path := inFolder(folder); path != "" {
			return path, nil
		}
	}
	return "", ErrNotFound
}

// FindIn returns the path of the library at a path, which is it or the folder that it is in.
func FindIn(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("ONNX Runtime is not where it is said to be: %s does not exist", path)
	case !info.IsDir():
		return path, nil
	}
	if library := inFolder(path); library != "" {
		return library, nil
	}
	return "", fmt.Errorf("ONNX Runtime is not where it is said to be: there is no %s in %s", libraryNames()[0], path)
}

// besideProgram returns the folders that come with the program.
func besideProgram() []string {
	program, err := os.Executable()
	if err != nil {
		return nil
	}
	if real, err := filepath.EvalSymlinks(program); err == nil {
		program = real
	}
	folder := filepath.Dir(program)
	return []string{
		folder,
		filepath.Join(folder, "onnxruntime"),
		filepath.Join(folder, "lib"),
		filepath.Join(folder, "..", "lib"),
		filepath.Join(folder, "..", "Frameworks"), // of a macOS application
	}
}

// systemFolders returns where packages put the library. Windows has one of its own in its system folder, of a version
// that nobody chose, which is why that is not among them.
func systemFolders() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{filepath.Join(os.Getenv("ProgramFiles"), "onnxruntime", "lib")}
	case "darwin":
		return []string{"/opt/homebrew/lib", "/usr/local/lib"}
	}
	triplet := map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu"}[runtime.GOARCH]
	return []string{
		"/usr/local/lib", filepath.Join("/usr/lib", triplet), "/usr/lib64", "/usr/lib",
		"/usr/local/onnxruntime/lib", "/opt/onnxruntime/lib",
	}
}

// libraryNames returns the names of the library; the first one is that of a release.
func libraryNames() []string {
	switch runtime.GOOS {
	case "windows":
		return []string{"onnxruntime.dll"}
	case "darwin":
		return []string{"libonnxruntime.dylib", "libonnxruntime.1.dylib", "libonnxruntime.1.*.dylib"}
	}
	return []string{"libonnxruntime.so", "libonnxruntime.so.1", "libonnxruntime.so.1.*"}
}

// inFolder returns the path of the library in a folder, or "".
func inFolder(folder string) string {
	for _, name := range libraryNames() {
		found, err := filepath.Glob(filepath.Join(escape(folder), name))
		if err == nil && len(found) > 0 {
			return slices.Max(found)
		}
	}
	return ""
}

// escape has Glob take a folder's name as it is.
func escape(folder string) string {
	if runtime.GOOS == "windows" {
		return folder // has no escapes, and names no brackets as a rule
	}
	var escaped []byte
	for _, b := range []byte(folder) {
		if b == '*' || b == '?' || b == '[' || b == '\\' {
			escaped = append(escaped, '\\')
		}
		escaped = append(escaped, b)
	}
	return string(escaped)
}

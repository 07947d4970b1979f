//go:build cgo

package onnx

// version returns "": on Windows, what is too old is found out when the library is asked for its interface.
func version(string) (string, error) { return "", nil }

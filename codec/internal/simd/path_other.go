//go:build !amd64 && !arm64

package simd

// preferred lists the paths from the fastest to plain Go.
var preferred = []Path{Go}

// lacking returns the instructions of a path that this machine lacks, or "".
func lacking(Path) string { return "" }

//go:build !amd64

package simd

// lacking returns the instructions of a path that this machine lacks, or "".
func lacking(p Path) string {
	if p != Go {
		return "the x86-64 instructions " + string(p)
	}
	return ""
}

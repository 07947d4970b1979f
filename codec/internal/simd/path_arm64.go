package simd

import (
	"runtime"

	"golang.org/x/sys/cpu"
)

// preferred lists the paths from the fastest to plain Go.
var preferred = []Path{NEONDot, NEON, Go}

// lacking returns the instructions of a path that this machine lacks, or "". All processors have NEON, and all of Apple's that a Mac has
// have FEAT_DotProd, which older systems do not tell.
func lacking(p Path) string {
	if p == NEONDot && !cpu.ARM64.HasASIMDDP && runtime.GOOS != "darwin" {
		return "the dot products of bytes (FEAT_DotProd)"
	}
	return ""
}

//go:build !amd64

package kernel

// machineKernels returns the kernels of a path, or what this machine lacks for it.
func machineKernels(p Path) (v vectors, missing string) {
	if p != Go {
		return v, "the x86-64 instructions " + string(p)
	}
	return v, ""
}

//go:build !amd64

package token

import "trilobyte/codec/kernel"

func kernelsOf(kernel.Path, bool) kernels { return kernels{} }

func wholeKernelOf(kernel.Path) wholeKernel { return nil }

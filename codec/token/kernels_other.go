//go:build !amd64

package token

import (
	"trilobyte/codec/kernel"
	"trilobyte/codec/rangecoder"
)

func kernelsOf(kernel.Path, bool) kernels { return kernels{} }

func wholeKernelOf(kernel.Path, rangecoder.Symbols) wholeKernel { return nil }

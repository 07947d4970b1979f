//go:build !amd64

package token

import "trilobyte/codec/kernel"

func kernelsOf(kernel.Path) kernels { return kernels{} }

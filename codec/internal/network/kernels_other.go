//go:build !amd64 && !arm64

package network

import "trilobyte/codec/internal/simd"

func kernelsOf(simd.Path) kernels { return kernels{} }

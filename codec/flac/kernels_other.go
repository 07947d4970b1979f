//go:build !amd64

package flac

import "trilobyte/codec/internal/simd"

func kernelsOf(simd.Path) kernels { return kernels{} }

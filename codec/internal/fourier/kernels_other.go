//go:build !amd64

package fourier

import "trilobyte/codec/internal/simd"

func kernelsOf(simd.Path) []kernel { return nil }

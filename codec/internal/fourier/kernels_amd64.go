package fourier

import "trilobyte/codec/internal/simd"

//go:generate go run -C ../simd/asm . -for fourier -path avx2 -pkg fourier -out ../../fourier/avx2_amd64.s -stubs ../../fourier/avx2_amd64.go
//go:generate go run -C ../simd/asm . -for fourier -path avx512 -pkg fourier -out ../../fourier/avx512_amd64.s -stubs ../../fourier/avx512_amd64.go

func kernelsOf(p simd.Path) []kernel {
	narrow := kernel{4, forwardTwiceAVX2, inverseTwiceAVX2}
	switch p {
	case simd.AVX2:
		return []kernel{narrow}
	case simd.AVX512:
		return []kernel{{8, forwardTwiceAVX512, inverseTwiceAVX512}, narrow}
	}
	return nil
}

package rangecoder

import (
	"testing"
	"unsafe"
)

// The kernels of package symbol are generated for this layout (codec/internal/simd/asm/tree.go).
func TestDecoderLayout(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("there are no such kernels here")
	}
	var d Decoder
	got := [...]uintptr{unsafe.Offsetof(d.code), unsafe.Offsetof(d.span), unsafe.Offsetof(d.in), unsafe.Offsetof(d.next)}
	if want := [...]uintptr{0, 4, 8, 32}; got != want {
		t.Errorf("the fields are at %v, kernels expect %v", got, want)
	}
}

func TestSymbolDecoderLayout(t *testing.T) {
	if unsafe.Sizeof(uintptr(0)) != 8 {
		t.Skip("there are no such kernels here")
	}
	var d SymbolDecoder
	got := [...]uintptr{unsafe.Offsetof(d.code), unsafe.Offsetof(d.span), unsafe.Offsetof(d.in), unsafe.Offsetof(d.next)}
	if want := [...]uintptr{0, 8, 16, 40}; got != want {
		t.Errorf("the fields are at %v, kernels expect %v", got, want)
	}
}

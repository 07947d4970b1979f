package cacheline_test

import (
	"testing"
	"unsafe"

	"trilobyte/codec/internal/cacheline"
)

// TestLinesAreApart allocates small objects of many sizes in turns and makes sure that none reaches into another's line.
func TestLinesAreApart(t *testing.T) {
	const line = 64
	owner := map[uintptr]int{}
	keep := []any{}
	count := 0
	check := func(p unsafe.Pointer, bytes uintptr, object any) {
		keep = append(keep, object)
		count++
		for at := uintptr(p) / line; at <= (uintptr(p)+bytes-1)/line; at++ {
			if other, taken := owner[at]; taken {
				t.Fatalf("object %d of %d bytes shares a line with object %d", count, bytes, other)
			}
			owner[at] = count
		}
	}
	for range 200 {
		words := cacheline.Make[uint64](5)
		check(unsafe.Pointer(&words[0]), 40, words)
		odd := cacheline.Make[[3]byte](33)
		check(unsafe.Pointer(&odd[0]), 99, odd)
		pointers := cacheline.New[[29]*int]()
		check(unsafe.Pointer(pointers), 29*8, pointers)
		large := cacheline.New[[101]*int]()
		check(unsafe.Pointer(large), 101*8, large)
		if len(words) != 5 || len(odd) != 33 || words[4] != 0 {
			t.Fatal("not what was asked for")
		}
	}
}

package recipe

import (
	"encoding/binary"
	"math/bits"
)

// A bitReader reads bits from memory, most significant first. Beyond the end it
// reads zeros and says that it was short.
type bitReader struct {
	data  []byte
	next  int    // data[next:] has not been counted into cache yet
	cache uint64 // the bits to come from the top; below the count come some of those of data[next:]
	count int    // bits in cache that count
	short bool   // more was read than there is
}

func newBitReader(data []byte) bitReader { return bitReader{data: data} }

// fill has at least 56 bits in the cache, or all that are left.
func (r *bitReader) fill() {
	if len(r.data)-r.next >= 8 {
		r.cache |= binary.BigEndian.Uint64(r.data[r.next:]) >> r.count
		r.next += (63 - r.count) >> 3
		r.count |= 56
		return
	}
	for r.count <= 56 && r.next < len(r.data) {
		r.cache |= uint64(r.data[r.next]) << (56 - r.count)
		r.next++
		r.count += 8
	}
}

// read reads n bits, 0 to 56, as an unsigned number.
func (r *bitReader) read(n int) uint64 {
	if r.count < n {
		r.fill()
		if r.count < n {
			r.short, r.cache, r.count = true, 0, 0
			return 0
		}
	}
	v := r.cache >> (64 - n)
	r.cache <<= n
	r.count -= n
	return v
}

// signed reads n bits, 1 to 56, as a number in two's complement.
func (r *bitReader) signed(n int) int64 {
	return int64(r.read(n)<<(64-n)) >> (64 - n)
}

// unary reads zeros and the one behind them, and returns the number of zeros.
func (r *bitReader) unary() uint64 {
	total := 0
	for {
		if n := bits.LeadingZeros64(r.cache); n < r.count {
			r.cache <<= n + 1
			r.count -= n + 1
			return uint64(total + n)
		}
		total += r.count
		r.cache, r.count = 0, 0
		r.fill()
		if r.count == 0 {
			r.short = true
			return 0
		}
	}
}

// align goes on to the next whole byte. It reports whether the bits that it
// left out are all zero.
func (r *bitReader) align() bool { return r.read(r.count%8) == 0 }

// position returns the number of bytes that were read, the last one perhaps in part.
func (r *bitReader) position() int { return r.next - r.count/8 }

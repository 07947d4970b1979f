package float

import (
	"testing"

	"trilobyte/codec/internal/entropy/adaptive"
	"trilobyte/codec/internal/entropy/rangecoder"
)

// A forged remainder that would come to a sample if the sum were taken modulo 2^64.
func TestRemaindersOfShortFloatsDoNotWrap(t *testing.T) {
	s := powerOfTwo(single, -20)
	for _, negative := range []bool{false, true} {
		e := rangecoder.NewEncoder(nil)
		c, m := adaptive.NewEncoder(e, remainderMemory), newRemainderModel(s)
		c.Tree(m.class[:], 64)
		c.Flag(&m.negative, negative)
		c.Digits(m.digits[:], 63, 1<<63-1)
		forged := e.Finish()

		c, m = adaptive.NewDecoder(rangecoder.NewDecoder(forged), remainderMemory), newRemainderModel(s)
		for _, n := range []int32{0, 5, -5} {
			if sample, ok := s.join(s.at(n), m.codeFar(c, remainder{})); ok {
				t.Errorf("negative %t: from %d to %#x", negative, n, sample)
			}
			c, m = adaptive.NewDecoder(rangecoder.NewDecoder(forged), remainderMemory), newRemainderModel(s)
		}
	}
}

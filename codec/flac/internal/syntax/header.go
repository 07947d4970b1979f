// Package syntax holds what RFC 9639 fixes about FLAC's frames and both the
// encoder and the recipe need: the codes of frame headers, and the checksums.
package syntax

// BlockSizeCode returns the 4-bit code of a block size, and the number of bytes
// that follow in the header to state the size (RFC 9639, section 9.1.1).
func BlockSizeCode(length int) (code uint64, extraBytes int) {
	if length == 192 {
		return 1, 0
	}
	for code := range uint64(4) {
		if length == 576<<code {
			return 2 + code, 0
		}
	}
	for code := range uint64(8) {
		if length == 256<<code {
			return 8 + code, 0
		}
	}
	if length <= 256 {
		return 6, 1
	}
	return 7, 2
}

// sampleRates are the rates in Hz with a code of their own, in the codes' order
// from 1 on (RFC 9639, section 9.1.2).
var sampleRates = [...]uint32{88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}

// SampleRateCode returns the 4-bit code of a sample rate, and the value that
// follows in the header with its number of bytes. Code 0 refers to STREAMINFO.
func SampleRateCode(rate uint32) (code uint64, value uint32, extraBytes int) {
	for i, r := range sampleRates {
		if rate == r {
			return uint64(i + 1), 0, 0
		}
	}
	switch {
	case rate%1000 == 0 && rate <= 255_000:
		return 12, rate / 1000, 1
	case rate%10 == 0 && rate <= 655_350:
		return 14, rate / 10, 2
	case rate <= 65_535:
		return 13, rate, 2
	}
	return 0, 0, 0
}

// BitsCode returns the 3-bit code of a sample width. Code 0 refers to
// STREAMINFO (RFC 9639, section 9.1.4).
func BitsCode(sampleBits int) uint64 {
	switch sampleBits {
	case 8:
		return 1
	case 12:
		return 2
	case 16:
		return 4
	case 20:
		return 5
	case 24:
		return 6
	case 32:
		return 7
	}
	return 0
}

// AppendNumber appends a number below 2^36 in the manner of UTF-8, extended to
// seven bytes (RFC 9639, section 9.1.5).
func AppendNumber(b []byte, number uint64) []byte {
	if number < 0x80 {
		return append(b, byte(number))
	}
	following := 1 // each following byte holds 6 bits, the first one 6-following
	for number>>(6*following+6-following) != 0 {
		following++
	}
	b = append(b, byte(0xFF<<(7-following))|byte(number>>(6*following)))
	for following > 0 {
		following--
		b = append(b, 0x80|byte(number>>(6*following)&0x3F))
	}
	return b
}

// AppendBigEndian appends the low n bytes of value, most significant first.
func AppendBigEndian(b []byte, value uint32, n int) []byte {
	for n > 0 {
		n--
		b = append(b, byte(value>>(8*n)))
	}
	return b
}

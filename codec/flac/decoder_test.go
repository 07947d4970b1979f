package flac_test

import (
	"bytes"
	"crypto/md5"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"trilobyte/codec/flac"
)

// A decoder is the oracle of these tests: FLAC read in the plainest way that
// RFC 9639 describes it, for all widths. (mewkiz/flac, which the tests ask too,
// knows only 8, 12, 16, 20 and 24 bits.)
type decoder struct {
	data   []byte
	at     int // position in bits
	format flac.Format
}

var errDamaged = errors.New("not a FLAC stream")

// bits reads n bits, up to 64.
func (d *decoder) bits(n int) uint64 {
	v := uint64(0)
	for range n {
		if d.at/8 >= len(d.data) {
			panic(errDamaged)
		}
		v = v<<1 | uint64(d.data[d.at/8]>>(7-d.at%8)&1)
		d.at++
	}
	return v
}

// signed reads a number of n bits in two's complement.
func (d *decoder) signed(n int) int64 {
	if n == 0 {
		return 0
	}
	return int64(d.bits(n)<<(64-n)) >> (64 - n)
}

// unary counts the zeros before the next one, which it takes too.
func (d *decoder) unary() int {
	n := 0
	for d.bits(1) == 0 {
		n++
	}
	return n
}

func (d *decoder) expect(ok bool, what string) {
	if !ok {
		panic(fmt.Errorf("%w: %s at byte %d", errDamaged, what, d.at/8))
	}
}

// decode reads a stream whole, and checks all that the stream says of itself.
func decode(data []byte) (format flac.Format, samples [][]int32, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = r.(error)
		}
	}()
	d := &decoder{data: data, at: 8 * len("fLaC")}
	last := d.bits(1)
	d.expect(d.bits(7) == 0 && d.bits(24) == 34, "STREAMINFO first")
	minBlock, maxBlock := d.bits(16), d.bits(16)
	d.expect(minBlock == flac.BlockSize && maxBlock == flac.BlockSize, "block size")
	smallest, largest := int(d.bits(24)), int(d.bits(24))
	d.format = flac.Format{SampleRate: uint32(d.bits(20)), Channels: int(d.bits(3)) + 1, Bits: int(d.bits(5)) + 1}
	total := int(d.bits(36))
	sum := d.data[d.at/8:][:md5.Size]
	d.at += 8 * md5.Size
	for last == 0 {
		last = d.bits(1)
		d.bits(7)
		d.at += 8 * int(d.bits(24))
	}
	samples = make([][]int32, d.format.Channels)
	for number := 0; d.at < 8*len(data); number++ {
		start := d.at / 8
		block := d.frame(number)
		d.expect(len(samples[0])+len(block[0]) == total || len(block[0]) == flac.BlockSize, "short block within the stream")
		for c := range samples {
			samples[c] = append(samples[c], block[c]...)
		}
		size := d.at/8 - start
		d.expect(size >= smallest && size <= largest, "frame size outside the range of STREAMINFO")
	}
	d.expect(len(samples[0]) == total, "number of samples")
	d.expect(bytes.Equal(sum, md5Sum(samples, d.format.Bits)), "MD5")
	return d.format, samples, nil
}

// md5Sum returns the MD5 of interleaved little-endian samples in whole bytes.
func md5Sum(samples [][]int32, sampleBits int) []byte {
	h := md5.New()
	for i := range samples[0] {
		for _, channel := range samples {
			word := binary.LittleEndian.AppendUint32(nil, uint32(channel[i]))
			h.Write(word[:(sampleBits+7)/8])
		}
	}
	return h.Sum(nil)
}

func (d *decoder) frame(number int) [][]int32 {
	start := d.at / 8
	d.expect(d.bits(16) == 0xFFF8, "sync code")
	sizeCode, rateCode := d.bits(4), d.bits(4)
	assignment := int(d.bits(4))
	widthCode := d.bits(3)
	d.expect(d.bits(1) == 0, "reserved bit")
	d.expect(d.codedNumber() == number, "frame number")
	length := d.blockSize(sizeCode)
	d.expect(d.sampleRate(rateCode) == d.format.SampleRate, "sample rate")
	width, known := map[uint64]int{0: d.format.Bits, 1: 8, 2: 12, 4: 16, 5: 20, 6: 24, 7: 32}[widthCode]
	d.expect(known && width == d.format.Bits, "bits per sample")
	header := d.data[start : d.at/8]
	d.expect(d.bits(8) == checksum(header, 0x07, 8), "CRC-8")

	wide := make([][]int64, d.format.Channels)
	for c := range wide {
		w := width
		if assignment == 8 && c == 1 || assignment == 9 && c == 0 || assignment == 10 && c == 1 {
			w++
		}
		wide[c] = d.subframe(length, w)
	}
	d.at = (d.at + 7) / 8 * 8
	body := d.data[start : d.at/8]
	d.expect(d.bits(16) == checksum(body, 0x8005, 16), "CRC-16")
	d.correlate(wide, assignment)
	block := make([][]int32, len(wide))
	for c, channel := range wide {
		for _, x := range channel {
			d.expect(x == x<<(64-width)>>(64-width), "sample out of range")
			block[c] = append(block[c], int32(x))
		}
	}
	return block
}

// correlate undoes the decorrelation of stereo.
func (d *decoder) correlate(wide [][]int64, assignment int) {
	switch {
	case assignment < 8:
		d.expect(assignment == d.format.Channels-1, "number of channels")
		return
	case assignment > 10 || d.format.Channels != 2:
		d.expect(false, "channel assignment")
	}
	for i := range wide[0] {
		first, second := &wide[0][i], &wide[1][i]
		switch assignment {
		case 8:
			*second = *first - *second
		case 9:
			*first += *second
		case 10:
			mid := *first<<1 | *second&1
			*first, *second = (mid+*second)>>1, (mid-*second)>>1
		}
	}
}

// checksum returns the CRC of the given width, bit by bit.
func checksum(data []byte, polynomial uint64, width int) uint64 {
	crc := uint64(0)
	for _, b := range data {
		crc ^= uint64(b) << (width - 8)
		for range 8 {
			crc <<= 1
			if crc>>width != 0 {
				crc ^= 1<<width | polynomial
			}
		}
	}
	return crc
}

// codedNumber reads a number coded in the manner of UTF-8.
func (d *decoder) codedNumber() int {
	first := byte(d.bits(8))
	ones := bits.LeadingZeros8(^first)
	if ones == 0 {
		return int(first)
	}
	number := int(first) & (1<<(7-ones) - 1)
	for range ones - 1 {
		d.expect(d.bits(2) == 2, "following byte of a number")
		number = number<<6 | int(d.bits(6))
	}
	return number
}

func (d *decoder) blockSize(code uint64) int {
	switch {
	case code == 1:
		return 192
	case code >= 2 && code <= 5:
		return 144 << code
	case code == 6:
		return int(d.bits(8)) + 1
	case code == 7:
		return int(d.bits(16)) + 1
	case code >= 8:
		return 1 << code
	}
	panic(errDamaged)
}

func (d *decoder) sampleRate(code uint64) uint32 {
	switch code {
	case 0:
		return d.format.SampleRate
	case 12:
		return uint32(d.bits(8)) * 1000
	case 13:
		return uint32(d.bits(16))
	case 14:
		return uint32(d.bits(16)) * 10
	case 15:
		panic(errDamaged)
	}
	return [...]uint32{88200, 176400, 192000, 8000, 16000, 22050, 24000, 32000, 44100, 48000, 96000}[code-1]
}

func (d *decoder) subframe(length, width int) []int64 {
	d.expect(d.bits(1) == 0, "reserved bit")
	kind := int(d.bits(6))
	wasted := 0
	if d.bits(1) == 1 {
		wasted = d.unary() + 1
	}
	width -= wasted
	x := make([]int64, length)
	switch {
	case kind == 0:
		x[0] = d.signed(width)
		for i := range x {
			x[i] = x[0]
		}
	case kind == 1:
		for i := range x {
			x[i] = d.signed(width)
		}
	case kind >= 8 && kind <= 12:
		coefficients := [][]int64{{}, {1}, {2, -1}, {3, -3, 1}, {4, -6, 4, -1}}[kind-8]
		for i := range coefficients {
			x[i] = d.signed(width)
		}
		d.residual(x, coefficients, 0)
	case kind >= 32:
		coefficients := make([]int64, kind-31)
		for i := range coefficients {
			x[i] = d.signed(width)
		}
		precision := int(d.bits(4)) + 1
		shift := d.signed(5)
		d.expect(precision < 16 && shift >= 0, "precision and shift")
		for i := range coefficients {
			coefficients[i] = d.signed(precision)
		}
		d.residual(x, coefficients, int(shift))
	default:
		d.expect(false, "subframe type")
	}
	for i := range x {
		x[i] <<= wasted
	}
	return x
}

// residual reads the residual, and adds it to what the samples before predict.
func (d *decoder) residual(x, coefficients []int64, shift int) {
	method := d.bits(2)
	d.expect(method < 2, "coding method")
	parameterBits := 4 + int(method)
	partitions := 1 << d.bits(4)
	size := len(x) / partitions
	d.expect(size*partitions == len(x) && (size > len(coefficients) || partitions == 1), "partition order")
	i := len(coefficients)
	for p := range partitions {
		parameter := int(d.bits(parameterBits))
		raw := -1
		if parameter == 1<<parameterBits-1 {
			raw = int(d.bits(5))
		}
		for ; i < (p+1)*size; i++ {
			var r int64
			if raw >= 0 {
				r = d.signed(raw)
			} else {
				folded := uint64(d.unary())<<parameter | d.bits(parameter)
				r = int64(folded>>1) ^ -int64(folded&1)
			}
			d.expect(r > -1<<31 && r < 1<<31, "residual out of range")
			sum := int64(0)
			for j, c := range coefficients {
				sum += c * x[i-1-j]
			}
			x[i] = r + sum>>shift
		}
	}
}

package flac

import "math/bits"

// maxPartitionOrder is the largest binary logarithm of the number of Rice
// partitions of a residual. (The format allows 15; more than 6 gains nothing.)
const maxPartitionOrder = 6

const maxPartitions = 1 << maxPartitionOrder

// rice is the coding of a residual in partitions, each with its own Rice
// parameter or its samples uncoded (RFC 9639, section 9.2.7).
type rice struct {
	order      int                  // binary logarithm of the number of partitions
	parameters [maxPartitions]uint8 // of each partition
	escaped    [maxPartitions]bool  // the partition is not Rice coded:
	raw        [maxPartitions]uint8 // bits per sample of an escaped partition, 0 to 31
}

// maxRiceParameter returns the largest Rice parameter that a stream of the
// given width uses. As in libFLAC, streams up to 16 bits stay with the 4-bit
// parameters that the oldest decoders know.
func maxRiceParameter(streamBits int) int {
	if streamBits > 16 {
		return 30
	}
	return minMethod1Parameter - 1
}

// finestPartitions returns the binary logarithm of the largest number of equal
// partitions that a block of the given length is divided into.
func finestPartitions(length int) int {
	return min(maxPartitionOrder, bits.TrailingZeros(uint(length)))
}

// riceParameter returns the smallest k with count<<k >= sum: about the binary
// logarithm of the mean of count absolute residuals that add up to sum.
func riceParameter(sum, count uint64, largest int) int {
	if sum <= count {
		return 0
	}
	k := bits.Len64(sum) - bits.Len64(count)
	if count<<k < sum {
		k++
	}
	return min(k, largest)
}

// estimateRice returns the partition order with the fewest bits for a residual
// and an estimate of these bits, from the sums of the absolute residuals over
// the finest partitions. It merges the sums in place, from order to order.
//
// The estimate is libFLAC's: the bits above the parameter are taken from the
// sum, less half a bit a sample for the bits that the shift drops.
func estimateRice(sums []uint64, length, predictorOrder, largest int) (order int, total int64) {
	total = -1
	for o := finestPartitions(length); o >= 0; o-- {
		if size := length >> o; size > predictorOrder {
			n := estimatePartitions(sums[:1<<o], size, predictorOrder, largest)
			if total < 0 || n < total {
				order, total = o, n
			}
		}
		mergePairs(sums[:1<<o])
	}
	return order, total
}

// estimatePartitions returns the estimated bits of a residual in partitions of
// the given size with the given sums.
func estimatePartitions(sums []uint64, size, predictorOrder, largest int) int64 {
	total := uint64(riceHeaderBits)
	count := uint64(size - predictorOrder)
	for _, sum := range sums {
		k := riceParameter(sum, count, largest)
		total += 4 + uint64(1+k)*count + sum<<1>>k - count>>1
		count = uint64(size)
	}
	return int64(total)
}

// mergePairs adds up neighbours, leaving the results in the first half.
func mergePairs(sums []uint64) {
	for i := range len(sums) / 2 {
		sums[i] = sums[2*i] + sums[2*i+1]
	}
}

// settle chooses the exactly best parameter, or an escape code, for each
// partition of the residual, whose first predictorOrder values do not count.
// It returns the exact size of the coded residual in bits.
func (r *rice) settle(residual []int64, predictorOrder, largest int) int64 {
	size := len(residual) >> r.order
	partitions := 1 << r.order
	total := int64(riceHeaderBits)
	start := predictorOrder
	for p := range partitions {
		end := (p + 1) * size
		k, bits := bestParameter(residual[start:end], largest)
		r.parameters[p] = uint8(k)
		width := signedWidth(residual[start:end])
		escape := escapeLengthBits + int64(width*(end-start))
		r.escaped[p] = escape < bits && width < 32
		r.raw[p] = uint8(width)
		if r.escaped[p] {
			bits = escape
		}
		total += bits
		start = end
	}
	return total + int64(partitions*r.parameterBits())
}

// parameterBits returns the width of each stored parameter: 4 for coding
// method 0, or 5 for method 1, which large parameters need.
func (r *rice) parameterBits() int {
	for p := range 1 << r.order {
		if !r.escaped[p] && r.parameters[p] >= minMethod1Parameter {
			return 5
		}
	}
	return 4
}

// bestParameter returns the best of the three Rice parameters around the one
// that the mean suggests, and the size of the values coded with it in bits.
func bestParameter(values []int64, largest int) (parameter int, size int64) {
	sum := uint64(0)
	for _, v := range values {
		sum += absolute(v)
	}
	middle := max(1, riceParameter(sum, uint64(len(values)), largest-1))
	var high [3]uint64 // sums of the values' upper parts for middle-1, middle, middle+1
	for _, v := range values {
		folded := fold(v) >> (middle - 1)
		high[0] += folded
		high[1] += folded >> 1
		high[2] += folded >> 2
	}
	size = -1
	for i, h := range high {
		k := middle - 1 + i
		n := int64(len(values)*(1+k)) + int64(h)
		if size < 0 || n < size {
			parameter, size = k, n
		}
	}
	return parameter, size
}

// signedWidth returns the number of bits that hold each value in two's
// complement; 0 if all are zero.
func signedWidth(values []int64) int {
	used, any := uint64(0), int64(0)
	for _, v := range values {
		used |= uint64(v ^ v>>63)
		any |= v
	}
	if any == 0 {
		return 0
	}
	return bits.Len64(used) + 1
}

// fold maps 0, -1, 1, -2, 2, ... to 0, 1, 2, 3, 4, ...
func fold(v int64) uint64 {
	return uint64(v<<1 ^ v>>63)
}

// absolute returns |v|.
func absolute(v int64) uint64 {
	sign := v >> 63
	return uint64((v ^ sign) - sign)
}

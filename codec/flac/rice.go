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
	high       [3]uint64            // buffer of best
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
	k := max(0, bits.Len64(sum)-bits.Len64(count))
	k += int((count<<k - sum) >> 63) // one more if that is negative, without a jump that processors would guess wrong
	return min(k, largest)
}

// estimateRice returns the partition order with the fewest bits for a residual
// and an estimate of these bits, from the sums of the absolute residuals over
// the finest partitions. Where the bits are sure to be no fewer than limit, they
// may be those of any order. It merges the sums in place, from order to order.
//
// The estimate is libFLAC's: the bits above the parameter are taken from the
// sum, less half a bit a sample for the bits that the shift drops.
func estimateRice(sums []uint64, length, predictorOrder, largest int, limit int64) (order int, total int64) {
	total = -1
	for o := finestPartitions(length); o >= 0; o-- {
		if size := length >> o; size > predictorOrder {
			n := estimatePartitions(sums[:1<<o], size, predictorOrder, largest)
			if total < 0 && n-int64((partitionBits+1)<<o) >= limit {
				return o, n // see estimatePartition; one is for rounding
			}
			if total < 0 || n < total {
				order, total = o, n
			}
		}
		mergePairs(sums[:1<<o])
	}
	return order, total
}

// partitionBits is the size of each partition's parameter in estimates.
const partitionBits = 4

// estimatePartitions returns the estimated bits of a residual in partitions of
// the given size with the given sums.
func estimatePartitions(sums []uint64, size, predictorOrder, largest int) int64 {
	total := uint64(riceHeaderBits)
	count := uint64(size - predictorOrder)
	for _, sum := range sums {
		total += estimatePartition(sum, count, largest)
		count = uint64(size)
	}
	return int64(total)
}

// estimatePartition returns the estimated bits of a partition of count samples.
//
// Without partitionBits and rounding, a sample takes k + 1/2 + 2m/2^k bits, where
// m is the mean and k its parameter. That is concave in m: k goes up where both
// parameters give the same. So partitions together take no fewer bits than each
// by itself, but for their partitionBits.
func estimatePartition(sum, count uint64, largest int) uint64 {
	k := riceParameter(sum, count, largest)
	return partitionBits + uint64(1+k)*count + sum<<1>>k - count>>1
}

// fineEstimate has buffers for a kernel that estimates the bits of the residual
// of a full block in its finest partitions, and in all that are made of up to 8
// of those.
type fineEstimate struct {
	rows   [maxPartitions]uint64 // sums of the finest partitions, in columns of 8
	totals [4]uint64             // from the finest partitions on
}

// estimate does the work of estimateRice for full blocks, if there is a kernel
// that can. It does not change the sums.
func (f *fineEstimate) estimate(sums []uint64, predictorOrder, largest int, limit int64) (order int, total int64, ok bool) {
	all := uint64(0)
	for i, sum := range sums {
		f.rows[i%8*8+i/8] = sum
		all += sum
	}
	if all >= 1<<31 { // the kernel's numbers have a sign
		return 0, 0, false
	}
	active.estimateFine(&f.rows[0], largest, &f.totals[0])
	first, merged := sums[0], 1
	total = -1
	for i, n := range f.totals {
		o := maxPartitionOrder - i
		for ; merged < 1<<i; merged++ {
			first += sums[merged]
		}
		size := uint64(BlockSize >> o)
		n += riceHeaderBits + (partitionBits+size-size/2)<<o
		// The first partition is shorter than the kernel takes it for.
		n += estimatePartition(first, size-uint64(predictorOrder), largest) - estimatePartition(first, size, largest)
		if i == 0 && int64(n-(partitionBits+1)<<o) >= limit {
			return o, int64(n), true
		}
		if total < 0 || int64(n) < total {
			order, total = o, int64(n)
		}
	}
	rest := f.rows[:8]
	for o := maxPartitionOrder - len(f.totals); o >= 0; o-- {
		mergePairs(rest)
		rest = rest[:1<<o]
		if n := estimatePartitions(rest, BlockSize>>o, predictorOrder, largest); n < total {
			order, total = o, n
		}
	}
	return order, total, true
}

// mergePairs adds up neighbours, leaving the results in the first half.
func mergePairs(sums []uint64) {
	for i := range len(sums) / 2 {
		sums[i] = sums[2*i] + sums[2*i+1]
	}
}

// settle chooses the exactly best parameter, or an escape code, for each
// partition of the residual, whose first predictorOrder values are zeros that do
// not count; sums are those of the absolute values of each. It returns the exact
// size of the coded residual in bits.
func (r *rice) settle(residual []int32, sums []uint64, predictorOrder, largest int) int64 {
	size := len(residual) / len(sums)
	total := int64(riceHeaderBits)
	count := size - predictorOrder
	for p, sum := range sums {
		k, bits, width := r.best(residual[p*size:(p+1)*size], sum, count, largest)
		r.parameters[p] = uint8(k)
		escape := escapeLengthBits + int64(width*count)
		r.escaped[p] = escape < bits && width < 32
		r.raw[p] = uint8(width)
		if r.escaped[p] {
			bits = escape
		}
		total += bits
		count = size
	}
	return total + int64(len(sums)*r.parameterBits())
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

// best returns the best of the three Rice parameters around the one
// that the mean suggests, the size of the values coded with it in bits, and the
// number of bits that hold each value in two's complement. So many of the values
// count, and the others are zeros; sum is that of their absolute values.
func (r *rice) best(values []int32, sum uint64, count, largest int) (parameter int, size int64, width int) {
	middle := max(1, riceParameter(sum, uint64(count), largest-1))
	used := r.sum(values, sum, middle-1)
	size = -1
	for i, h := range r.high {
		k := middle - 1 + i
		n := int64(count*(1+k)) + int64(h)
		if size < 0 || n < size {
			parameter, size = k, n
		}
	}
	return parameter, size, bits.Len64(used)
}

// sum sets r.high to the sums of the folded values shifted right by shift and by
// one and two bits more, and returns all folded values combined by "or". sum
// is that of the absolute values.
func (r *rice) sum(values []int32, sum uint64, shift int) (used uint64) {
	// Twice that is the most that the values fold to, and kernels add 32 bits up.
	if active.sumRice != nil && len(values)%kernelPartition == 0 && sum<<1>>shift < 1<<32 {
		return active.sumRice(&values[0], shift, &r.high[0], len(values)/kernelPartition)
	}
	r.high = [3]uint64{}
	for _, v := range values {
		folded := fold(int64(v))
		used |= folded
		r.high[0] += folded >> shift
		r.high[1] += folded >> shift >> 1
		r.high[2] += folded >> shift >> 2
	}
	return used
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

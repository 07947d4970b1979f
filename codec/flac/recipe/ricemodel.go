package recipe

import "math/bits"

// A riceModel holds what was learnt of how residuals are divided and coded.
type riceModel struct {
	largestOrder   int // of all partition orders so far
	likely         chance
	partitionOrder [16]chance
	method         [3]chance // by whether the parameters need it, and by the samples' width
	parameter      [2][2 * levels]differences
	escaped        bool // the partition before was
	escapedNext    [2]chance
	asNarrow       chance
	width          [32]chance
}

// levels is how finely the position of a mean between two powers of two counts.
const levels = 17

// Parameters of 4 bits go up to 14, those of 5 bits to 30 (RFC 9639, section
// 9.2.7). Encoders keep to the former for samples up to 16 bits, because the
// oldest decoders know no others.
const (
	largestShort  = 14
	largestLong   = 30
	maxPartitions = 15 // binary logarithm
)

// describeRice codes how a residual is coded. Encoders derive the parameters
// from the mean of each partition; what is coded is where they differ from it.
func (d *describer) describeRice(r *rice, residual []int64, order int) error {
	m := &d.model.rice
	limit := largestShort
	if d.format.Bits > 16 {
		limit = largestLong
	}
	likely := d.likelyPartitionOrder(residual, order, limit)
	partitionOrder := r.partitionOrder
	if d.Expect(&m.likely, partitionOrder == likely) {
		partitionOrder = likely
	} else {
		partitionOrder = d.Tree(m.partitionOrder[:], partitionOrder)
	}
	if !divides(len(residual), partitionOrder, order) {
		return errRecipe
	}
	m.largestOrder = max(m.largestOrder, partitionOrder)
	if d.Decodes() {
		r.reset(partitionOrder)
	}

	sums := d.partitionSums(residual, partitionOrder, order)
	context := 0
	if d.format.Bits > 16 {
		context = 1
		for i, sum := range sums {
			start, end := r.span(i, len(residual), order)
			if riceParameter(sum, uint64(end-start), limit) > largestShort {
				context = 2
			}
		}
	}
	if d.Flag(&m.method[context], r.parameterBits == 5) {
		r.parameterBits = 5
		limit = largestLong
	} else {
		r.parameterBits = 4
		limit = largestShort
	}
	for i := range r.partitions {
		start, end := r.span(i, len(residual), order)
		d.describePartition(&r.partitions[i], residual[start:end], sums[i], limit)
	}
	return nil
}

// describePartition codes the parameter of a partition whose values have the
// given sum. limit is the largest parameter.
func (d *describer) describePartition(p *partition, values []int64, sum uint64, limit int) {
	m := &d.model.rice
	likely := riceParameter(sum, uint64(len(values)), limit)
	state := 0
	if m.escaped {
		state = 1
	}
	known := &m.parameter[state][level(sum, uint64(len(values)), likely)]
	if d.Expect(&known.zero, !p.escaped && int(p.value) == likely) {
		p.escaped, p.value = false, uint8(likely)
		m.escaped = false
		return
	}
	m.escaped = !d.Expect(&m.escapedNext[state], !p.escaped)
	p.escaped = m.escaped
	if !p.escaped {
		value := likely + d.unequal(known, int(p.value)-likely)
		p.value = uint8(min(max(value, 0), limit))
		return
	}
	width := min(signedWidth(values), 31)
	if d.Expect(&m.asNarrow, int(p.value) == width) {
		p.value = uint8(width)
	} else {
		p.value = uint8(d.Tree(m.width[:], int(p.value)))
	}
}

// level says where between two powers of two the mean of a partition lies, on
// which it depends whether encoders round up or down.
func level(sum, count uint64, parameter int) int {
	if count == 0 {
		return 0
	}
	if parameter == 0 {
		return int(min(sum*(levels-1)/count, levels-1))
	}
	half := count << (parameter - 1)
	return levels + int(min((max(sum, half)-half)*(levels-1)/half, levels-1))
}

// riceParameter returns the smallest k with count<<k >= sum, which is about the
// binary logarithm of the mean of count absolute residuals, as libFLAC has it.
func riceParameter(sum, count uint64, largest int) int {
	if sum <= count {
		return 0
	}
	k := bits.Len64(sum) - bits.Len64(max(count, 1))
	if count<<k < sum {
		k++
	}
	return min(k, largest)
}

// partitionSums returns the sums of the absolute values of a residual over its
// partitions.
func (d *describer) partitionSums(residual []int64, partitionOrder, order int) []uint64 {
	d.sums = resize(d.sums, 1<<partitionOrder)
	size := len(residual) >> partitionOrder
	start := order
	for i := range d.sums {
		sum := uint64(0)
		for _, v := range residual[start : (i+1)*size] {
			sum += absolute(v)
		}
		d.sums[i] = sum
		start = (i + 1) * size
	}
	return d.sums
}

// likelyPartitionOrder returns the partition order with the fewest bits as
// libFLAC estimates them, up to the largest order so far.
func (d *describer) likelyPartitionOrder(residual []int64, order, limit int) int {
	finest := min(d.model.rice.largestOrder, bits.TrailingZeros(uint(len(residual))))
	for finest > 0 && len(residual)>>finest <= order {
		finest--
	}
	sums := d.partitionSums(residual, finest, order)
	d.scratch = append(d.scratch[:0], sums...)
	sums = d.scratch
	best, least := 0, int64(-1)
	for o := finest; o >= 0; o-- {
		n := estimate(sums, len(residual)>>o, order, limit)
		if least < 0 || n < least {
			best, least = o, n
		}
		sums = sums[:len(sums)/2]
		for i := range sums {
			sums[i] = d.scratch[2*i] + d.scratch[2*i+1]
		}
	}
	return best
}

// estimate returns about how many bits a residual takes in partitions of the
// given size and sums: the bits above a parameter are taken from the sum, less
// half a bit a value for those that the shift drops.
func estimate(sums []uint64, size, order, limit int) int64 {
	total := uint64(0)
	count := uint64(size - order)
	for _, sum := range sums {
		k := riceParameter(sum, count, limit)
		total += 4 + uint64(1+k)*count + sum<<1>>k - count>>1
		count = uint64(size)
	}
	return int64(total)
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

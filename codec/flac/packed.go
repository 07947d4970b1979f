package flac

// packed has the samples of a signal as kernels take them. They take full
// blocks only, whose finest partitions have kernelPartition samples.
type packed struct {
	words  []int32              // zeros, as many as packedZeros, then the samples
	halves []int16              // the same
	width  int                  // bits that hold each sample
	pairs  [maxOrder / 2]uint32 // buffer of sumResidual
}

const (
	packedZeros     = 16 // at least maxOrder: what is before the first sample
	kernelPartition = BlockSize / maxPartitions
)

// Bits that hold samples of which kernels may be given the words, and the
// halves; of which sumFixed's sums fit in its lanes, which have 32 bits for 8
// values of 4 bits more.
const (
	wordBits      = 32
	halfBits      = 16
	fixedWordBits = 25
)

// load takes over samples.
func (p *packed) load(samples []int64) {
	p.width = wordBits + 1
	if active.sumWords == nil || len(samples) != BlockSize {
		return
	}
	if p.words == nil {
		p.words = make([]int32, packedZeros+BlockSize)
		p.halves = make([]int16, packedZeros+BlockSize)
	}
	words, halves := p.words[packedZeros:][:len(samples)], p.halves[packedZeros:][:len(samples)]
	used := int64(0)
	for i, x := range samples {
		words[i] = int32(x)
		halves[i] = int16(x)
		used |= x ^ x>>63
	}
	p.width = lenSigned(uint64(used))
}

// sumPacked does the work of predictor.sumResidual if there is a kernel that
// can.
func (s *signal) sumPacked(p *predictor, sums *partitionSums) bool {
	switch {
	case s.packed.width <= halfBits && p.narrow(halfBits) && p.largest(halfBits)*kernelPartition < 1<<32:
		pairs := &s.packed.pairs
		for i := range pairs { // the farther sample's coefficient below the nearer one's
			pairs[i] = uint32(uint16(p.coefficients[2*i+1])) | uint32(uint16(p.coefficients[2*i]))<<16
		}
		active.sumHalves(&s.packed.halves[packedZeros], &pairs[0], p.shift, &sums[0], maxPartitions)
	case s.packed.width <= wordBits:
		largest := active.sumWords(&s.packed.words[packedZeros], &p.coefficients[0], p.shift, &sums[0], maxPartitions)
		if largest>>31 != 0 {
			return false // perhaps of the samples that do not count
		}
	default:
		return false
	}
	// The first samples have no residuals. The kernel has predicted them from zeros.
	for i := range p.order {
		sums[0] -= absolute(s.samples[i] - p.predict(s.samples, i))
	}
	return true
}

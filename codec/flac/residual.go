package flac

import "math"

// The sums of absolute residuals decide among predictors, and nearly all of the
// time of an analysis goes into them. So they are added up straight from the
// samples, over the finest Rice partitions, without storing the residuals.

// predict returns the prediction of samples[i] from the samples before it, as if
// zeros were before the first.
func (p *predictor) predict(samples []int64, i int) int64 {
	sum := int64(0)
	for j, c := range p.coefficients[:min(p.order, i)] {
		sum += c * samples[i-1-j]
	}
	return sum >> p.shift
}

// storeResidual sets s.residual to the samples less their predictions by p, from
// p's order on, and to zeros before it.
func (s *signal) storeResidual(p *predictor) {
	s.residual = resize(s.residual, len(s.samples))
	if s.inWords {
		active.storeResidual(&s.packed.words[packedZeros], &p.coefficients[0], p.shift, &s.residual[0], len(s.residual))
	} else {
		p.residual(s.samples, s.residual)
	}
	clear(s.residual[:p.order])
}

// residual sets residual[i] to samples[i] less its prediction, from i = order on.
func (p *predictor) residual(samples []int64, residual []int32) {
	start := min(maxOrder, len(samples))
	for i := p.order; i < start; i++ {
		residual[i] = int32(samples[i] - p.predict(samples, i))
	}
	c := &p.coefficients
	residual = residual[:len(samples)]
	for i := start; i < len(samples); i++ {
		h := (*[maxOrder]int64)(samples[i-maxOrder : i])
		sum := c[0]*h[11] + c[1]*h[10] + c[2]*h[9] + c[3]*h[8] + c[4]*h[7] + c[5]*h[6] +
			c[6]*h[5] + c[7]*h[4] + c[8]*h[3] + c[9]*h[2] + c[10]*h[1] + c[11]*h[0]
		residual[i] = int32(samples[i] - sum>>p.shift)
	}
}

// partitionSums are the sums of absolute residuals over the finest partitions.
type partitionSums [maxPartitions]uint64

// sumResidual adds up the absolute residuals of p over count partitions. It
// returns all of them combined by "or", for their width.
func (p *predictor) sumResidual(samples []int64, sums *partitionSums, count int) (largest uint64) {
	*sums = partitionSums{}
	size := len(samples) / count
	largest = p.sumFirstResiduals(samples, sums, size)
	c := &p.coefficients
	i := maxOrder
	for n := range count {
		sum := uint64(0)
		for end := (n + 1) * size; i < end; i++ {
			h := (*[maxOrder + 1]int64)(samples[i-maxOrder : i+1])
			prediction := c[0]*h[11] + c[1]*h[10] + c[2]*h[9] + c[3]*h[8] + c[4]*h[7] + c[5]*h[6] +
				c[6]*h[5] + c[7]*h[4] + c[8]*h[3] + c[9]*h[2] + c[10]*h[1] + c[11]*h[0]
			r := absolute(h[12] - prediction>>(p.shift&63))
			sum += r
			largest |= r
		}
		sums[n] += sum
	}
	return largest
}

// sumFirstResiduals adds up the absolute residuals of the samples from order up
// to maxOrder, which the loops over whole predictors leave out.
func (p *predictor) sumFirstResiduals(samples []int64, sums *partitionSums, size int) (largest uint64) {
	for i := p.order; i < min(maxOrder, len(samples)); i++ {
		r := absolute(samples[i] - p.predict(samples, i))
		sums[i/size] += r
		largest |= r
	}
	return largest
}

// maxNarrowBits is the width of samples up to which quantise keeps every sum of
// a prediction within an int32.
const maxNarrowBits = 17

// narrow tells whether the sums of p's predictions of samples of the given
// width, and its residuals, are sure to fit in an int32.
func (p *predictor) narrow(sampleBits int) bool {
	return sampleBits <= maxNarrowBits && p.magnitude()<<(sampleBits-1) <= math.MaxInt32 && p.largest(sampleBits) <= math.MaxInt32
}

// largest returns a bound on the absolute residuals of samples of the given
// width.
func (p *predictor) largest(sampleBits int) int64 {
	sample := int64(1) << (sampleBits - 1)
	return p.magnitude()*sample>>p.shift + sample + 1
}

// magnitude returns the sum of the absolute coefficients.
func (p *predictor) magnitude() int64 {
	sum := int64(0)
	for _, c := range p.coefficients {
		sum += int64(absolute(c))
	}
	return sum
}

// sumNarrowResiduals does sumResidual's work for two narrow predictors at once.
// One 64-bit product adds to the sums of both predictions: a's coefficients are
// in the low half of each factor, b's in the high half. The low half of the
// total is a's sum; what is left when it is taken away is b's.
func sumNarrowResiduals(a, b *predictor, samples []int64, sumsA, sumsB *partitionSums, count int) {
	*sumsA, *sumsB = partitionSums{}, partitionSums{}
	size := len(samples) / count
	a.sumFirstResiduals(samples, sumsA, size)
	b.sumFirstResiduals(samples, sumsB, size)
	var c [maxOrder]int64
	for j := range c {
		c[j] = a.coefficients[j] + b.coefficients[j]<<32
	}
	shiftA, shiftB := a.shift, b.shift
	i := maxOrder
	for n := range count {
		sumA, sumB := uint64(0), uint64(0)
		for end := (n + 1) * size; i < end; i++ {
			h := (*[maxOrder + 1]int64)(samples[i-maxOrder : i+1])
			both := c[0]*h[11] + c[1]*h[10] + c[2]*h[9] + c[3]*h[8] + c[4]*h[7] + c[5]*h[6] +
				c[6]*h[5] + c[7]*h[4] + c[8]*h[3] + c[9]*h[2] + c[10]*h[1] + c[11]*h[0]
			low := int64(int32(both))
			high := (both - low) >> 32
			sumA += absolute(h[12] - low>>(shiftA&63))
			sumB += absolute(h[12] - high>>(shiftB&63))
		}
		sumsA[n] += sumA
		sumsB[n] += sumB
	}
}

// fixedResult has the absolute residuals of the fixed predictors of a block.
type fixedResult struct {
	sums     [maxFixedOrder + 1]partitionSums
	largest  [maxFixedOrder + 1]uint64 // all residuals combined by "or"
	count    int                       // partitions
	constant bool                      // all samples are equal
}

// sum does the work of add, by a kernel if there is one that can.
func (f *fixedResult) sum(s *signal) {
	if s.inWords {
		f.addPacked(s)
	} else {
		f.add(s.samples)
	}
}

// addPacked does the work of add by a kernel.
func (f *fixedResult) addPacked(s *signal) {
	*f = fixedResult{count: maxPartitions}
	active.sumFixed(&s.packed.words[packedZeros], &f.sums[0][0], maxPartitions)
	changed := uint64(0)
	for order := range f.sums {
		for i := range order { // the first samples have no residuals
			f.sums[order][0] -= absolute(s.samples[i] - fixedPredictors[order].predict(s.samples, i))
		}
	}
	for _, sum := range f.sums[1] {
		changed |= sum
	}
	f.constant = changed == 0
}

// add adds up the absolute residuals of all fixed predictors, which are
// the differences of orders 0 to 4 of the samples.
func (f *fixedResult) add(samples []int64) {
	*f = fixedResult{count: 1 << finestPartitions(len(samples))}
	size := len(samples) / f.count
	var last [maxFixedOrder + 1]int64
	first := min(maxFixedOrder, len(samples))
	for i, x := range samples[:first] {
		d := x
		for order := range i + 1 {
			f.sums[order][i/size] += absolute(d)
			f.largest[order] |= absolute(d)
			d, last[order] = d-last[order], d
		}
	}
	last0, last1, last2, last3 := last[0], last[1], last[2], last[3]
	i := first
	for n := range f.count {
		var sum0, sum1, sum2, sum3, sum4 uint64
		var largest0, largest1, largest2, largest3, largest4 uint64
		for _, d0 := range samples[i:max(i, (n+1)*size)] {
			d1 := d0 - last0
			d2 := d1 - last1
			d3 := d2 - last2
			d4 := d3 - last3
			last0, last1, last2, last3 = d0, d1, d2, d3
			a0, a1, a2, a3, a4 := absolute(d0), absolute(d1), absolute(d2), absolute(d3), absolute(d4)
			sum0, sum1, sum2, sum3, sum4 = sum0+a0, sum1+a1, sum2+a2, sum3+a3, sum4+a4
			largest0, largest1, largest2, largest3, largest4 = largest0|a0, largest1|a1, largest2|a2, largest3|a3, largest4|a4
		}
		i = max(i, (n+1)*size)
		for order, sum := range [...]uint64{sum0, sum1, sum2, sum3, sum4} {
			f.sums[order][n] += sum
		}
		for order, largest := range [...]uint64{largest0, largest1, largest2, largest3, largest4} {
			f.largest[order] |= largest
		}
	}
	f.constant = f.largest[1] == 0
}

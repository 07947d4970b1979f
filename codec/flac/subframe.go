package flac

// A subframe says how the samples of one signal are coded (RFC 9639, section
// 9.2). Fixed predictors are kept as the linear predictors that they are.
type subframe struct {
	kind      subframeKind
	predictor predictor // of fixed and linear subframes
	rice      rice      // of fixed and linear subframes
	bits      int64     // size: estimated until settle has counted
}

type subframeKind int

const (
	constantSubframe subframeKind = iota
	verbatimSubframe
	fixedSubframe
	linearSubframe
)

// A predictor predicts a sample as the sum of coefficients[j] times the sample
// j+1 before, shifted right. Coefficients from order on are zero.
type predictor struct {
	order        int // 0 to maxOrder
	coefficients [maxOrder]int64
	precision    int // bits of a stored coefficient; 0 for fixed predictors
	shift        int // 0 to 15
}

// Sizes of the parts of a subframe, in bits.
const (
	subframeHeaderBits  = 8 // without the unary code for wasted bits
	precisionBits       = 4
	shiftBits           = 5
	riceHeaderBits      = 2 + 4 // coding method and partition order
	escapeLengthBits    = 5
	minMethod1Parameter = 15 // the smallest that the 4-bit parameters of method 0 cannot hold
)

// fixedPredictors are the predictors that need no coefficients in the stream:
// polynomials through the last 0 to 4 samples (RFC 9639, section 9.2.5).
var fixedPredictors = [...]predictor{
	{order: 0},
	{order: 1, coefficients: [maxOrder]int64{1}},
	{order: 2, coefficients: [maxOrder]int64{2, -1}},
	{order: 3, coefficients: [maxOrder]int64{3, -3, 1}},
	{order: 4, coefficients: [maxOrder]int64{4, -6, 4, -1}},
}

const maxFixedOrder = len(fixedPredictors) - 1

// predict finds the subframe of s with the fewest bits, estimated as libFLAC
// estimates them. streamBits is the width of the stream's samples.
func (a *analyzer) predict(s *signal, streamBits int) {
	s.best = subframe{kind: verbatimSubframe, bits: s.verbatimBits()}
	fixed := &a.fixed
	fixed.sum(s)
	if fixed.constant {
		s.best = subframe{kind: constantSubframe, bits: s.headerBits() + int64(s.bits)}
		return
	}
	for order := range min(maxFixedOrder+1, len(s.samples)) {
		if fixed.largest[order]>>31 == 0 {
			s.offer(fixedSubframe, &fixedPredictors[order], fixed.sums[order][:fixed.count], streamBits)
		}
	}
	if len(s.samples) > maxFixedOrder {
		a.predictLinear(s, streamBits)
	}
}

// offer makes p the predictor of s if it needs fewer bits than the best so
// far. sums are the absolute residuals of p, added up over the finest
// partitions.
func (s *signal) offer(kind subframeKind, p *predictor, sums []uint64, streamBits int) {
	others := s.predictorBits(kind, p)
	order, bits := s.estimateRice(sums, p.order, maxRiceParameter(streamBits), s.best.bits-others)
	if bits += others; bits < s.best.bits {
		s.best.kind = kind
		s.best.predictor = *p
		s.best.rice.order = order
		s.best.bits = bits
		copy(s.sums[:], sums)
	}
}

// estimateRice is estimateRice without changing the sums.
func (s *signal) estimateRice(sums []uint64, predictorOrder, largest int, limit int64) (order int, total int64) {
	if s.inWords {
		if order, total, ok := s.packed.fine.estimate(sums, predictorOrder, largest, limit); ok {
			return order, total
		}
	}
	var merged partitionSums
	copy(merged[:], sums)
	return estimateRice(merged[:len(sums)], s.length, predictorOrder, largest, limit)
}

// settle computes the residual of the chosen predictor and replaces estimates
// by exact counts, falling back to verbatim samples where those are shorter.
func (s *signal) settle(streamBits int) {
	b := &s.best
	if b.kind != fixedSubframe && b.kind != linearSubframe {
		return
	}
	s.storeResidual(&b.predictor)
	for finest := 1 << finestPartitions(len(s.samples)); finest > 1<<b.rice.order; finest /= 2 {
		mergePairs(s.sums[:finest])
	}
	bits := b.rice.settle(s.residual, s.sums[:1<<b.rice.order], b.predictor.order, maxRiceParameter(streamBits))
	b.bits = s.predictorBits(b.kind, &b.predictor) + bits
	if verbatim := s.verbatimBits(); verbatim <= b.bits {
		*b = subframe{kind: verbatimSubframe, bits: verbatim}
	}
}

// headerBits returns the size of the header of the subframe for s.
func (s *signal) headerBits() int64 {
	return subframeHeaderBits + int64(s.wasted)
}

// verbatimBits returns the size of a subframe that holds s uncoded.
func (s *signal) verbatimBits() int64 {
	return s.headerBits() + int64(len(s.samples)*s.bits)
}

// predictorBits returns the size of a subframe with predictor p without its
// coded residual: header, first samples, coefficients.
func (s *signal) predictorBits(kind subframeKind, p *predictor) int64 {
	n := s.headerBits() + int64(p.order*s.bits)
	if kind == linearSubframe {
		n += precisionBits + shiftBits + int64(p.order*p.precision)
	}
	return n
}

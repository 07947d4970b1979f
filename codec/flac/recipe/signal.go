package recipe

// signal computes what subframe i of a frame with this assignment holds, from
// samples[channel][start:start+len(out)] (RFC 9639, section 4.2).
func signal(out []int64, samples [][]int32, start, assignment, i int) {
	if assignment < assignmentLeftSide {
		for j, v := range samples[i][start : start+len(out)] {
			out[j] = int64(v)
		}
		return
	}
	left := samples[0][start : start+len(out)]
	right := samples[1][start : start+len(out)]
	switch {
	case assignment == assignmentLeftSide && i == 0:
		for j, v := range left {
			out[j] = int64(v)
		}
	case assignment == assignmentSideRight && i == 1:
		for j, v := range right {
			out[j] = int64(v)
		}
	case assignment == assignmentMidSide && i == 0:
		for j, v := range left {
			out[j] = (int64(v) + int64(right[j])) >> 1
		}
	default:
		for j, v := range left {
			out[j] = int64(v) - int64(right[j])
		}
	}
}

// unrolled is the order up to which predictions are a single expression, of
// coefficients that are zero from the predictor's order on.
const unrolled = 12

// predict returns what the samples before x[i] predict.
func predict(s *subframe, x []int64, i int) int64 {
	sum := int64(0)
	for j, c := range s.coefficients[:s.order] {
		sum += c * x[i-1-j]
	}
	return sum >> (s.shift & 63)
}

// restore replaces the residual of s in x, from its order on, by the samples. What does not depend on the newest sample is added up
// first: each sample waits for the one before.
func restore(s *subframe, x []int64) {
	first := len(x)
	if s.order <= unrolled {
		first = min(unrolled, len(x))
	}
	for i := s.order; i < first; i++ {
		x[i] += predict(s, x, i)
	}
	if first == len(x) {
		return
	}
	c, newest, shift := (*[unrolled]int64)(s.coefficients[:]), x[first-1], s.shift&63
	switch {
	case s.order <= 4:
		for i := first; i < len(x); i++ {
			h := (*[5]int64)(x[i-4 : i+1])
			newest = h[4] + (c[1]*h[2]+c[2]*h[1]+c[3]*h[0]+c[0]*newest)>>shift
			h[4] = newest
		}
	case s.order <= 8:
		for i := first; i < len(x); i++ {
			h := (*[9]int64)(x[i-8 : i+1])
			older := (c[1]*h[6] + c[2]*h[5] + c[3]*h[4]) + (c[4]*h[3] + c[5]*h[2] + c[6]*h[1] + c[7]*h[0])
			newest = h[8] + (older+c[0]*newest)>>shift
			h[8] = newest
		}
	default:
		for i := first; i < len(x); i++ {
			h := (*[unrolled + 1]int64)(x[i-unrolled : i+1])
			older := (c[1]*h[10] + c[2]*h[9] + c[3]*h[8]) + (c[4]*h[7] + c[5]*h[6] + c[6]*h[5] + c[7]*h[4]) +
				(c[8]*h[3] + c[9]*h[2] + c[10]*h[1] + c[11]*h[0])
			newest = h[12] + (older+c[0]*newest)>>shift
			h[12] = newest
		}
	}
}

// residual sets out to x less what s predicts, from its order on.
func residual(s *subframe, x, out []int64) {
	first := len(x)
	if s.order <= unrolled {
		first = min(unrolled, len(x))
	}
	for i := s.order; i < first; i++ {
		out[i] = x[i] - predict(s, x, i)
	}
	c := (*[unrolled]int64)(s.coefficients[:])
	out = out[:len(x)]
	for i := first; i < len(x); i++ {
		h := (*[unrolled + 1]int64)(x[i-unrolled : i+1])
		sum := c[0]*h[11] + c[1]*h[10] + c[2]*h[9] + c[3]*h[8] + c[4]*h[7] + c[5]*h[6] +
			c[6]*h[5] + c[7]*h[4] + c[8]*h[3] + c[9]*h[2] + c[10]*h[1] + c[11]*h[0]
		out[i] = h[12] - sum>>(s.shift&63)
	}
}

// fold maps 0, -1, 1, -2, 2, ... to 0, 1, 2, 3, 4, ...
func fold(v int64) uint64 { return uint64(v<<1 ^ v>>63) }

// absolute returns |v|.
func absolute(v int64) uint64 { return uint64((v ^ v>>63) - v>>63) }

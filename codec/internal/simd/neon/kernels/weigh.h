// The weights of updates (predictor/weigh.go).

// fixed.exp2Twentieths.
static const double twentieths[20] = {
	1.0, 1.0352649238413776, 1.0717734625362931, 1.109569472067845,
	1.148698354997035, 1.189207115002721, 1.2311444133449163, 1.2745606273192622,
	1.3195079107728942, 1.3660402567543954, 1.4142135623730951, 1.4640856959456254,
	1.515716566510398, 1.5691681957935015, 1.624504792712471, 1.681792830507429,
	1.7411011265922482, 1.8025009252216604, 1.8660659830736148, 1.931872657849691,
};

// power_minus_08 is fixed.PowMinus08.
INLINE double power_minus_08(uint64_t bits) {
	const uint32_t octaves = 4000;
	uint32_t steps = octaves * 20 + 1023 * 16 - (uint32_t)(bits >> 48), octave = steps / 20, step = steps % 20;
	union {
		uint64_t bits;
		double number;
	} power = {(uint64_t)(1023 + octave - octaves) << 52};
	return power.number * twentieths[step];
}

// func weighNEON(errs, means, weights *float64, n int, innovation float64)
void weighNEON(const double *errs, double *means, double *weights, long n, double innovation) {
	double calm = 1 - innovation;
	_Bool changes = innovation > 0;
	for (long i = 0; i < n; i += 2) {
		f64x2 err = load2d(errs + i);
		f64x2 size = load2d(means + i) * 0.998 + err * 0.002;
		store2d(means + i, size);
		if (changes)
			size = size * calm + err * innovation;
		u64x2 bits = (u64x2)(size + 0.001);
		weights[i] = power_minus_08(bits[0]);
		weights[i + 1] = power_minus_08(bits[1]);
	}
}

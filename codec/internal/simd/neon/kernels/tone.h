// Predictors of tones (predictor/tone.go). Sums run in 32 lanes of float64.

enum { TONE_LANES = 32 };

// EACH_OF_16 does something for each sixteenth of the lanes, one after the other, so that there are registers enough.
#define EACH_OF_16(part)                           \
	for (int i = 0; i < 16; i++) \
	{                                              \
		part;                                      \
		in_order(&s[i]);                           \
	}

INLINE double fold_tone(const f64x2 s[16]) {
	f64x2 eight[4];
	for (int i = 0; i < 4; i++)
		eight[i] = (s[i] + s[i + 8]) + (s[i + 4] + s[i + 12]);
	f64x4 low = __builtin_shufflevector(eight[0], eight[1], 0, 1, 2, 3), high = __builtin_shufflevector(eight[2], eight[3], 0, 1, 2, 3);
	return fold8(__builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7));
}

// Eight lags of all three moments stay in registers while the samples go by.
// func correlateNEON(r0, r1, r2, scaled, x *float64, lags, samples int)
void correlateNEON(double *r0, double *r1, double *r2, const double *scaled, const double *x, long lags, long samples) {
	for (long k = 0; k < lags; k += 8) {
		f64x2 a[4], b[4], c[4];
		for (int j = 0; j < 4; j++)
			a[j] = load2d(r0 + k + 2 * j), b[j] = load2d(r1 + k + 2 * j), c[j] = load2d(r2 + k + 2 * j);
		const double *s = scaled, *past = x + k;
		for (long i = 0; i < samples; i++, s += 3, past++)
			for (int j = 0; j < 4; j++) {
				f64x2 y = load2d(past + 2 * j);
				a[j] += s[0] * y, b[j] += s[1] * y, c[j] += s[2] * y;
			}
		for (int j = 0; j < 4; j++)
			store2d(r0 + k + 2 * j, a[j]), store2d(r1 + k + 2 * j, b[j]), store2d(r2 + k + 2 * j, c[j]);
	}
}

// levinson_part is levinson for two of the lanes.
INLINE f64x2 levinson_part(f64x2 sum, double *a, double *b, const double *r, double k) {
	f64x2 x = load2d(a), y = load2d(b);
	f64x2 u = x - k * y;
	store2d(b, y - k * x);
	store2d(a, u);
	return sum + u * load2d(r);
}

// func levinsonNEON(a, b, r *float64, k float64, n int) float64
double levinsonNEON(double *a, double *b, const double *r, double k, long n) {
	f64x2 s[16] = {0};
	for (; n; n -= TONE_LANES, a += TONE_LANES, b += TONE_LANES, r += TONE_LANES) {
		EACH_OF_16(s[i] = levinson_part(s[i], a + 2 * i, b + 2 * i, r + 2 * i, k));
	}
	return fold_tone(s);
}

// func dotToneNEON(a, b *float64, n int) float64
double dotToneNEON(const double *a, const double *b, long n) {
	f64x2 s[16] = {0};
	for (; n; n -= TONE_LANES, a += TONE_LANES, b += TONE_LANES)
		for (int i = 0; i < 16; i++)
			s[i] += load2d(a + 2 * i) * load2d(b + 2 * i);
	return fold_tone(s);
}

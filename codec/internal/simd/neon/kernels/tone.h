// Predictors of tones (predictor/tone.go). Sums run in 32 lanes of float64.

enum { TONE_LANES = 32 };

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
		f64x8 a = load8d(r0 + k), b = load8d(r1 + k), c = load8d(r2 + k);
		const double *s = scaled, *past = x + k, *end = past + samples;
		for (; end - past >= 2; s += 6, past += 2) {
			f64x8 y = load8d(past), z = load8d(past + 1);
			a += s[0] * y, b += s[1] * y, c += s[2] * y;
			a += s[3] * z, b += s[4] * z, c += s[5] * z;
		}
		if (past != end) {
			f64x8 y = load8d(past);
			a += s[0] * y, b += s[1] * y, c += s[2] * y;
		}
		store8d(r0 + k, a);
		store8d(r1 + k, b);
		store8d(r2 + k, c);
	}
}

// levinson_part is levinson for two pairs of lanes.
INLINE void levinson_part(f64x2 sums[2], double *a, double *b, const double *r, double k) {
	f64x2 x[2] = {load2d(a), load2d(a + 2)}, y[2] = {load2d(b), load2d(b + 2)}, z[2] = {load2d(r), load2d(r + 2)};
	f64x2 u[2] = {x[0] - k * y[0], x[1] - k * y[1]}, v[2] = {y[0] - k * x[0], y[1] - k * x[1]};
	store2d(a, u[0]);
	store2d(a + 2, u[1]);
	store2d(b, v[0]);
	store2d(b + 2, v[1]);
	sums[0] += u[0] * z[0];
	sums[1] += u[1] * z[1];
	in_order(&sums[0], &sums[1]);
}

// func levinsonNEON(a, b, r *float64, k float64, n int) float64
double levinsonNEON(double *a, double *b, const double *r, double k, long n) {
	f64x2 s[16] = {0};
	for (; n; n -= TONE_LANES, a += TONE_LANES, b += TONE_LANES, r += TONE_LANES)
		for (int i = 0; i < 16; i += 2)
			levinson_part(s + i, a + 2 * i, b + 2 * i, r + 2 * i, k);
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

// Inner products of float64 in 8 lanes, and the rows of regressions (predictor/regression.go).

// rest8 is up to 7 products, in the first lanes. The others are 0, and adding 0 changes no sum that began with 0.
INLINE f64x8 rest8(const double *x, const double *y, long n) {
	f64x2 a = {0}, b = {0}, c = {0}, d = {0}, last = {0};
	if (n & 1)
		last[0] = x[n - 1] * y[n - 1];
	if (n >= 6) {
		c = load2d(x + 4) * load2d(y + 4);
		d = last;
	} else if (n >= 4)
		c = last;
	if (n >= 4)
		b = load2d(x + 2) * load2d(y + 2);
	else if (n >= 2)
		b = last;
	a = n >= 2 ? load2d(x) * load2d(y) : last;
	f64x4 low = __builtin_shufflevector(a, b, 0, 1, 2, 3), high = __builtin_shufflevector(c, d, 0, 1, 2, 3);
	return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
}

INLINE double dot(const double *x, const double *y, long n) {
	f64x8 s = {0};
	for (; n >= 8; n -= 8, x += 8, y += 8)
		s += load8d(x) * load8d(y);
	if (n)
		s += rest8(x, y, n);
	return fold8(s);
}

struct slice64 {
	double *at;
	long length, capacity;
};

struct regression {
	struct slice64 weights;
	long own, other;
	struct slice64 rows;
	long at;
	double *to;
};

// keep copies n regressors into a row, and adds their products with the weights to the sums.
INLINE f64x8 keep(f64x8 s, const double *x, const double *w, double *row, long n) {
	for (; n >= 8; n -= 8, x += 8, w += 8, row += 8) {
		f64x8 v = load8d(x);
		store8d(row, v);
		s += v * load8d(w);
	}
	if (n) {
		for (long i = 0; i < n; i++)
			row[i] = x[i];
		s += rest8(x, w, n);
	}
	return s;
}

// func regressNEON(regressions *byte, own, other *float64, count int)
void regressNEON(const struct regression *list, const double *own, const double *other, long count) {
	for (const struct regression *r = list; r < list + count; r++) {
		const double *w = r->weights.at;
		double *row = r->rows.at + r->at;
		f64x8 s = keep((f64x8){0}, own, w, row, r->own); // whole vectors, if there are others
		if (r->other)
			s = keep(s, other, w + r->own, row + r->own, r->other);
		*r->to = fold8(s);
	}
}

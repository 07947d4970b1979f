// The statistics of least squares (predictor/statistics.go). Matrices are upper triangles whose rows begin at the vector of 8 elements
// with the diagonal; what lies before it and beyond the last column may become anything.

struct symmetric {
	long n;
	struct slice64 at, rhs;
};

struct update {
	const struct symmetric *moments;
	double forget, weights[4];
};

INLINE long round_up(long n, long group) { return (n + group - 1) & -group; }

// A row's elements, from a multiple of 4 on.
struct row {
	double *at;
	long first, end;
};

INLINE struct row row_of(double *at, long i, long n) {
	struct row r = {at - (i & -8), i & -4, round_up(n, 4)};
	return r;
}

// func updateAllNEON(updates *byte, x *float64, n, row, count int)
void updateAllNEON(const struct update *updates, const double *x, long n, long row, long count) {
	long length = round_up(n, 8);
	for (const struct update *u = updates; u < updates + count; u++) {
		double forget = row ? 1.0 : u->forget, weight = u->weights[row], value = x[n];
		double *at = u->moments->at.at, *rhs = u->moments->rhs.at;
		for (long i = 0; i < n; i++) {
			struct row r = row_of(at, i, n);
			double xi = weight * x[i];
			for (long j = r.first; j < r.end; j += 4)
				for (int k = 0; k < 4; k += 2)
					store2d(r.at + j + k, forget * load2d(r.at + j + k) + xi * load2d(x + j + k));
			rhs[i] = forget * rhs[i] + xi * value;
			at += length - (i & -8);
		}
	}
}

INLINE f64x2 four_products(f64x2 v, double forget, const double t[4], const f64x2 x[4]) {
	v = forget * v;
	for (int k = 0; k < 4; k++)
		v += t[k] * x[k];
	return v;
}

// Two rows of the matrix are updated at once, so that the rows of x are loaded half as often.
// func updateAllFourNEON(updates *byte, x *float64, n, length, count int)
void updateAllFourNEON(const struct update *updates, const double *x, long n, long row_length, long count) {
	long length = round_up(n, 8);
	const double *rows[4] = {x, x + row_length, x + 2 * row_length, x + 3 * row_length};
	for (const struct update *u = updates; u < updates + count; u++) {
		double forget = u->forget;
		double *at = u->moments->at.at, *rhs = u->moments->rhs.at;
		for (long i = 0; i < n; i++) {
			struct row r = row_of(at, i, n);
			double t[4];
			for (int k = 0; k < 4; k++)
				t[k] = u->weights[k] * rows[k][i];
			for (long j = r.first; j < r.end; j += 4) {
				f64x2 low[4], high[4];
				for (int k = 0; k < 4; k++)
					low[k] = load2d(rows[k] + j), high[k] = load2d(rows[k] + j + 2);
				f64x2 a = four_products(load2d(r.at + j), forget, t, low), b = four_products(load2d(r.at + j + 2), forget, t, high);
				store2d(r.at + j, a);
				store2d(r.at + j + 2, b);
			}
			double v = forget * rhs[i];
			for (int k = 0; k < 4; k++)
				v += t[k] * rows[k][n];
			rhs[i] = v;
			at += length - (i & -8);
		}
	}
}

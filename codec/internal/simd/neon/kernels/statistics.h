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

// take_four adds to four elements of a row of the matrix what the rows of x, four elements of each of which are given, add to them, one
// after the other; t is what these are multiplied with, for two rows of the matrix.
INLINE void take_four(double *at, double forget, const f64x2 t[4], int row, const f64x2 x[4][2]) {
	f64x2 v[2] = {forget * load2d(at), forget * load2d(at + 2)};
	for (int k = 0; k < 4; k++)
		for (int half = 0; half < 2; half++)
			v[half] += t[k][row] * x[k][half];
	store2d(at, v[0]);
	store2d(at + 2, v[1]);
}

// Two rows of the matrix are updated at once, so that x is loaded half as often. An even row and the next one begin in the same vector.
// func updateAllFourNEON(updates *byte, x *float64, n, length, count int)
void updateAllFourNEON(const struct update *updates, const double *x, long n, long length, long count) {
	const double *const rows[4] = {x, x + length, x + 2 * length, x + 3 * length};
	const double values[4] = {rows[0][n], rows[1][n], rows[2][n], rows[3][n]};
	for (const struct update *u = updates; u < updates + count; u++) {
		double *at = u->moments->at.at, *rhs = u->moments->rhs.at, forget = u->forget;
		const double weights[4] = {u->weights[0], u->weights[1], u->weights[2], u->weights[3]};
		for (long i = 0; i < n; i += 2) {
			f64x2 t[4], side = forget * load2d(rhs + i);
			for (int k = 0; k < 4; k++) {
				t[k] = weights[k] * load2d(rows[k] + i);
				side += t[k] * values[k];
			}
			store2d(rhs + i, side);
			long size = round_up(n, 8) - (i & -8), first = i & -4, end = round_up(n, 4), two = i + 1 < n;
			double *a = at + (first - (i & -8)), *b = a + size;
			for (long j = first; j < end; j += 4, a += 4, b += 4) {
				f64x2 four[4][2];
				for (int k = 0; k < 4; k++)
					four[k][0] = load2d(rows[k] + j), four[k][1] = load2d(rows[k] + j + 2);
				take_four(a, forget, t, 0, four);
				if (two)
					take_four(b, forget, t, 1, four);
			}
			at += 2 * size;
		}
	}
}

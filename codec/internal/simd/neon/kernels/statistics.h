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

// four_rows makes an element what the rows of x add to it, one after the other.
INLINE f64x2 four_rows(f64x2 v, double forget, const double t[4], const f64x2 x[4]) {
	v = forget * v;
	for (int k = 0; k < 4; k++)
		v += t[k] * x[k];
	return v;
}

// A row of the matrix while four rows of x are taken in.
struct scaled_row {
	double *at;  // element 0
	double t[4]; // what the rows of x are multiplied with
};

// scaled_row_of also updates the right-hand side.
INLINE struct scaled_row scaled_row_of(double *at, long i, long n, const struct update *u, const double *const rows[4]) {
	struct scaled_row r = {.at = at - (i & -8)};
	double *rhs = u->moments->rhs.at + i, v = u->forget * *rhs;
	for (int k = 0; k < 4; k++) {
		r.t[k] = u->weights[k] * rows[k][i];
		v += r.t[k] * rows[k][n];
	}
	*rhs = v;
	return r;
}

// take_four is what the rows of x, four elements of each of which are given, add to those of a row.
INLINE void take_four(double *at, double forget, const double t[4], const f64x2 x[8]) {
	f64x2 low = four_rows(load2d(at), forget, t, x), high = four_rows(load2d(at + 2), forget, t, x + 4);
	store2d(at, low);
	store2d(at + 2, high);
}

// Two rows of the matrix are updated at once, so that x is loaded half as often.
// func updateAllFourNEON(updates *byte, x *float64, n, length, count int)
void updateAllFourNEON(const struct update *updates, const double *x, long n, long length, long count) {
	const double *const rows[4] = {x, x + length, x + 2 * length, x + 3 * length};
	for (const struct update *u = updates; u < updates + count; u++) {
		double *at = u->moments->at.at, forget = u->forget;
		for (long i = 0; i < n; i += 2) { // an even row and the next one begin in the same vector; the last one may be alone
			long size = round_up(n, 8) - (i & -8), end = round_up(n, 4), two = i + 1 < n;
			struct scaled_row a = scaled_row_of(at, i, n, u, rows), b = a;
			if (two)
				b = scaled_row_of(at + size, i + 1, n, u, rows);
			for (long j = i & -4; j < end; j += 4) {
				f64x2 four[8];
				for (int k = 0; k < 4; k++)
					four[k] = load2d(rows[k] + j), four[k + 4] = load2d(rows[k] + j + 2);
				take_four(a.at + j, forget, a.t, four);
				if (two)
					take_four(b.at + j, forget, b.t, four);
			}
			at += 2 * size;
		}
	}
}

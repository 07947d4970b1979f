// Solutions of least squares by Cholesky's method (predictor/solver.go).

// What a predictor.system begins with.
struct problem {
	double *factor;
	const double *moments, *rhs;
	double *inverse, *side, *solved, *weights;
	const double *ridge;
};

// ELIMINATE takes the multiples of the rows above off some elements of row i, from column j on, and leaves them in the factor.
#define ELIMINATE(vector, load, store)                                                            \
	do {                                                                                          \
		vector v = load(row + j);                                                                 \
		const double *above = p->factor + j, *multiplier = p->factor + i;                         \
		for (long above_i = i; above_i; above_i--, above += stride, multiplier += stride)         \
			v -= *multiplier * load(above);                                                       \
		store(to + j, v);                                                                         \
	} while (0)

// func factoriseNEON(systems *uintptr, n, stride int) bool
_Bool factoriseNEON(struct problem *const *systems, long n, long stride) {
	const struct problem *p = systems[0];
	const double *moments = p->moments;
	for (long i = 0; i < n; i++) {
		long j = i & -2;
		const double *row = moments - (i & -8);
		double *to = p->factor + i * stride;
		for (; n - j > 8; j += 16)
			ELIMINATE(f64x16, load16d, store16d);
		if (n - j > 4)
			ELIMINATE(f64x8, load8d, store8d);
		else if (n - j > 2)
			ELIMINATE(f64x4, load4d, store4d);
		else if (n - j > 0)
			ELIMINATE(f64x2, load2d, store2d);
		moments += round_up(n, 8) - (i & -8);
		double pivot = to[i] + *p->ridge;
		if (!(pivot > 1e-30))
			return 0;
		double inverse = 1 / __builtin_sqrt(pivot);
		p->inverse[i] = inverse;
		for (j = i & -2; j < n; j += 2)
			store2d(to + j, inverse * load2d(to + j));
	}
	return 1;
}

// func substituteNEON(systems *uintptr, n, stride int)
void substituteNEON(struct problem *const *systems, long n, long stride) {
	const struct problem *p = systems[0];
	double *side = p->side, *w = p->weights;
	for (long k = 0; k < n; k += 2)
		store2d(side + k, load2d(p->rhs + k)); // both are multiples of 8 long
	for (long k = 0; k < n; k++) {
		const double *row = p->factor + k * stride;
		double solved = side[k] * p->inverse[k];
		p->solved[k] = solved;
		long j = k + 1;
		if (j & 1 && j < n)
			side[j] -= row[j] * solved, j++;
		for (; j < n; j += 2)
			store2d(side + j, load2d(side + j) - solved * load2d(row + j));
	}
	for (long k = n - 1; k >= 0; k--) {
		const double *row = p->factor + k * stride;
		w[k] = (p->solved[k] - dot(row + k + 1, w + k + 1, n - k - 1)) * p->inverse[k];
	}
}

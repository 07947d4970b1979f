// What all coders of samples share (symbol/tree.go).

enum { BUCKETS = 33 };

struct bucket {
	uint16_t probability, count;
};

// tree is symbol.tree.
struct tree {
	int64_t count, low;
	const int64_t *used;
	int64_t digits;
	double floor, total;
	int64_t level;
	struct bucket (*nodes)[BUCKETS], (*widths)[BUCKETS];
	int32_t (*mixers)[3];
	const int32_t *shares;
	const int16_t *stretch;
	const int32_t *squash;
	const double *logistic;
	const struct mixture *mixture;
	const double *quantiles;
	double scale;
	const int32_t *ranks;
	int64_t shift, span;
};

struct bytes {
	const uint8_t *at;
	int64_t length, capacity;
};

INLINE int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }
INLINE int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }

// boundary returns the point halfway between the steps of rank-1 and rank, which are in the set.
INLINE double boundary(const struct tree *t, int64_t rank) {
	if (t->used)
		return (double)(t->used[rank - 1] + t->used[rank]) * 0.5;
	return (double)(t->low + rank) - 0.5;
}

INLINE double below_rank(const struct tree *t, int64_t rank) { return mass_below(t->mixture, t->logistic, boundary(t, rank)); }

// next_byte returns the next byte of the input, or 0 behind its end.
INLINE uint8_t next_byte(const struct bytes *in, int64_t *next) {
	int64_t at = (*next)++;
	return at < in->length ? in->at[at] : 0;
}

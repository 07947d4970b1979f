// NLMS filters that look at their weights at every second sample (predictor/block.go).

struct slice32 {
	float *at;
	long length, capacity;
};

struct block_filter {
	struct slice32 weights, taper, inputs;
};

// The lanes of predictor.blockLanes.
enum { LANES = 16, OUTPUT = 0, REST = LANES, OVERLAP = 2 * LANES, NEWEST = 3 * LANES, NEIGHBOUR = 4 * LANES, STEP = 5 * LANES };

struct block_sums {
	f32x4 output[4], rest[4], overlap[4];
};

// block_taps takes both steps in eight weights, and adds their products to the sums of their lanes. Vectors are loaded in pairs.
INLINE void block_taps(struct block_sums *sums, int k, float *w, int tapered, const float *taper, const float *x[4], float s, float t) {
	f32x4 y0[2], y1[2], y2[2], y3[2], v[2], g[2];
	for (int j = 0; j < 2; j++) {
		int at = 4 * (k + j);
		y0[j] = load4(x[0] + at), y1[j] = load4(x[1] + at), y2[j] = load4(x[2] + at), y3[j] = load4(x[3] + at);
		v[j] = load4(w + at);
		if (tapered)
			g[j] = load4(taper + at);
	}
	for (int j = 0; j < 2; j++) {
		f32x4 change = s * y0[j] + t * y1[j];
		v[j] += tapered ? g[j] * change : change;
	}
	for (int j = 0; j < 2; j++)
		store4(w + 4 * (k + j), v[j]);
	for (int j = 0; j < 2; j++) {
		sums->output[k + j] += v[j] * y2[j];
		sums->rest[k + j] += v[j] * y3[j];
		sums->overlap[k + j] += (tapered ? g[j] * y2[j] : y2[j]) * y3[j];
	}
}

INLINE float fold_block(const f32x4 s[4]) {
	f32x4 four = (s[0] + s[2]) + (s[1] + s[3]);
	return (four[0] + four[2]) + (four[1] + four[3]);
}

INLINE void block_filter(const struct block_filter *f, int tapered, float *lanes, float t, long at) {
	float *w = f->weights.at;
	const float *taper = f->taper.at, *end = w + f->weights.length;
	const float *x[4];
	for (int i = 0; i < 4; i++)
		x[i] = apart(f->inputs.at + at + i);
	float s = lanes[STEP];
	struct block_sums sums = {0};
	do {
		block_taps(&sums, 0, w, tapered, taper, x, s, t);
		block_taps(&sums, 2, w, tapered, taper, x, s, t);
		w += LANES, taper += LANES;
		for (int i = 0; i < 4; i++)
			x[i] += LANES;
	} while (w != end);
	float neighbour = x[1][0];
	if (tapered)
		neighbour *= taper[-1];
	lanes[OUTPUT] = fold_block(sums.output);
	lanes[REST] = fold_block(sums.rest);
	lanes[OVERLAP] = fold_block(sums.overlap);
	lanes[NEWEST] = w[-1];
	lanes[NEIGHBOUR] = neighbour;
}

// func updateBlocksNEON(filters *byte, lanes, steps *float32, n, at int)
void updateBlocksNEON(const struct block_filter *filters, float *lanes, const float *steps, long n, long at) {
	for (long i = 0; i < n; i++)
		if (filters[i].taper.at)
			block_filter(&filters[i], 1, lanes + i, steps[i], at);
		else
			block_filter(&filters[i], 0, lanes + i, steps[i], at);
}

// func finishBlocksNEON(lanes, steps, newest *float32)
void finishBlocksNEON(float *lanes, const float *steps, const float *newest) {
	for (int i = 0; i < LANES; i += 4) {
		f32x4 x = load4(newest + i), step = load4(steps + i);
		f32x4 overlap = load4(lanes + OVERLAP + i) + load4(lanes + NEIGHBOUR + i) * x;
		store4(lanes + OUTPUT + i, (load4(lanes + REST + i) + load4(lanes + NEWEST + i) * x) + step * overlap);
		store4(lanes + STEP + i, step);
	}
}

// The walk down the tree of ranks, bit by bit, with secondary symbol estimation (symbol/corrected.go and sse.go).

enum { PROBABILITY_ONE = 1 << 16, CERTAIN = 64, STRETCH_LIMIT = 2047, COUNT_LIMIT = 250, MIXER_RATE = 18, LEVELS = 24 };

// walk is how far down the tree a coder is.
struct walk {
	int64_t rank, place;
	double below, above;
};

// zero_probability is symbol.zeroProbability, limited as in symbol.probability.
INLINE uint32_t zero_probability(const struct tree *t, const struct walk *w, double split, int64_t middle) {
	int64_t width = (int64_t)1 << w->place;
	double zero = (split - w->below) + t->floor * (double)width;
	double all = (w->above - w->below) + t->floor * (double)(width + least(width, t->count - middle));
	double p = zero / all * PROBABILITY_ONE;
	if (!(p > 1))
		return 1;
	if (p > PROBABILITY_ONE - 1)
		return PROBABILITY_ONE - 1;
	return (uint32_t)vcvtd_s64_f64(p);
}

INLINE _Bool is_certain(uint32_t p) { return p < CERTAIN || p > PROBABILITY_ONE - CERTAIN; }

INLINE int32_t stretch(const struct tree *t, uint32_t p) {
	uint32_t i = p >> 4 & 4095, upper = -(i >> 11);
	int32_t v = t->stretch[(i ^ upper) & 2047];
	return (v ^ (int32_t)upper) - (int32_t)upper;
}

INLINE int32_t squash(const struct tree *t, int32_t logit) {
	logit = (int32_t)most(-STRETCH_LIMIT, least(STRETCH_LIMIT, logit)) + 2048;
	const int32_t *at = t->squash + (logit >> 5 & 127);
	return at[0] + (((at[1] - at[0]) * (logit & 31)) >> 5);
}

// entry is symbol.entry.
struct entry {
	struct bucket *buckets;
	int32_t fraction;
};

INLINE struct entry find(struct bucket *context, int32_t logit) {
	int32_t position = logit + 2048;
	struct entry e = {context + (position >> 7 & 31), position & 127};
	return e;
}

INLINE uint32_t probability_of(struct entry e) {
	int32_t a = e.buckets[0].probability, b = e.buckets[1].probability;
	return (uint32_t)(a + (((b - a) * e.fraction) >> 7));
}

INLINE void learn(const struct tree *t, struct entry e, int32_t target) {
	struct bucket *near = e.buckets + (e.fraction >> 6 & 1);
	int32_t p = near->probability;
	near->probability = (uint16_t)(p + (((target - p) * t->shares[near->count & 255]) >> 16));
	near->count += near->count < COUNT_LIMIT;
}

// estimate is what is known of a bit whose probability is corrected.
struct estimate {
	int32_t logits[3], *mixer, mixed;
	struct entry by_node, by_width;
};

INLINE struct estimate estimate_of(const struct tree *t, const struct walk *w, uint32_t p) {
	int64_t token = w->place >> 3, depth = w->place & 7, known = 1 << (7 - depth);
	int64_t level = most(0, least(LEVELS - 1, t->level + w->place));
	struct estimate e;
	e.logits[0] = stretch(t, p);
	e.by_node = find(t->nodes[token << 8 | known | ((w->rank >> (w->place + 1)) & (known - 1))], e.logits[0]);
	anew();
	e.by_width = find(t->widths[level << 3 | depth], e.logits[0]);
	e.logits[1] = stretch(t, probability_of(e.by_node));
	anew();
	e.logits[2] = stretch(t, probability_of(e.by_width));
	e.mixer = t->mixers[token];
	anew();
	int64_t sum = 0;
	for (int i = 0; i < 3; i++)
		sum += (int64_t)e.mixer[i] * e.logits[i];
	e.mixed = squash(t, (int32_t)most(-STRETCH_LIMIT, least(STRETCH_LIMIT, sum >> 16)));
	return e;
}

INLINE uint32_t corrected(const struct estimate *e) { return (uint32_t)most(1, least(PROBABILITY_ONE - 1, e->mixed)); }

INLINE void learn_bit(const struct tree *t, struct estimate *e, int bit) {
	int32_t target = (PROBABILITY_ONE - 1) & (bit - 1), err = target - e->mixed;
	for (int i = 0; i < 3; i++)
		e->mixer[i] += (err * e->logits[i] + (1 << (MIXER_RATE - 1))) >> MIXER_RATE;
	learn(t, e->by_node, target);
	learn(t, e->by_width, target);
}

INLINE void descend(struct walk *w, int bit, double split, int64_t middle) {
	w->above = bit ? w->above : split;
	w->below = bit ? split : w->below;
	w->rank = bit ? middle : w->rank;
}

// decoder is rangecoder.Decoder.
struct decoder {
	uint32_t code, span;
	struct bytes in;
	int64_t next;
};

INLINE int decode_bit(struct decoder *d, uint32_t p0) {
	uint32_t zero = (d->span >> 16) * p0;
	int bit = d->code >= zero;
	uint32_t code = d->code - (bit ? zero : 0), span = bit ? d->span - zero : zero;
	while (span < 1u << 24) {
		span <<= 8;
		code = code << 8 | next_byte(&d->in, &d->next);
	}
	d->code = code, d->span = span;
	return bit;
}

// func decodeTreeNEON(state, decoder *byte) int64
int64_t decodeTreeNEON(const struct tree *t, struct decoder *d) {
	struct walk w = {0, t->digits - 1, 0, t->total};
	for (; w.place >= 0; w.place--) {
		int64_t middle = w.rank + ((int64_t)1 << w.place);
		if (middle >= t->count) // the upper half is empty
			continue;
		anew();
		double split = below_rank(t, middle);
		anew();
		uint32_t p = zero_probability(t, &w, split, middle);
		int bit;
		if (is_certain(p)) {
			bit = decode_bit(d, p);
		} else {
			struct estimate e = estimate_of(t, &w, p);
			bit = decode_bit(d, corrected(&e));
			learn_bit(t, &e, bit);
		}
		descend(&w, bit, split, middle);
	}
	return w.rank;
}

// func encodeTreeNEON(state *byte, bits *uint32, rank int64) int
int64_t encodeTreeNEON(const struct tree *t, uint32_t *bits, int64_t rank) {
	struct walk w = {0, t->digits - 1, 0, t->total};
	int64_t n = 0;
	for (; w.place >= 0; w.place--) {
		int64_t middle = w.rank + ((int64_t)1 << w.place);
		if (middle >= t->count)
			continue;
		anew();
		double split = below_rank(t, middle);
		anew();
		uint32_t p = zero_probability(t, &w, split, middle);
		int bit = rank >> w.place & 1;
		if (!is_certain(p)) {
			struct estimate e = estimate_of(t, &w, p);
			p = corrected(&e);
			learn_bit(t, &e, bit);
		}
		bits[n++] = 2 * p + bit;
		descend(&w, bit, split, middle);
	}
	return n;
}

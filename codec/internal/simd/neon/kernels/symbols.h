// The decoder of symbols (symbol/coder.go).

enum { SYMBOL_BITS = 16, FREQUENCY_BITS = 32, SPAN_BITS = 56, QUANTILES = 64, NEWTON_STEPS = 6 };

// symbol_decoder is rangecoder.SymbolDecoder.
struct symbol_decoder {
	uint64_t code, span;
	struct bytes in;
	int64_t next;
};

// node is symbol.node.
struct node {
	int64_t base, place, values;
	double start, floor, all, inverse;
};

INLINE struct node node_of(const struct tree *t, int64_t base, int64_t place, double below, double above) {
	int64_t left = t->count - base;
	struct node n = {.base = base, .place = place, .start = below};
	n.values = least(1 << SYMBOL_BITS, (left + ((int64_t)1 << place) - 1) >> place);
	n.floor = t->floor * (double)((int64_t)1 << place);
	n.all = (above - below) + t->floor * (double)least((int64_t)1 << (SYMBOL_BITS + place), left);
	n.inverse = (double)(((int64_t)1 << FREQUENCY_BITS) - n.values) / n.all;
	return n;
}

INLINE uint64_t frequency(const struct node *n, int64_t value, double mass) {
	return (uint64_t)value + (uint64_t)vcvtd_s64_f64(((mass - n->start) + n->floor * (double)value) * n->inverse);
}

// search is symbol.search.
struct search {
	uint64_t target, from, to;
	int64_t first, last;
	double below, above;
};

struct shape {
	double mean, scale;
};

// shape_of returns what mixture.Distribution.Shape does, the spread as the scale of the quantiles.
INLINE struct shape shape_of(const struct tree *t) {
	const struct mixture *m = t->mixture;
	f64x8 weight = load8d(m->weight), distance = load8d(m->centre) - m->centre[0];
	double unit = 1 / t->total, scale = fold8(weight / load8d(m->inverse_scale)) * unit;
	weight *= distance;
	double mean = fold8(weight) * unit, square = scale * scale + 0.4 * (fold8(weight * distance) * unit - mean * mean);
	return (struct shape){mean + m->centre[0], __builtin_sqrt(square > 0 ? square : 0) * t->scale};
}

// guess returns the value near which the target is expected. Any number may come out of it: what is looked at is limited.
INLINE int64_t guess(const struct tree *t, const struct node *n, uint64_t target, struct shape shape) {
	double mass = n->start + (double)target / n->inverse;
	int64_t quantile = most(0, least(QUANTILES - 1, vcvtd_s64_f64(mass / t->total * QUANTILES)));
	int64_t near = vcvtd_s64_f64((shape.mean + shape.scale * t->quantiles[quantile]) + 0.5) - t->low;
	if (t->ranks) { // alphabet.Index.Near
		int64_t step = most(0, least(t->span, near)), at = step >> t->shift;
		int64_t first = t->ranks[at], next = t->ranks[at + 1];
		near = first + (((step - (at << t->shift)) * (next - first)) >> t->shift);
	}
	return (near - n->base) >> n->place;
}

// look is symbol.search.look.
INLINE int64_t look(const struct tree *t, const struct node *n, struct search *s, int64_t lower, int64_t upper) {
	lower = least(most(lower, s->first + 1), s->last - 1);
	upper = least(most(upper, lower), s->last - 1);
	double lower_mass = below_rank(t, n->base + (lower << n->place));
	anew();
	double upper_mass = below_rank(t, n->base + (upper << n->place));
	uint64_t from = frequency(n, lower, lower_mass), to = frequency(n, upper, upper_mass);
	if (s->target < from) {
		s->last = lower, s->to = from, s->above = lower_mass;
		return lower - 1 - vcvtd_s64_f64((double)(from - s->target) / (double)(to - from));
	}
	if (s->target < to) {
		s->first = lower, s->from = from, s->below = lower_mass;
		s->last = upper, s->to = to, s->above = upper_mass;
		return lower;
	}
	s->first = upper, s->from = to, s->below = upper_mass;
	return upper + vcvtd_s64_f64((double)(s->target - to) / (double)(to - from));
}

// take is rangecoder.SymbolDecoder.Take.
INLINE void take(struct symbol_decoder *d, uint64_t step, uint64_t from, uint64_t to) {
	uint64_t code = d->code - step * from, span = step * (to - from);
	while (span < (uint64_t)1 << (SPAN_BITS - 8)) {
		span <<= 8;
		code = code << 8 | next_byte(&d->in, &d->next);
	}
	d->code = code, d->span = span;
}

// func decodeSymbolsNEON(state, decoder *byte) int64
int64_t decodeSymbolsNEON(const struct tree *t, struct symbol_decoder *d) {
	int64_t base = 0;
	double below = 0, above = t->total;
	struct shape shape = shape_of(t);
	for (int64_t place = t->digits - SYMBOL_BITS; place >= 0; place -= SYMBOL_BITS) {
		struct node n = node_of(t, base, place, below, above);
		uint64_t step = d->span >> FREQUENCY_BITS, target = d->code / step, last = ((uint64_t)1 << FREQUENCY_BITS) - 1;
		struct search s = {
			.target = target < last ? target : last, .to = last + 1, .last = n.values, .below = below, .above = above,
		};
		int64_t lower = guess(t, &n, s.target, shape), upper = lower + 1;
		for (int tries = NEWTON_STEPS - 1; s.last - s.first > 1; tries--) {
			anew();
			lower = look(t, &n, &s, lower, upper);
			upper = lower + 1;
			if (tries <= 0) {
				int64_t third = (s.last - s.first) * 85 / 256;
				lower = s.first + third, upper = s.last - third;
			}
		}
		take(d, step, s.from, s.to);
		base += s.first << place;
		below = s.below, above = s.above;
	}
	return base;
}

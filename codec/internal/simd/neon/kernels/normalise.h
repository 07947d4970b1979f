// The steps of NLMS filters (predictor/normalise.go), four of the 16 filters of a normaliser at a time.

enum { LEVELS = 6 };

struct normaliser {
	float rate[16], keep[16], flat[16];
	uint32_t used[LEVELS][16];
	float decayed[LEVELS][16];
};

struct normalisers {
	struct slice32 error, input, step, power;
	struct normaliser *state;
};

struct decay {
	float keep, gain;
};

INLINE f32x4 only(f32x4 v, u32x4 mask) { return (f32x4)((u32x4)v & mask); }

// take_input takes an input into the powers that are kept of four filters, and returns what the next step is divided by. Levels that a
// filter lacks add nothing.
INLINE f32x4 take_input(struct normaliser *s, int i, const struct decay *decay, f32x4 x) {
	f32x4 square = x * x, sum = {0};
	f32x4 power = square + 1e-20f;
	for (int level = 0; level < LEVELS; level++) {
		u32x4 used = vld1q_u32(&s->used[level][i]);
		f32x4 decayed = load4(&s->decayed[level][i]) * decay[level].keep + power;
		store4(&s->decayed[level][i], decayed);
		sum += only(decayed * decay[level].gain, used);
	}
	f32x4 flat = load4(&s->flat[i]) * load4(&s->keep[i]) + square;
	store4(&s->flat[i], flat);
	return (sum + load4(&s->rate[i]) * flat) + 1.0f;
}

INLINE void normalise_all(const struct normalisers *all, const struct decay *decay, long n) {
	for (long k = 0; k < n; k++) {
		struct normaliser *s = &all->state[k];
		for (int i = 0; i < 16; i += 4) {
			long at = 16 * k + i;
			store4(all->step.at + at, load4(&s->rate[i]) * load4(all->error.at + at) / load4(all->power.at + at));
			store4(all->power.at + at, take_input(s, i, decay, load4(all->input.at + at)));
		}
	}
}

// func normaliseNEON(normalisers *byte, decay *float32, n int)
void normaliseNEON(const struct normalisers *all, const struct decay *decay, long n) { normalise_all(all, decay, n); }

// func takeInputNEON(normalisers *byte, decay *float32, n int, input float32)
void takeInputNEON(const struct normalisers *all, const struct decay *decay, long n, float input) {
	f32x4 x = {input, input, input, input};
	for (long k = 0; k < n; k++)
		for (int i = 0; i < 16; i += 4)
			store4(all->power.at + 16 * k + i, take_input(&all->state[k], i, decay, x));
}

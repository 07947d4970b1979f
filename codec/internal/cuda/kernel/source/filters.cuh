// Normalised least-mean-squares filters in blocks of two samples (codec/internal/predictor: filters.go, block.go, normalise.go, correction.go).
#pragma once
#include "arithmetic.cuh"

DEVICE void take_input(Normaliser &n, const float (&keep)[6], const float (&gain)[6], int levels, float keep_flat, float rate, float x) {
	const float square = x * x, more = square + 1e-20f;
	float sum = 0;
	for (int i = 0; i < 6; i++)
		if (i < levels) {
			n.levels[i] = n.levels[i] * keep[i] + more;
			sum = sum + n.levels[i] * gain[i];
		}
	n.flat = n.flat * keep_flat + square;
	n.power = sum + rate * n.flat + 1;
}

// observed is the newest sample of the first reference that the cross filters see in a frame.
DEVICE float observed(const Context &at, int frame) {
	const Reference &r = at.job.group->referred[0];
	const int i = frame - r.delay + 16;
	return i < 0 || i >= r.frames ? 0 : float(((const int *)(at.job.tracks + r.steps))[i]);
}

// write_input adds an input to a history. What comes behind it is 0.
DEVICE void write_input(float *x, int history, int longest, int at, float input) {
	float *to = x + history + longest + 1 + at;
	to[0] = input, to[1] = 0, to[2] = 0;
}

// normalise finds the steps after a sample, and adds the inputs to the histories.
DEVICE void normalise(const Context &at, const Filter y, Normaliser &mine, Normaliser &theirs, const float (&keep)[6], const float (&gain)[6],
	int levels, int order, int c, int t, int lane) {
	Shared &s = at.s;
	const int odd = t & 1, place = (t & (ROOM - 1)) + 1;
	const bool own = lane < NFILT, other = lane >= NFILT && lane < LANES;
	const double v = s.value[c];
	const float keep_flat = 1 - 1 / float(y.taps);
	if (at.job.references && other && at.job.paired) {
		const float x = observed(at, t);
		take_input(mine, keep, gain, levels, keep_flat, y.mu, x);
		if (y.history >= 0) write_input(s.x[1], y.history, y.longest, place, x);
	}
	const float output = s.output[c][lane];
	const double base = s.predictions[c][y.base >= 0 ? y.base : MEASURED + (own ? lane : 0)];
	const float residual = float(v - base);
	float input = residual;
	for (int k = 0; k < 4; k++) {
		const float before = shuffle(output, y.head + k);
		if (k < y.stage) input = input - before;
	}
	float err = input - output;
	if (y.base < 0) err = residual, input = float(v);
	if (y.robust) {
		mine.usual = mine.usual * 0.99f + (err < 0 ? -err : err) * 0.01f;
		err = err > mine.usual ? mine.usual : err < -mine.usual ? -mine.usual : err;
	}
	const float others = shuffle(mine.power, y.partner >= 0 ? y.partner : lane);
	const float power = y.base < 0 && at.job.paired ? mine.power + others : mine.power;
	const float rate = t < order ? 0 : y.mu * err / power;
	if (own) {
		float *to = odd ? &s.step[c][lane].y : &s.step[c][lane].x;
		*to = rate;
		if (y.partner >= 0) (odd ? s.step[c][y.partner].y : s.step[c][y.partner].x) = rate;
		s.inputs[c][odd][lane] = input;
		if (y.history >= 0) write_input(s.x[c], y.history, y.longest, place, input);
		take_input(mine, keep, gain, levels, keep_flat, y.mu, input);
	} else if (other && at.job.channels == 2) {
		take_input(theirs, keep, gain, levels, keep_flat, y.mu, float(v));
	}
}

// unrolled is how often loops of the filters are: decoding has three warps for them, and gains more by short code, which the caches for
// instructions hold; encoding has two.
DEVICE constexpr int unrolled(bool encoding, int most) { return encoding ? most : 2; }

// update_long moves the weights of the long filter and sums up: one half of the warp for the next sample, the other for that after it.
template <bool encoding> DEVICE void update_long(const Context &at, const Filters &f, int c, int place, int lane) {
	Shared &s = at.s;
	const int taps = f.long_taps, half = lane >> 4, l16 = lane & 15;
	float *w = at.weights(c);
	const float *x = s.x[c] + f.long_history + place;
	const float2 step = s.step[c][f.long_filter];
#pragma unroll(unrolled(encoding, 4))
	for (int i = 2 * lane; i < taps; i += 64) {
		float2 a = *(const float2 *)(x + i), b = *(const float2 *)(x + i + 2), u = *(float2 *)(w + i);
		u.x = u.x + (step.x * a.x + step.y * a.y);
		u.y = u.y + (step.x * a.y + step.y * b.x);
		*(float2 *)(w + i) = u;
	}
	sync_warp();
	const float *y = x + 2 + half + l16, *u = w + l16;
	float m = 0;
#pragma unroll(unrolled(encoding, 8))
	for (int r = 0; r < taps / 16; r++) m = m + u[16 * r] * y[16 * r];
	m = fold16(m);
	if (l16 == 0) (half ? s.rest : s.outputs)[c][f.long_filter] = m;
}

// overlap_long is the sum of the products of the long filter's next two windows. Most of it can be had a sample before.
template <bool encoding> DEVICE float overlap_long(const Shared &s, const Filters &f, int c, int place, int l16) {
	const float *y = s.x[c] + f.long_history + place + 1 + l16 + 2;
	float m = 0;
	const int rows = f.long_taps / 16;
#pragma unroll(unrolled(encoding, 8))
	for (int r = 0; r < rows - 1; r++) m = m + y[16 * r] * y[16 * r + 1];
	if (l16 < 14) m = m + y[16 * (rows - 1)] * y[16 * (rows - 1) + 1];
	return m;
}
DEVICE void finish_overlap(Shared &s, const Filters &f, int c, int place, int lane, float m) {
	const int l16 = lane & 15, rows = f.long_taps / 16;
	const float *y = s.x[c] + f.long_history + place + l16 + 2;
	if (l16 >= 14) m = m + y[16 * (rows - 1)] * y[16 * (rows - 1) + 1];
	m = fold16(m);
	if (lane == 0) s.overlap[c][f.long_filter] = m;
}

// update_rows moves the weights of all other filters and sums up: two warps share them. It reads what some rows need before it writes what
// comes of them.
template <bool encoding> DEVICE void update_rows(const Context &at, int weights, int rows, int c, int t, int half, int l16) {
	enum { BATCH = unrolled(encoding, 4) };
	Shared &s = at.s;
	// The other channel's history was moved back if it is due; a reference's will be after this.
	const int other_place = at.job.references ? (t & (ROOM - 1)) + 2 : ((c ? t + 1 : t) & (ROOM - 1)) + 1;
	const float *own = s.x[c] + (t & (ROOM - 1)) + 1 + l16, *other = s.x[1 - c] + other_place + l16;
	const int *infos = s.rows[c][half];
	const float2 *steps = s.step[c];
	float *w = at.weights(c) + weights + l16;
	float m = 0, m1 = 0, m2 = 0;
#pragma unroll 1
	for (int first = 0; first < rows; first += BATCH, w += 16 * BATCH) {
		int info[BATCH];
		float y[BATCH][4], u[BATCH], g[BATCH];
		float2 step[BATCH];
#pragma unroll
		for (int q = 0; q < BATCH; q++) info[q] = infos[first + q], u[q] = w[16 * q];
#pragma unroll
		for (int q = 0; q < BATCH; q++) {
			const float *x = (info[q] >> 25 & 1 ? other : own) + (info[q] & 8191);
			for (int k = 0; k < 4; k++) y[q][k] = x[k];
			step[q] = steps[info[q] >> 13 & 31];
			const int taper = info[q] >> 19 & 63;
			g[q] = taper == TAPER_ROWS ? 1 : read_only(&at.tables.taper[taper][l16]);
		}
#pragma unroll
		for (int q = 0; q < BATCH; q++) {
			float y2 = y[q][2], y3 = y[q][3];
			const bool last = info[q] >> 18 & 1;
			if (last && (info[q] >> 25 & 1)) { // the other channel's newest input comes later: see finish_outputs
				if (l16 == 15) y2 = 0;
				if (l16 >= 14) y3 = 0;
			}
			const float v = u[q] + g[q] * (step[q].x * y[q][0] + step[q].y * y[q][1]);
			w[16 * q] = v;
			m = m + v * y2;
			m1 = m1 + v * y3;
			m2 = m2 + (g[q] * y2) * y3;
			if (last) {
				const int filter = info[q] >> 13 & 31;
				float *to = filter < NFILT ? &s.sums[0][0] + filter * 51 + l16 : s.partial[c][filter - NFILT][0] + l16;
				const int apart = filter < NFILT ? 17 : 16;
				to[0] = m, to[apart] = m1, to[2 * apart] = m2;
				m = m1 = m2 = 0;
			}
		}
	}
	sync_warp();
}

// fold_sums adds up the lanes' sums of a warp's filters, each of which is a lane's here.
DEVICE void fold_sums(Shared &s, int c, int lane) {
	for (int kind = 0; kind < 3; kind++) {
		const float *z = s.sums[3 * lane + kind];
		float u0 = z[0] + z[8], u1 = z[1] + z[9], u2 = z[2] + z[10], u3 = z[3] + z[11];
		float u4 = z[4] + z[12], u5 = z[5] + z[13], u6 = z[6] + z[14], u7 = z[7] + z[15];
		(kind == 0 ? s.outputs : kind == 1 ? s.rest : s.overlap)[c][lane] = ((u0 + u4) + (u2 + u6)) + ((u1 + u5) + (u3 + u7));
	}
}

// move_back makes room in the histories of a channel again. All warps share them.
RARE void move_back(const Filters &f, int x, int warp, int warps, int lane) {
	Shared &s = *(Shared *)shared_memory();
	for (int h = 0; h < f.histories; h++) {
		if (warp != h % warps) continue;
		float *q = s.x[x] + f.moved[h][0];
		const int length = f.moved[h][1] + 4;
		for (int i = lane; i < (length + 31) / 32 * 32; i += 32) {
			float z = i < length ? q[i + ROOM] : 0;
			sync_warp();
			if (i < length) q[i] = z;
			sync_warp();
		}
	}
}

// filters is the role of two or three warps: the first one has the long filter and all steps, the others all other filters.
template <bool encoding> ROLE void filters(const Tables &tables, int warp, int first, int steps, int lane) {
	const Context at = context(tables);
	constexpr int warps = filter_warps(encoding);
	Shared &s = at.s;
	Normaliser mine, theirs; // of the channel at hand, and of the other one
	for (int i = 0; i < 6; i++) mine.levels[i] = theirs.levels[i] = 0;
	mine.flat = mine.usual = theirs.flat = theirs.usual = 0, mine.power = theirs.power = 1;
	const Filters &filters0 = at.tables.filters[at.job.tonal0], &filters1 = at.tables.filters[at.job.tonal1];
	const bool folds0 = lane < NFILT && lane != filters0.long_filter && (warps == 2 || filters0.halves[lane] / 2 == warp - 1);
	const bool folds1 = lane < NFILT && lane != filters1.long_filter && (warps == 2 || filters1.halves[lane] / 2 == warp - 1);
	float keep[6], gain[6], over0 = 0, over1 = 0;
	const Filter mine0 = filters0.lane[lane], mine1 = filters1.lane[lane];
	const int order0 = at.job.order0, order1 = at.job.order1;
	int levels0 = 0, levels1 = 0;
	{
		float g = 1, length = 1;
		for (int i = 0; i < 6; i++) keep[i] = 1 - 1 / (length + 1), gain[i] = g, g = g * 0.32987698f, length = length * 4;
		for (int l = 1; l <= mine0.taps; l *= 4) levels0++;
		for (int l = 1; l <= mine1.taps; l *= 4) levels1++;
	}
#if SMALL
	FilterRegisters &kept = at.job.slices->filters[32 * warp + lane];
	if (first > 0) mine = kept.mine, theirs = kept.theirs, over0 = kept.over0, over1 = kept.over1;
#endif
	for (int c = 0; c < at.job.channels; c++) barrier_arrive(FILTERS_DONE + c, 32 * (1 + warps));
#pragma unroll 1
	for (int step = first; step < steps; step++) {
		lane = anew(lane);
		const Turn now = turn(step, at.job.channels);
		const int c = now.channel, t = now.frame, place = (t & (ROOM - 1)) + 1;
		const Filters &f = c ? filters1 : filters0;
		barrier_sync(FILTER_GO + c, 32 * (1 + warps));
		if (warp == 0) {
			normalise(at, c ? mine1 : mine0, mine, theirs, keep, gain, c ? levels1 : levels0, c ? order1 : order0, c, t, lane);
			if (at.job.channels == 2) {
				const Normaliser swap = mine;
				mine = theirs, theirs = swap;
			}
		}
		barrier_sync(FILTERS, 32 * warps);
		if (t % 2 == 0) {
			if (warp == warps - 1 && f.long_filter >= 0) {
				const float m = overlap_long<encoding>(s, f, c, place, lane & 15);
				if (c) over1 = m; else over0 = m;
			}
		} else {
			if (warp) {
				if (warp == warps - 1 && f.long_filter >= 0) finish_overlap(s, f, c, place, lane, c ? over1 : over0);
#pragma unroll 1
				for (int k = warp - 1; k < 2; k += warps - 1) {
					const int half = 2 * k + (lane >> 4);
					update_rows<encoding>(at, f.weights[half], f.row_count[k], c, t, half, lane & 15);
				}
				if (c ? folds1 : folds0) fold_sums(s, c, lane);
			} else if (f.long_filter >= 0) {
				update_long<encoding>(at, f, c, place, lane);
			}
			if (place == ROOM) {
				barrier_sync(FILTERS, 32 * warps);
				move_back(f, c, warp, warps, lane);
				if (at.job.references) move_back(f, 1, warp, warps, lane);
				barrier_sync(FILTERS, 32 * warps);
			}
		}
		sync_warp();
		barrier_arrive(FILTERS_DONE + c, 32 * (1 + warps));
		if (may_stop(now, at.job.channels) && s.stop) break;
	}
#if SMALL
	kept = {mine, theirs, over0, over1};
#endif
}

// Normalised least-mean-squares filters in blocks of two samples (codec/internal/predictor: filters.go, block.go, normalise.go, correction.go).
#pragma once
#include "arithmetic.cuh"

// Normaliser is the state of a lane's filter for one channel.
struct Normaliser { float levels[6], flat, power, usual; };

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
	const Reference &r = at.group.referred[0];
	const int i = frame - r.delay + 16;
	return i < 0 || i >= r.frames ? 0 : float(((const int *)(at.tracks + r.steps))[i]);
}

// write_input adds an input to a history. What comes behind it is 0.
DEVICE void write_input(float *x, int history, int longest, int at, float input) {
	float *to = x + history + longest + 1 + at;
	to[0] = input, to[1] = 0, to[2] = 0;
}

// normalise finds the steps after a sample, and adds the inputs to the histories.
DEVICE void normalise(const Context &at, Normaliser (&state)[2], const float (&keep)[6], const float (&gain)[6], int levels, int c, int t, int lane) {
	Shared &s = at.s;
	const Filter &y = at.tables.filters[at.group.track[c].tonal].lane[lane];
	const int odd = t & 1, place = (t & (ROOM - 1)) + 1;
	const bool own = lane < NFILT, other = lane >= NFILT && lane < LANES;
	const double v = s.value[c];
	const float keep_flat = 1 - 1 / float(y.taps);
	if (at.group.references && other && at.paired) {
		const float x = observed(at, t);
		take_input(state[0], keep, gain, levels, keep_flat, y.mu, x);
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
	Normaliser &mine = state[c];
	if (y.robust) {
		mine.usual = mine.usual * 0.99f + (err < 0 ? -err : err) * 0.01f;
		err = err > mine.usual ? mine.usual : err < -mine.usual ? -mine.usual : err;
	}
	const float others = shuffle(c ? state[1].power : state[0].power, y.partner >= 0 ? y.partner : lane);
	const float power = y.base < 0 && at.paired ? mine.power + others : mine.power;
	const float rate = t < at.group.track[c].order ? 0 : y.mu * err / power;
	if (own) {
		float *to = odd ? &s.step[c][lane].y : &s.step[c][lane].x;
		*to = rate;
		if (y.partner >= 0) (odd ? s.step[c][y.partner].y : s.step[c][y.partner].x) = rate;
		s.inputs[c][odd][lane] = input;
		if (y.history >= 0) write_input(s.x[c], y.history, y.longest, place, input);
		take_input(mine, keep, gain, levels, keep_flat, y.mu, input);
	} else if (other && at.channels == 2) {
		take_input(state[1 - c], keep, gain, levels, keep_flat, y.mu, float(v));
	}
}

// update_long moves the weights of the long filter and sums up: one half of the warp for the next sample, the other for that after it.
DEVICE void update_long(Shared &s, const Filters &f, int c, int place, int lane) {
	const int taps = f.long_taps, half = lane >> 4, l16 = lane & 15;
	float *w = s.w[c];
	const float *x = s.x[c] + f.long_history + place;
	const float2 step = s.step[c][f.long_filter];
#pragma unroll 8
	for (int i = 2 * lane; i < taps; i += 64) {
		float2 a = *(const float2 *)(x + i), b = *(const float2 *)(x + i + 2), u = *(float2 *)(w + i);
		u.x = u.x + (step.x * a.x + step.y * a.y);
		u.y = u.y + (step.x * a.y + step.y * b.x);
		*(float2 *)(w + i) = u;
	}
	sync_warp();
	const float *y = x + 2 + half + l16, *u = w + l16;
	float m = 0;
#pragma unroll 16
	for (int r = 0; r < taps / 16; r++) m = m + u[16 * r] * y[16 * r];
	m = fold16(m);
	if (l16 == 0) (half ? s.rest : s.outputs)[c][f.long_filter] = m;
}

// overlap_long is the sum of the products of the long filter's next two windows. Most of it can be had a sample before.
DEVICE float overlap_long(const Shared &s, const Filters &f, int c, int place, int l16) {
	const float *y = s.x[c] + f.long_history + place + 1 + l16 + 2;
	float m = 0;
	const int rows = f.long_taps / 16;
#pragma unroll 16
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

// update_rows moves the weights of all other filters and sums up.
DEVICE void update_rows(const Context &at, const Filters &f, int c, int t, int lane) {
	Shared &s = at.s;
	const int half = lane >> 4, l16 = lane & 15, rows = f.row_count[half], most = f.row_count[0] > f.row_count[1] ? f.row_count[0] : f.row_count[1];
	// The other channel's history was moved back if it is due; a reference's will be after this.
	const int other_place = at.group.references ? (t & (ROOM - 1)) + 2 : ((c ? t + 1 : t) & (ROOM - 1)) + 1;
	const float *own = s.x[c] + (t & (ROOM - 1)) + 1 + l16;
	const float *other = s.x[1 - c] + other_place + l16;
	float *w = s.w[c] + f.weights[half] + l16;
	float m = 0, m1 = 0, m2 = 0;
#pragma unroll 4
	for (int r = 0; r < most; r++) {
		const int at_row = r < rows ? r : rows > 0 ? rows - 1 : 0;
		const int info = read_only(&f.rows[half][at_row]);
		const float *x = (info >> 25 & 1 ? other : own) + (info & 8191);
		const int filter = info >> 13 & 31;
		const float2 step = s.step[c][filter];
		const float g = read_only(&at.tables.taper[info >> 19 & 63][l16]);
		float y0 = x[0], y1 = x[1], y2 = x[2], y3 = x[3], u = w[16 * at_row];
		if ((info >> 18 & 1) && (info >> 25 & 1)) { // the other channel's newest input comes later: see finish_others
			if (l16 == 15) y2 = 0;
			if (l16 >= 14) y3 = 0;
		}
		u = u + g * (step.x * y0 + step.y * y1);
		m = m + u * y2;
		m1 = m1 + u * y3;
		m2 = m2 + (g * y2) * y3;
		if (r < rows) {
			w[16 * r] = u;
			if (info >> 18 & 1) {
				if (filter < NFILT) {
					float *to = &s.sums[0][0] + filter * 51 + l16;
					to[0] = m, to[17] = m1, to[34] = m2;
				} else {
					float *to = s.partial[c][filter - NFILT][0] + l16;
					to[0] = m, to[16] = m1, to[32] = m2;
				}
				m = m1 = m2 = 0;
			}
		}
	}
	sync_warp();
	for (int q = lane; q < 3 * NFILT; q += 32) {
		const float *z = s.sums[q];
		float u0 = z[0] + z[8], u1 = z[1] + z[9], u2 = z[2] + z[10], u3 = z[3] + z[11];
		float u4 = z[4] + z[12], u5 = z[5] + z[13], u6 = z[6] + z[14], u7 = z[7] + z[15];
		float sum = ((u0 + u4) + (u2 + u6)) + ((u1 + u5) + (u3 + u7));
		const int filter = q / 3, kind = q % 3;
		if (filter != f.long_filter) (kind == 0 ? s.outputs : kind == 1 ? s.rest : s.overlap)[c][filter] = sum;
	}
}

// move_back makes room in the histories of a channel again. Two warps share them.
DEVICE void move_back(Shared &s, const Filters &f, int x, int warp, int lane) {
	for (int h = 0; h < f.histories; h++) {
		const bool is_long = f.long_filter >= 0 && f.moved[h][0] == f.long_history;
		if (f.long_filter >= 0 ? is_long != (warp == 0) : warp != h % 2) continue;
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

// filters is the role of two warps: the first one has the long filter and all steps, the second one all other filters.
DEVICE void filters(const Context &at, int warp, int steps, int lane) {
	Shared &s = at.s;
	Normaliser state[2];
	for (int c = 0; c < 2; c++) {
		for (int i = 0; i < 6; i++) state[c].levels[i] = 0;
		state[c].flat = state[c].usual = 0, state[c].power = 1;
	}
	float keep[6], gain[6], over0 = 0, over1 = 0;
	int levels[2] = {0, 0};
	{
		float g = 1, length = 1;
		for (int i = 0; i < 6; i++) keep[i] = 1 - 1 / (length + 1), gain[i] = g, g = g * 0.32987698f, length = length * 4;
		for (int c = 0; c < at.channels; c++)
			for (int l = 1; l <= at.tables.filters[at.group.track[c].tonal].lane[lane].taps; l *= 4) levels[c]++;
	}
	for (int c = 0; c < at.channels; c++) barrier_arrive(FILTERS_DONE + c, 96);
#pragma unroll 1
	for (int step = 0; step < steps; step++) {
		const Turn now = turn(step, at.channels);
		const int c = now.channel, t = now.frame, place = (t & (ROOM - 1)) + 1;
		const Filters &f = at.tables.filters[at.group.track[c].tonal];
		barrier_sync(FILTER_GO + c, 96);
		if (warp == 0) {
			if (c) normalise(at, state, keep, gain, levels[1], 1, t, lane);
			else normalise(at, state, keep, gain, levels[0], 0, t, lane);
		}
		barrier_sync(FILTERS, 64);
		if (t % 2 == 0) {
			if (warp && f.long_filter >= 0) {
				const float m = overlap_long(s, f, c, place, lane & 15);
				if (c) over1 = m; else over0 = m;
			}
		} else {
			if (warp) {
				if (f.long_filter >= 0) finish_overlap(s, f, c, place, lane, c ? over1 : over0);
				update_rows(at, f, c, t, lane);
			} else if (f.long_filter >= 0) {
				update_long(s, f, c, place, lane);
			}
			if (place == ROOM) {
				barrier_sync(FILTERS, 64);
				move_back(s, f, c, warp, lane);
				if (at.group.references) move_back(s, f, 1, warp, lane);
				barrier_sync(FILTERS, 64);
			}
		}
		sync_warp();
		barrier_arrive(FILTERS_DONE + c, 96);
	}
}

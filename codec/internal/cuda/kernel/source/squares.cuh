// Least squares: statistics and solutions (codec/internal/predictor: statistics.go, solver.go, group.go, stacking.go, weigh.go).
#pragma once
#include "arithmetic.cuh"
#include "tone.cuh"

// A matrix is kept folded: line i, from 0 to n/2, holds row i from the diagonal on and, before it, row n - i backwards. Behind it stands the
// right-hand side. A system has so many lanes, 16 or all 32, each with C columns.
template <int C> DEVICE int line_length() { return C == 1 ? 32 : 64; }

// regressor returns number j of a system's at a frame.
DEVICE double regressor(const Context &at, int c, int system, const System &y, int frame, int j) {
	const Shared &s = at.s;
	if (system >= NLS) return s.mix_rows[c][frame & 3][j];
	if (at.job.sources) return ((const double *)(at.job.scratch + at.job.rows))[((c * NLS + system) * 4 + (frame & 3)) * 64 + j];
	if (j < y.own) return s.history[c][slot(frame - 1) + j];
	return s.history[1 - c][slot(c ? frame : frame - 1) + j - y.own];
}

// gather takes the newest rows, at most 4, into the statistics. room is for eight numbers a lane.
template <int C>
DEVICE void gather(const Context &at, int c, int system, int frame, int rows, double *moments, double *room, int lanes, int lane) {
	const Shared &s = at.s;
	const System &y = s.systems[system];
	const int n = y.unknowns, length = line_length<C>(), l = lane & (lanes - 1);
	room += 8 * (lane - l);
	double *raw = room + 4 * lanes * C; // the rows, and before them the same with their weights
	double forget = 1;
#pragma unroll 1
	for (int k = rows - 1; k >= 0; k--) {
		const double weight = s.updates[c][system][k] * forget;
		forget = forget * y.forget;
		for (int q = 0; q < C; q++) {
			const int j = l + 32 * q;
			const double x = j < n ? regressor(at, c, system, y, frame - rows + 1 + k, j) : 0;
			raw[lanes * C * k + j] = x;
			room[4 * j + k] = weight * x;
		}
	}
	sync_warp();
	double x[C][4], back[C][4];
	for (int q = 0; q < C; q++) {
		const int j = l + 32 * q;
		for (int k = 0; k < 4; k++) {
			x[q][k] = k < rows ? raw[lanes * C * k + j] : 0;
			back[q][k] = k < rows && j < n ? raw[lanes * C * k + n - 1 - j] : 0;
		}
	}
	const double2 *scaled = (const double2 *)room;
	enum { BATCH = 4 }; // reads at once: the statistics may be far away
	double *line = moments + lane;
#pragma unroll 1
	for (int first = 0; first <= n / 2; first += BATCH, line += BATCH * length) {
		double old[BATCH][C];
#pragma unroll
		for (int k = 0; k < BATCH; k++)
			for (int q = 0; q < C; q++) old[k][q] = line[k * length + 32 * q]; // what comes behind them all is the right-hand side, and its like
#pragma unroll
		for (int k = 0; k < BATCH; k++)
			for (int q = 0; q < C; q++) {
				const int i = first + k, j = l + 32 * q;
				const bool up = j >= i;
				const int row = up ? i : n - i;
				if (j >= n || 2 * i > n || !(up || 2 * i < n)) continue;
				double2 a = scaled[2 * row], b = scaled[2 * row + 1];
				double v = forget * old[k][q];
				v = v + a.x * (up ? x[q][0] : back[q][0]);
				if (rows > 1) v = v + a.y * (up ? x[q][1] : back[q][1]);
				if (rows > 2) v = v + b.x * (up ? x[q][2] : back[q][2]);
				if (rows > 3) v = v + b.y * (up ? x[q][3] : back[q][3]);
				line[k * length + 32 * q] = v;
			}
	}
	for (int q = 0; q < C; q++) {
		const int j = l + 32 * q;
		double *side = moments + (n / 2 + 1) * length + lane + 32 * q;
		double v = forget * *side;
		for (int k = 0; k < 4; k++)
			if (k < rows && j < n) v = v + room[4 * j + k] * s.history[c][slot(frame - rows + 1 + k)];
		*side = v;
	}
	sync_warp();
}

// solve puts the solution into the weights, if the matrix is positive definite.
template <int C>
DEVICE void solve(const double *moments, double *factor, double *weights, int n, double ridge, bool mine, int lanes, int lane) {
	const int length = line_length<C>(), first = lane & (lanes - 1), base = lane - first;
	double side[C], solved[C], inverse[C];
	for (int q = 0; q < C; q++) side[q] = moments[(n / 2 + 1) * length + lane + 32 * q], solved[q] = inverse[q] = 0;
	bool sound = true;
	auto line = [&](int i, int q) { // row i of the matrix
		const int j = first + 32 * q;
		int from = 0;
		if (j >= i && j < n) from = i <= n / 2 ? i * length + base + j : (n - i) * length + base + n - 1 - j;
		return moments[from];
	};
	double coming[C]; // the next row, which may be far away
	for (int q = 0; q < C; q++) coming[q] = line(0, q);
	int row = 0; // where that of the factor begins, less the column of its first element
	for (int i = 0; i < n; i++) {
		double v[C];
		for (int q = 0; q < C; q++) v[q] = coming[q], coming[q] = line(i + 1, q);
		const double *above = factor;
		int step = n - 1;
#pragma unroll 4
		for (int k = 0; k < i; k++) {
			const double a = above[i];
			for (int q = 0; q < C; q++) {
				const int j = first + 32 * q;
				v[q] = v[q] - a * above[j < n ? j : n - 1];
			}
			above += step--;
		}
		double pivot = C == 1 || i < 32 ? shuffle(v[0], base + i) : shuffle(v[C - 1], i - 32);
		pivot = pivot + ridge;
		sound = sound && pivot > 1e-30;
		const double d = 1 / sqrt(pivot);
		const double left = C == 1 || i < 32 ? shuffle(side[0], base + i) : shuffle(side[C - 1], i - 32);
		const double one = left * d;
		for (int q = 0; q < C; q++) {
			const int j = first + 32 * q;
			const double u = v[q] * d;
			if (j >= i && j < n) factor[row + j] = u;
			if (j == i) inverse[q] = d, solved[q] = one;
			side[q] = side[q] - one * u;
		}
		row += n - 1 - i;
		sync_warp();
	}
	// Row i of the factor begins, less i, at i * n - i * (i + 1) / 2.
	double x[C], next[C];
	for (int q = 0; q < C; q++) x[q] = next[q] = 0;
	for (int k = n - 1; k >= 0; k--) {
		double product[C];
		for (int q = 0; q < C; q++) {
			const int j = first + 32 * q;
			product[q] = j > k && j < n ? next[q] * x[q] : 0;
			next[q] = k > 0 && j >= k && j < n ? factor[(k - 1) * n - (k - 1) * k / 2 + j] : 0; // of row k - 1
		}
		double sum = 0;
		for (int q = 0; q < n; q += 8) {
			const int from = k + 1 + (lane & 7) + q;
			double t = shuffle(product[0], base + (from & (lanes - 1)));
			if (C == 2) {
				const double u = shuffle(product[C - 1], from & 31);
				t = from < 32 ? t : u;
			}
			sum = sum + (from < n ? t : 0);
		}
		sum = fold8(sum);
		for (int q = 0; q < C; q++)
			if (first + 32 * q == k) x[q] = (solved[q] - sum) * inverse[q];
	}
	for (int q = 0; q < C; q++) {
		const int j = first + 32 * q;
		if (mine && sound && j < n) weights[j] = x[q];
	}
	sync_warp();
}

// interval is how many samples lie between two solutions.
DEVICE int interval(const System &y, int count) {
	int n = count / 64;
	n = n < y.last ? n : y.last;
	n = n > y.first ? n : y.first;
	int p = 1;
	while (2 * p <= n) p *= 2;
	return p;
}

// learn_square takes a sample in, and solves where it is time to. If there is a system b, each has half of the lanes.
template <int C>
DEVICE void learn_square(const Context &at, int c, int a, int b, int frame, int count, double *all_moments, double *factor, int lane) {
	Shared &s = at.s;
	const bool halves = C == 1 && b >= 0, second = halves && lane >= 16;
	const int lanes = halves ? 16 : 32;
	const int mine = second ? b : a;
	const int rows = s.pending[c][a] + 1;
	const bool due_a = s.until[c][a] == count, due_b = halves && s.until[c][b] == count, due = due_a || due_b;
	sync_warp();
	if (lane == 0) {
		s.pending[c][a] = rows == 4 || due ? 0 : rows;
		if (halves) s.pending[c][b] = s.pending[c][a];
		if (due_a) s.until[c][a] = count + interval(s.systems[a], count);
		if (due_b) s.until[c][b] = count + interval(s.systems[b], count);
	}
	double *moments = all_moments + s.systems[a].moments;
	if (rows == 4 || due) gather<C>(at, c, mine, frame, rows, moments, factor, lanes, lane);
	if (due) {
		const System &y = s.systems[mine];
		solve<C>(moments, factor + (second ? 136 : 0), s.weights[c] + y.weights, y.unknowns, y.ridge, second ? due_b : due_a, lanes, lane);
	}
	sync_warp();
}

#if STACKING
// learn_stack is stacking.learn, with its weight.
DEVICE void learn_stack(Shared &s, int c, double v, int lane) {
	double *m = s.stack_moments[c];
	double base = s.predictions[c][FIRST_MIXER], x0 = s.stack[c][0], x1 = s.stack[c][1], value = v - base;
	double err = absolute(value - s.stack[c][2]);
	double mean = s.means[c][SYSTEMS] * 0.998 + err * 0.002;
	double q = pow08(s.exp20, (INNOVATION > 0 ? mean * (1 - INNOVATION) + err * INNOVATION : mean) + 0.001);
	double t0 = q * x0, t1 = q * x1;
	double a00 = STACK_FORGET * m[0] + t0 * x0, a01 = STACK_FORGET * m[1] + t0 * x1, a11 = STACK_FORGET * m[2] + t1 * x1;
	double b0 = STACK_FORGET * m[3] + t0 * value, b1 = STACK_FORGET * m[4] + t1 * value;
	sync_warp();
	if (lane == 0) m[0] = a00, m[1] = a01, m[2] = a11, m[3] = b0, m[4] = b1, s.means[c][SYSTEMS] = mean;
	double p0 = a00 + STACK_RIDGE;
	if (p0 > 1e-30) {
		double d0 = 1 / sqrt(p0), f = a01 * d0, p1 = a11 - f * f + STACK_RIDGE;
		if (p1 > 1e-30) {
			double d1 = 1 / sqrt(p1), y0 = b0 * d0, y1 = (b1 - y0 * f) * d1, w1 = y1 * d1;
			if (lane == 0) s.stack_weights[c][1] = w1, s.stack_weights[c][0] = (y0 - f * w1) * d0;
		}
	}
}
#endif

// learn_elsewhere is learn_square for all systems of a warp, wherever their statistics are and however large they are.
RARE void learn_elsewhere(const Tables &tables, int c, int slot, int frame, int count, int lane) {
	const Context at = context(tables);
	const Slot &mine = at.s.slots[slot];
	double *moments = at.moments(c), *factor = at.job.factors + mine.room;
#pragma unroll 1
	for (int k = 0; k < 2; k++) {
		const int system = k ? mine.b : mine.a;
		if (system < 0 || k && mine.halves) continue;
		if (at.s.systems[system].unknowns > 32) learn_square<2>(at, c, system, -1, frame, count, moments, factor, lane);
		else learn_square<1>(at, c, system, mine.halves ? mine.b : -1, frame, count, moments, factor, lane);
	}
}

// warm_up_square sets the weights after a sample of the warm-up, of which there have been count.
RARE void warm_up_square(const Tables &tables, int c, int system, int count, int lane) {
	const Context at = context(tables);
	Shared &s = at.s;
	const System &y = s.systems[system];
	const Track &track = at.job.group->track[c];
	if (system < NLS) {
		const int order = count < y.own ? count : y.own;
		const double *a = (const double *)(at.job.input + track.coefficients) + 32 * order;
		for (int j = lane; j < y.own; j += 32) {
			const double w = j < order ? a[j] : 0;
			s.weights[c][y.weights + j] = w;
			if (count == track.order) {
				at.moments(c)[y.moments + (y.unknowns / 2 + 1) * (y.unknowns > 32 ? 64 : 32) + j] = y.ridge * w;
			}
		}
	}
	if (count == track.order && lane == 0) s.means[c][system] = track.expected[count];
}

// weigh finds the weight of a sample for a system, one of the lane.
DEVICE void weigh(Shared &s, int c, int system) {
	const double err = absolute(s.value[c] - s.predictions[c][s.systems[system].prediction]);
	const double mean = s.means[c][system] * 0.998 + err * 0.002;
	s.updates[c][system][s.pending[c][system]] = pow08(s.exp20, (INNOVATION > 0 ? mean * (1 - INNOVATION) + err * INNOVATION : mean) + 0.001);
	s.means[c][system] = mean;
}

// learn_slot has the systems of a slot learn a sample.
DEVICE void learn_slot(const Context &at, int c, int number, int t, int order, int lane) {
	Shared &s = at.s;
	const Slot &slot = s.slots[number];
	const int count = t - order + 1;
#if FACTORS_SHARED
	// The usual case knows what is in shared memory.
	double *moments = MOMENTS_SHARED ? s.moments[c] : at.moments(c);
	if (at.job.sources) learn_elsewhere(at.tables, c, number, t, count, lane);
#if USUAL_UNKNOWNS > 32
	else if (s.systems[slot.a].unknowns > 32) learn_square<2>(at, c, slot.a, -1, t, count, moments, s.factors + slot.room, lane);
#endif
	else learn_square<1>(at, c, slot.a, slot.halves ? slot.b : -1, t, count, moments, s.factors + slot.room, lane);
#else
	learn_elsewhere(at.tables, c, number, t, count, lane);
#endif
}

// squares is the role of the warps of the least squares.
template <bool encoding> ROLE void squares(const Tables &tables, int number, int first, int steps, int lane) {
	const Context at = context(tables);
	Shared &s = at.s;
	const int threads = 32 * (1 + SWARPS);
	bool mine = false; // the system of this lane's number
	int slots = 0;     // of this warp, a bit each
	for (int i = 0; i < SLOTS; i++)
		if (s.slots[i].warp == number) {
			slots |= 1 << i;
			mine = mine || s.slots[i].a == lane || s.slots[i].b == lane;
		}
	for (int c = 0; c < at.job.channels; c++) barrier_arrive(SQUARES_DONE + c, threads);
#pragma unroll 1
	for (int step = first; step < steps; step++) {
		lane = anew(lane);
		const Turn now = turn(step, at.job.channels);
		const int c = now.channel, t = now.frame, order = at.order(c);
		barrier_sync(SQUARES_GO + c, threads);
#if STACKING
		if (number == 0) { // the last one has most systems
			if (t >= order) learn_stack(s, c, s.value[c], lane);
			else if (t + 1 == order && lane == 0) s.means[c][SYSTEMS] = at.job.group->track[c].expected[order];
		}
#endif
		if (t >= order && mine) weigh(s, c, lane);
		sync_warp();
#pragma unroll 1
		for (int left = slots; left; left &= left - 1) {
			const int i = 63 - leading_zeros(left & -left);
			const Slot &slot = s.slots[i];
			lane = anew(lane);
			if (t >= order) {
				learn_slot(at, c, i, t, order, lane);
				continue;
			}
			warm_up_square(at.tables, c, slot.a, t + 1, lane);
			if (slot.b >= 0) warm_up_square(at.tables, c, slot.b, t + 1, lane);
		}
#if NTONE
		if (at.tonal(c))
			for (int k = 0; k < NTONE; k++) learn_tone(at, c, k, t, number, lane, encoding ? KNOWN : TAKEN);
#endif
		sync_warp();
		barrier_arrive(SQUARES_DONE + c, threads);
		if (may_stop(now, at.job.channels) && s.stop) break;
	}
}

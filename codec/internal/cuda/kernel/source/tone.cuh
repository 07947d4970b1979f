// Predictors of tones (codec/internal/predictor/tone.go). One warp has one of them, whose lanes are those of the sums; others help it.
#pragma once
#include "arithmetic.cuh"

#if NTONE
DEVICE int tone_order(int k) { return k == 0 ? TONE0_ORDER : TONE1_ORDER; }
DEVICE int tone_every(int k) { return k == 0 ? TONE0_EVERY : TONE1_EVERY; }
DEVICE int tone_block(int k) { return tone_every(k) < 256 ? tone_every(k) : 256; } // samples that are taken in together
DEVICE double tone_ridge(int k) { return k == 0 ? TONE0_RIDGE : TONE1_RIDGE; }

// ToneState is a tone at work, in global memory. All arrays over lags are a multiple of 32 long.
struct ToneState {
	int length, block;
	double *moments0, *moments1, *moments2, *weights, *forward, *backward, *reversed, *scaled;
	const double *shrink, *ages;
};

DEVICE ToneState tone_state(const Context &at, int c, int k) {
	ToneState t;
	const ToneTables &y = at.job.group->track[c].tones[k];
	t.length = (tone_order(k) + 1 + 31) / 32 * 32;
	t.block = tone_block(k);
	double *p = (double *)(at.job.scratch + y.state);
	t.moments0 = p, p += t.length;
	t.moments1 = p, p += t.length;
	t.moments2 = p, p += t.length;
	t.weights = p, p += t.length;
	t.forward = p, p += t.length + 256;
	t.backward = p, p += 2 * t.length + 256;
	t.reversed = p, p += 2 * t.length + 256;
	t.scaled = p;
	t.shrink = (const double *)(at.job.input + y.shrink);
	t.ages = (const double *)(at.job.input + y.ages);
	return t;
}

// tone_size is how many doubles of the state must be 0 at the beginning.
DEVICE int tone_size(int k) { return 9 * ((tone_order(k) + 1 + 31) / 32 * 32) + 3 * 256; }

DEVICE double heard(const int *steps, int frame) { return frame < 0 ? 0 : double(steps[frame]); }

// tone_take takes the newest block of samples into the moments. All warps of the least squares share it.
DEVICE void tone_take(const ToneState &y, const int *steps, int frame, int warp, int lane, int solvers) {
	const double aged = double(y.block), fade = y.ages[y.block - 1], twice = 2 * aged, square = aged * aged;
	for (int i = 32 * warp + lane; i < y.block; i += 32 * SWARPS) {
		const double x = heard(steps, frame - i);
		for (int j = 0; j < 3; j++) y.scaled[4 * i + j] = y.ages[j * y.block + i] * x;
	}
	barrier_sync(solvers, 32 * SWARPS);
	for (int k = 32 * warp + lane; k < y.length; k += 32 * SWARPS) {
		const double old = y.moments0[k], before = y.moments1[k];
		double r2 = fade * (y.moments2[k] + (twice * before + square * old));
		double r1 = fade * (before + aged * old);
		double r0 = fade * old;
		for (int i = 0; i < y.block; i += 4) {
			double x[4];
			double2 a[4];
			double b[4];
#pragma unroll
			for (int q = 0; q < 4; q++) {
				x[q] = heard(steps, frame - i - q - k);
				a[q] = *(const double2 *)(y.scaled + 4 * (i + q));
				b[q] = y.scaled[4 * (i + q) + 2];
			}
#pragma unroll
			for (int q = 0; q < 4; q++) {
				r0 = r0 + a[q].x * x[q];
				r1 = r1 + a[q].y * x[q];
				r2 = r2 + b[q] * x[q];
			}
		}
		y.moments0[k] = r0, y.moments1[k] = r1, y.moments2[k] = r2;
	}
	barrier_sync(solvers, 32 * SWARPS);
}

// tone_solve finds the weights by Levinson's recursion, by one warp.
DEVICE void tone_solve(const ToneState &y, int n, double ridge, int lane) {
	enum { BATCH = 8 };
	for (int i = lane; i < y.length + 32 * BATCH; i += 32) y.forward[i] = 0;
	for (int i = lane; i < 2 * y.length + 32 * BATCH; i += 32) y.backward[i] = 0;
	for (int k = lane; k <= n; k += 32) y.reversed[n - k] = y.shrink[k] * (y.moments2[k] + double(k) * y.moments1[k]);
	sync_warp();
	double power = y.reversed[n];
	if (!(power >= 1)) {
		for (int i = lane; i < y.length; i += 32) y.moments0[i] = y.moments1[i] = y.moments2[i] = y.weights[i] = 0;
		sync_warp();
		return;
	}
	power = power + ridge * power;
	int at = y.length;
	if (lane == 0) y.forward[0] = 1, y.backward[at] = 1;
	double correlation = y.reversed[n - 1];
	sync_warp();
#pragma unroll 1
	for (int order = 1; order <= n; order++) {
		const double k = correlation / power;
		if (!(k > -1 && k < 1)) break;
		at--;
		const double *r = y.reversed + (n - order - 1 > 0 ? n - order - 1 : 0) + lane;
		double *forward = y.forward + lane, *backward = y.backward + at + lane;
		const int elements = (order + 1 + 31) / 32 * 32;
		double sum = 0;
#pragma unroll 1
		for (int i = 0; i < elements; i += 32 * BATCH) { // what lies behind the elements is 0 and stays so
			double a[BATCH], b[BATCH], z[BATCH];
#pragma unroll
			for (int q = 0; q < BATCH; q++) a[q] = forward[i + 32 * q], b[q] = backward[i + 32 * q], z[q] = r[i + 32 * q];
#pragma unroll
			for (int q = 0; q < BATCH; q++) {
				if (i + 32 * q >= elements) continue;
				const double u = a[q] - k * b[q];
				backward[i + 32 * q] = b[q] - k * a[q];
				forward[i + 32 * q] = u;
				sum = sum + u * z[q];
			}
		}
		sync_warp();
		correlation = fold32(sum);
		power = power * (1 - k * k);
	}
	for (int i = lane; i < n; i += 32) y.weights[i] = -y.forward[i + 1];
	sync_warp();
}

// finds_tone says which warp has a tone. Those of two channels have different ones, since both are found at about the same time.
DEVICE int finds_tone(int c, int k) { return (2 * k + 1 - c) % SWARPS; }

// find_tone takes a block of samples in, and finds the weights anew where it is time to. All warps of the least squares call it.
RARE void find_tone(const Tables &tables, int c, int k, int count, int warp, int lane, int solvers) {
	const Context at = context(tables);
	Shared &s = at.s;
	const ToneState y = tone_state(at, c, k);
	tone_take(y, at.steps(c), count - 1, warp, lane, solvers);
	if (warp != finds_tone(c, k)) return;
	const int found = s.found[c][k], least = found > 256 ? found : 256;
	sync_warp();
	if (count - found >= (tone_every(k) < least ? tone_every(k) : least)) {
		if (lane == 0) s.found[c][k] = count;
		tone_solve(y, tone_order(k), tone_ridge(k), lane);
	}
	sync_warp();
}

// predict_tone predicts the sample after a frame, by one warp.
RARE void predict_tone(int c, int k, int frame, int lane) {
	enum { BATCH = 16 };
	static_assert(TONE0_ORDER % (32 * BATCH) == 0 && TONE1_ORDER % (32 * BATCH) == 0, "whole batches");
	Shared &s = *(Shared *)shared_memory();
	const double *weights = s.tone_weights[c][k] + lane;
	const int *newest = (c ? s.job.steps1 : s.job.steps0) + frame - lane;
	const int there = frame - lane; // samples before the lane's newest one
	double sum = 0;
#pragma unroll 1
	for (int i = 0; i < tone_order(k); i += 32 * BATCH) {
		double w[BATCH];
		int x[BATCH];
#pragma unroll
		for (int q = 0; q < BATCH; q++) x[q] = i + 32 * q <= there ? newest[-i - 32 * q] : 0;
#pragma unroll
		for (int q = 0; q < BATCH; q++) w[q] = weights[i + 32 * q];
#pragma unroll
		for (int q = 0; q < BATCH; q++) sum = sum + w[q] * double(x[q]);
	}
	sum = fold32(sum);
	if (lane == 0) s.tone[c][k] = sum;
}

// learn_tone learns a sample and predicts the next one. All warps of the least squares call it.
DEVICE void learn_tone(const Context &at, int c, int k, int frame, int warp, int lane, int solvers) {
	if ((frame + 1) % tone_block(k) == 0) find_tone(at.tables, c, k, frame + 1, warp, lane, solvers);
	if (warp == finds_tone(c, k) && at.s.found[c][k]) predict_tone(c, k, frame, lane);
}
#endif

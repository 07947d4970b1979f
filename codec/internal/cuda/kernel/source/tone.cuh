// Predictors of tones (codec/internal/predictor/tone.go). One warp has one of them: its lanes are those of the sums.
#pragma once
#include "arithmetic.cuh"

#if NTONE
DEVICE int tone_order(int k) { return k == 0 ? TONE0_ORDER : TONE1_ORDER; }
DEVICE int tone_every(int k) { return k == 0 ? TONE0_EVERY : TONE1_EVERY; }
DEVICE double tone_ridge(int k) { return k == 0 ? TONE0_RIDGE : TONE1_RIDGE; }

// ToneState is a tone at work, in global memory. All arrays over lags are a multiple of 32 long.
struct ToneState {
	int length, block;
	double *moments[3], *weights, *forward, *backward, *reversed, *scaled;
	const double *shrink, *ages;
};

DEVICE ToneState tone_state(const Context &at, int c, int k) {
	ToneState t;
	const ToneTables &y = at.group.track[c].tones[k];
	t.length = (tone_order(k) + 1 + 31) / 32 * 32;
	t.block = tone_every(k) < 256 ? tone_every(k) : 256;
	double *p = (double *)(at.scratch + y.state);
	for (int j = 0; j < 3; j++) t.moments[j] = p, p += t.length;
	t.weights = p, p += t.length;
	t.forward = p, p += t.length + 32;
	t.backward = p, p += 2 * t.length + 32;
	t.reversed = p, p += 2 * t.length + 32;
	t.scaled = p;
	t.shrink = (const double *)(at.input + y.shrink);
	t.ages = (const double *)(at.input + y.ages);
	return t;
}

// tone_size is how many doubles of the state must be 0 at the beginning.
DEVICE int tone_size(int k) { return 9 * ((tone_order(k) + 1 + 31) / 32 * 32) + 96; }

DEVICE double heard(const int *steps, int frame) { return frame < 0 ? 0 : double(steps[frame]); }

// tone_take takes the newest block of samples into the moments.
DEVICE void tone_take(const ToneState &y, const int *steps, int frame, int lane) {
	const double aged = double(y.block), fade = y.ages[y.block - 1], twice = 2 * aged, square = aged * aged;
	for (int i = lane; i < y.block; i += 32) {
		const double x = heard(steps, frame - i);
		for (int j = 0; j < 3; j++) y.scaled[3 * i + j] = y.ages[j * y.block + i] * x;
	}
	sync_warp();
	for (int k = lane; k < y.length; k += 32) {
		const double old = y.moments[0][k], before = y.moments[1][k];
		double r2 = fade * (y.moments[2][k] + (twice * before + square * old));
		double r1 = fade * (before + aged * old);
		double r0 = fade * old;
#pragma unroll 4
		for (int i = 0; i < y.block; i++) {
			const double x = heard(steps, frame - i - k);
			r0 = r0 + y.scaled[3 * i] * x;
			r1 = r1 + y.scaled[3 * i + 1] * x;
			r2 = r2 + y.scaled[3 * i + 2] * x;
		}
		y.moments[0][k] = r0, y.moments[1][k] = r1, y.moments[2][k] = r2;
	}
	sync_warp();
}

// tone_solve finds the weights by Levinson's recursion.
DEVICE void tone_solve(const ToneState &y, int n, double ridge, int lane) {
	for (int i = lane; i < y.length + 32; i += 32) y.forward[i] = 0;
	for (int i = lane; i < 2 * y.length + 32; i += 32) y.backward[i] = 0;
	for (int k = lane; k <= n; k += 32) y.reversed[n - k] = y.shrink[k] * (y.moments[2][k] + double(k) * y.moments[1][k]);
	sync_warp();
	double power = y.reversed[n];
	if (!(power >= 1)) {
		for (int j = 0; j < 3; j++)
			for (int i = lane; i < y.length; i += 32) y.moments[j][i] = 0;
		for (int i = lane; i < y.length; i += 32) y.weights[i] = 0;
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
		const double *r = y.reversed + (n - order - 1 > 0 ? n - order - 1 : 0);
		double sum = 0;
#pragma unroll 4
		for (int i = lane; i < (order + 1 + 31) / 32 * 32; i += 32) {
			const double a = y.forward[i], b = y.backward[at + i], u = a - k * b;
			y.backward[at + i] = b - k * a;
			y.forward[i] = u;
			sum = sum + u * r[i];
		}
		sync_warp();
		correlation = fold32(sum);
		power = power * (1 - k * k);
	}
	for (int i = lane; i < n; i += 32) y.weights[i] = -y.forward[i + 1];
	sync_warp();
}

// learn_tone learns a sample and predicts the next one.
DEVICE void learn_tone(const Context &at, int c, int k, int frame, int lane) {
	Shared &s = at.s;
	if (!at.group.track[c].tonal) return;
	const ToneState y = tone_state(at, c, k);
	const int count = frame + 1, found = s.found[c][k], *steps = at.steps[c];
	if (count % y.block == 0) {
		tone_take(y, steps, frame, lane);
		const int least = found > 256 ? found : 256;
		if (count - found >= (tone_every(k) < least ? tone_every(k) : least)) {
			sync_warp();
			if (lane == 0) s.found[c][k] = count;
			tone_solve(y, tone_order(k), tone_ridge(k), lane);
		}
	}
	sync_warp();
	if (s.found[c][k] == 0) return;
	double sum = 0;
#pragma unroll 8
	for (int i = lane; i < (tone_order(k) + 31) / 32 * 32; i += 32) sum = sum + y.weights[i] * heard(steps, frame - i);
	sum = fold32(sum);
	if (lane == 0) s.tone[c][k] = sum;
}
#endif

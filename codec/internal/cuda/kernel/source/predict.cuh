// The predictions of a sample (codec/internal/predictor: set.go, regression.go, mixing.go, stacking.go, sources.go), by one warp.
#pragma once
#include "arithmetic.cuh"

// sample_at is a track's or a reference's sample; what lies before or behind them all is 0.
DEVICE double sample_at(const int *steps, int frames, int i) { return i < 0 || i >= frames ? 0 : double(steps[i]); }

// gather_sources writes the rows of all least squares where these have other sources than the newest samples.
DEVICE void gather_sources(const Context &at, int c, int t, int lane) {
	const Shared &s = at.s;
	const Group &g = at.group;
	const int *lags = (const int *)(at.input + g.lags), lag = g.lags ? lags[t / 4096] : 0;
	double *rows = (double *)(at.scratch + g.rows);
	for (int k = 0; k < NLS; k++) {
		const System &y = s.systems[k];
		const int other = g.around[k][0], around = g.around[k][1];
		double *row = rows + ((c * NLS + k) * 4 + (t & 3)) * 64;
		for (int j = lane; j < y.unknowns; j += 32) {
			double v = 0;
			int i = j - y.own;
			if (i < 0) {
				v = s.history[c][slot(t - 1) + j];
			} else if (i < other) {
				if (g.references == 0) {
					v = s.history[1 - c][slot(c ? t : t - 1) + i];
				} else {
					for (int e = 0; e < g.around[k][3]; e++) {
						const Extract &x = g.extracts[y.extracts + e];
						if (i < x.size) {
							const Reference &r = g.referred[x.reference];
							v = sample_at((const int *)(at.tracks + r.steps), r.frames, t + x.offset + i);
							break;
						}
						i -= x.size;
					}
				}
			} else if (lag) {
				i -= other;
				if (i < around) {
					v = sample_at(at.steps[c], g.frames, t - lag - around / 2 + i);
				} else if (g.references) {
					const Reference &r = g.referred[0];
					v = sample_at((const int *)(at.tracks + r.steps), r.frames, t - lag - r.delay - g.around[k][2] / 2 + i - around);
				} else {
					v = sample_at(at.steps[1 - c], g.frames, t - lag - g.around[k][2] / 2 + i - around);
				}
			}
			row[j] = v;
		}
	}
	sync_warp();
}

// squares_of returns the predictions of the least squares, each in eight lanes; up to four from the first one on.
DEVICE double squares_of(const Context &at, int c, int t, int first, int lane) {
	const Shared &s = at.s;
	const int m = lane & 7, k = first + (lane >> 3) < NLS ? first + (lane >> 3) : NLS - 1;
	const System &y = s.systems[k];
	const double *w = s.weights[c] + y.weights;
	double sum = 0;
	if (at.group.sources) {
		const double *row = (const double *)(at.scratch + at.group.rows) + ((c * NLS + k) * 4 + (t & 3)) * 64;
		for (int j = m; j < y.unknowns; j += 8) sum = sum + w[j] * row[j];
	} else {
		const double *own = s.history[c] + slot(t - 1), *other = s.history[1 - c] + slot(c ? t : t - 1) - y.own;
#pragma unroll 4
		for (int j = m; j < y.unknowns; j += 8) sum = sum + w[j] * (j < y.own ? own : other)[j];
	}
	return fold8(sum);
}

// predict sets the predictions. wait returns when the outputs of the filters are there, and nobody needs the predictions before any more.
template <class Wait> DEVICE void predict(const Context &at, int c, int t, const Filter &filter, int lane, Wait wait) {
	Shared &s = at.s;
	double *p = s.predictions[c];
	if (at.group.sources) gather_sources(at, c, t, lane);
	double sums[(NLS + 3) / 4];
	for (int k = 0; k < NLS; k += 4) sums[k / 4] = squares_of(at, c, t, k, lane);
	wait();
	for (int k = 0; k < NLS; k += 4)
		if ((lane & 7) == 0 && k + (lane >> 3) < NLS) p[k + (lane >> 3)] = sums[k / 4];
#if NTONE
	const double first = shuffle(sums[0], 0);
	if (lane < NTONE) p[NLS + lane] = at.group.track[c].tonal && s.found[c][lane] ? s.tone[c][lane] : first;
#endif
	sync_warp();
	double sum = filter.base >= 0 ? p[filter.base] : 0;
	for (int k = 0; k < 4; k++)
		if (k <= filter.stage) sum = sum + double(s.output[c][filter.head + k]);
	if (filter.partner >= 0 && at.paired) sum = sum + double(s.output[c][filter.partner]);
	if (lane < NFILT) p[MEASURED + lane] = sum;
	sync_warp();
#if NMIX
	double *row = s.mix_rows[c][t & 3];
	if (lane < MIXN) {
		double x = lane < MIXED ? p[read_only(&at.tables.mixed[lane])] : s.history[c][slot(t - 1) + lane - MIXED];
		if (lane > 0 && lane < MIXED) x = x - p[read_only(&at.tables.mixed[0])];
		row[lane] = x;
	}
	sync_warp();
	const int k = lane >> 3 < NMIX ? lane >> 3 : NMIX - 1;
	const double *w = s.weights[c] + s.systems[NLS + k].weights;
	double mixed = 0;
	for (int j = lane & 7; j < MIXN; j += 8) mixed = mixed + w[j] * row[j];
	mixed = fold8(mixed);
	const double m0 = shuffle(mixed, 0), m1 = shuffle(mixed, 8), m2 = shuffle(mixed, 16);
	if (lane == 0) p[FIRST_MIXER] = m0, p[FIRST_MIXER + 1] = m1, p[FIRST_MIXER + 2] = m2;
#if STACKING
	const double x0 = m1 - m0, x1 = m2 - m0, out = s.stack_weights[c][0] * x0 + s.stack_weights[c][1] * x1;
	double least = m0 < m1 ? m0 : m1, greatest = m0 > m1 ? m0 : m1, stacked = m0 + out;
	least = least < m2 ? least : m2, greatest = greatest > m2 ? greatest : m2;
	stacked = stacked < greatest ? stacked : greatest;
	stacked = stacked > least ? stacked : least;
	if (lane == 0) p[NPRED - 1] = stacked, s.stack[c][0] = x0, s.stack[c][1] = x1, s.stack[c][2] = out;
#endif
	sync_warp();
#endif
}

// The predictions of a sample (codec/internal/predictor: set.go, regression.go, mixing.go, stacking.go, sources.go), by one warp.
#pragma once
#include "arithmetic.cuh"

// sample_at is a track's or a reference's sample; what lies before or behind them all is 0.
DEVICE double sample_at(const int *steps, int frames, int i) { return i < 0 || i >= frames ? 0 : double(steps[i]); }

// sourced is regressor i beyond the channel's own newest samples, where there are other sources.
DEVICE double sourced(const Context &at, const System &y, int c, int t, int lag, int i) {
	const Group &g = *at.job.group;
	if (i < y.other) {
		if (at.job.references == 0) return at.s.history[1 - c][slot(c ? t : t - 1) + i];
		for (int e = 0; e < y.references; e++) {
			const Extract &x = g.extracts[y.extracts + e];
			if (i < x.size) {
				const Reference &r = g.referred[x.reference];
				return sample_at((const int *)(at.job.tracks + r.steps), r.frames, t + x.offset + i);
			}
			i -= x.size;
		}
		return 0;
	}
	if (lag == 0) return 0;
	i -= y.other;
	if (i < y.around) return sample_at(at.steps(c), g.frames, t - lag - y.around / 2 + i);
	i += t - lag - y.around_other / 2 - y.around;
	if (at.job.references == 0) return sample_at(at.steps(1 - c), g.frames, i);
	const Reference &r = g.referred[0];
	return sample_at((const int *)(at.job.tracks + r.steps), r.frames, i - r.delay);
}

// sourced_squares is squares_of where there are other sources. It leaves the rows for the statistics.
RARE double sourced_squares(const Tables &tables, int c, int t, int first, int lane) {
	const Context at = context(tables);
	const Shared &s = at.s;
	const int lag = at.job.lags ? at.job.lags[t / 4096] : 0;
	const int m = lane & 7, k = first + (lane >> 3) < NLS ? first + (lane >> 3) : NLS - 1;
	const System &y = s.systems[k];
	const double *w = s.weights[c] + y.weights, *own = s.history[c] + slot(t - 1);
	double *row = (double *)(at.job.scratch + at.job.rows) + ((c * NLS + k) * 4 + (t & 3)) * 64;
	double sum = 0, x[MOST_SOURCED];
#pragma unroll
	for (int q = 0; q < MOST_SOURCED; q++) {
		const int j = m + 8 * q;
		x[q] = j >= y.unknowns ? 0 : j < y.own ? own[j] : sourced(at, y, c, t, lag, j - y.own);
	}
#pragma unroll
	for (int q = 0; q < MOST_SOURCED; q++) {
		const int j = m + 8 * q;
		if (j >= y.unknowns) continue;
		row[j] = x[q];
		sum = sum + w[j] * x[q];
	}
	return fold8(sum);
}

// squares_of returns the predictions of the least squares, each in eight lanes; up to four from the first one on.
DEVICE double squares_of(const Context &at, int c, int t, int first, int lane) {
	const Shared &s = at.s;
	const int m = lane & 7, k = first + (lane >> 3) < NLS ? first + (lane >> 3) : NLS - 1;
	const System &y = s.systems[k];
	const double *w = s.weights[c] + y.weights, *own = s.history[c] + slot(t - 1);
	double sum = 0;
	if (at.job.sources) return sourced_squares(at.tables, c, t, first, lane);
	const double *other = s.history[1 - c] + slot(c ? t : t - 1) - y.own;
#pragma unroll 4
	for (int j = m; j < y.unknowns; j += 8) sum = sum + w[j] * (j < y.own ? own : other)[j];
	return fold8(sum);
}

// predict sets the predictions. wait returns when the outputs of the filters are there, and nobody needs the predictions before any more.
template <class Wait>
DEVICE void predict(const Context &at, int c, int t, int lane, Wait wait) {
	Shared &s = at.s;
	const Brief filter = s.filters[c][lane];
	double *p = s.predictions[c];
	double sums[(NLS + 3) / 4];
	for (int k = 0; k < NLS; k += 4) sums[k / 4] = squares_of(at, c, t, k, lane);
	wait();
	for (int k = 0; k < NLS; k += 4)
		if ((lane & 7) == 0 && k + (lane >> 3) < NLS) p[k + (lane >> 3)] = sums[k / 4];
#if NTONE
	const double first = shuffle(sums[0], 0);
	if (lane < NTONE) p[NLS + lane] = at.tonal(c) && s.found[c][lane] ? s.tone[c][lane] : first;
#endif
	sync_warp();
	double sum = filter.base() >= 0 ? p[filter.base()] : 0;
	for (int k = 0; k < 4; k++)
		if (k <= filter.stage()) sum = sum + double(s.output[c][lane - filter.stage() + k]);
	if (filter.partner() >= 0 && at.job.paired) sum = sum + double(s.output[c][filter.partner()]);
	if (lane < NFILT) p[MEASURED + lane] = sum;
	sync_warp();
#if NMIX
	double *row = s.mix_rows[c][t & 3];
	if (lane < MIXN) {
		double x = lane < MIXED ? p[s.mixed[lane]] : s.history[c][slot(t - 1) + lane - MIXED];
		if (lane > 0 && lane < MIXED) x = x - p[s.mixed[0]];
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

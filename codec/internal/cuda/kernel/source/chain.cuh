// The roles of the four warps that code one sample after the other (codec/internal/segment/segment.go).
#pragma once
#include "encoder.cuh"
#include "features.cuh"
#include "network.cuh"
#include "predict.cuh"
#include "symbols.cuh"

// finish_outputs brings the filters' outputs up to date with what was learned last, for a prediction.
DEVICE void finish_outputs(const Context &at, int c, int t, int lane) {
	Shared &s = at.s;
	const bool other = lane >= NFILT;
	double newest = 0, before = 0;
	if (at.job.references) {
		const Reference &r = at.job.group->referred[0];
		newest = sample_at((const int *)(at.job.tracks + r.steps), r.frames, t - r.delay + 16);
		before = t > 0 ? sample_at((const int *)(at.job.tracks + r.steps), r.frames, t - 1 - r.delay + 16) : 0;
	} else if (at.job.channels == 2) {
		const double *h = s.history[1 - c] + slot(c ? t : t - 1);
		newest = h[0], before = h[1];
	}
	if (t % 2 == 0) {
		const int l16 = lane & 15;
		if (lane < NFILT) s.output[c][lane] = s.outputs[c][lane];
		for (int k = lane >> 4; k < (NCROSS + 1) / 2 * 2; k += 2) {
			const int x = k < NCROSS ? k : 0;
			const Brief y = s.filters[c][NFILT + x];
			const float u1 = at.weights(c)[y.newest()], u2 = at.weights(c)[y.newest() - 1], xn = float(newest), xb = float(before);
			float m = s.partial[c][x][0][l16], m1 = s.partial[c][x][1][l16], m2 = s.partial[c][x][2][l16];
			if (l16 == 15) m = m + u1 * xn;
			if (l16 == 14) {
				m1 = m1 + u2 * xn;
				m2 = m2 + (y.decaying() ? s.taper * xb : xb) * xn;
			}
			m = fold16(m), m1 = fold16(m1), m2 = fold16(m2);
			if (l16 == 0 && k < NCROSS) s.output[c][NFILT + x] = m, s.rest[c][NFILT + x] = m1, s.overlap[c][NFILT + x] = m2;
		}
	} else if (lane < LANES) {
		const float x = other ? float(newest) : s.inputs[c][0][lane], neighbour = other ? float(before) : s.inputs[c][1][lane];
		s.output[c][lane] = (s.rest[c][lane] + at.weights(c)[s.filters[c][lane].newest()] * x) + s.step[c][lane].x * (s.overlap[c][lane] + neighbour * x);
	}
	sync_warp();
}

// padding says whether nothing is coded of a track in a frame.
DEVICE bool padding(const Decoded &y, int frame) { return frame < y.first || frame >= y.end; }

// tell lets the others know a sample.
template <bool encoding> DEVICE void tell(const Context &at, int c, int t, double value, int lane) {
	Shared &s = at.s;
	if (may_stop({c, t, 0, 0}, at.job.channels) && lane == 0) s.stop = *at.job.stop;
	if (lane == 0) s.history[c][slot(t)] = value, s.history[c][slot(t) + 64] = value, s.value[c] = value;
	sync_warp();
	barrier_arrive(FILTER_GO + c, 32 * (1 + filter_warps(encoding)));
	barrier_arrive(SQUARES_GO + c, 32 * (1 + SWARPS));
}

// decode_slowly decodes the step of a track that decode_quickly does not do for.
RARE int decode_slowly(const Tables &tables, int c, Mixture m, int lane) {
	const Context at = context(tables);
	Shared &s = at.s;
	const Way &w = at.job.group->track[c].ways[0];
	const Ranks a = ranks_of(at, w);
	const Source source = {at.job.input + w.stream, w.length};
	Ranger r = s.decoder[c];
	sync_warp();
	const int64_t rank = w.sse ? decode_bits(s, at, m, a, w, estimation(at, c, 0, w), r, source, lane)
		: decode_symbols(s, m, at.tables.logistic, a, w, r, source, lane);
	if (lane == 0) s.decoder[c] = r;
	sync_warp();
	return int(step_of(a, rank));
}

// decode_step decodes the step of a frame.
DEVICE int decode_step(const Context &at, int c, int t, const Mixture &m, int lane) {
	Shared &s = at.s;
	const Decoded &d = s.decoded[c];
	if (t < d.first) return d.idle;
	if (t >= d.end) return int(s.history[c][slot(t - 1)]);
	if (d.quick) {
		uint64_t from, to;
		const int rank = decode_quickly(s, m, at.tables.logistic, d, s.target[c], from, to, lane);
		if (lane == 0) s.from = from, s.to = to;
		return int(d.low) + rank;
	}
	return decode_slowly(at.tables, c, m, lane);
}

// advance has the decoder go beyond a symbol that decode_quickly found.
DEVICE void advance(const Context &at, int c, bool found, int lane) {
	Shared &s = at.s;
	const Way &w = at.job.group->track[c].ways[0];
	const Source source = {at.job.input + w.stream, w.length};
	Ranger r = s.decoder[c];
	if (found) take_symbol(r, source, s.from, s.to);
	const uint32_t target = uint32_t(next_target(r));
	sync_warp();
	if (lane == 0) s.decoder[c] = r, s.target[c] = target;
	sync_warp();
}

// enqueue gives a sample to the encoder.
DEVICE void enqueue(Shared &s, const Mixture &m, int c, int step, int lane) {
	barrier_sync(TAKEN, 64);
	if (lane < 8) s.queue.weight[lane] = m.weight, s.queue.centre[lane] = m.centre, s.queue.scale16[lane] = m.scale16;
	if (lane == 0) s.queue.total = m.total, s.queue.scale = m.scale, s.queue.step = step, s.queue.channel = c;
	sync_warp();
	barrier_arrive(QUEUED, 64);
}

// chain is the role of warps 0 to 3: the first one has the predictions and the samples, the second one the filters' outputs, the third one
// the means of errors, the fourth one the range decoders and the features that do not wait for others.
template <bool encoding> ROLE void chain(const Tables &tables, int number, int first, int steps) {
	const Context at = context(tables);
	Shared &s = at.s;
	int tid = number, lane = tid & 31;
	const int warp = tid >> 5;
	const bool alone = at.job.channels == 1;
	int average0 = 0, average1 = 0;
	double mean0 = lane < 25 ? at.job.group->track[0].expected[0] : 0, mean1 = lane < 25 ? at.job.group->track[1].expected[0] : 0;
#if SMALL
	ChainRegisters &kept = at.job.slices->chain[tid];
	if (first > 0) mean0 = kept.mean0, mean1 = kept.mean1, average0 = kept.average0, average1 = kept.average1;
#endif
	if (first == 0) {
		if (warp == 2) {
			scales(s, 0, mean0, lane);
			if (!alone) scales(s, 1, mean1, lane);
		}
		if (warp == 3 && !encoding)
			for (int c = 0; c < at.job.channels; c++)
				if (s.decoded[c].quick) advance(at, c, false, lane);
		barrier_sync(CHAIN, 128);
		if (warp == 3 && !alone) own_features(0, 0, lane);
	}
#pragma unroll 1
	for (int step = first; step < steps; step++) {
		tid = anew(tid), lane = anew(lane);
		const Turn now = turn(step, at.job.channels);
		const int c = now.channel, t = now.frame, a = now.before, ta = now.before_frame;
		double base = 0, scale = 0, inverse = 0, disagreement = 0;
		if (warp == 0) {
			barrier_sync(SQUARES_DONE + c, 32 * (1 + SWARPS));
			predict(at, c, t, lane, [&] {
				if (alone) barrier_sync(CHAIN, 128);
				barrier_sync(OUTPUTS, 64);
			});
			base = clamp(s.predictions[c][REFERENCE], s.lowest[c], s.highest[c]);
			scale = s.scale[c], inverse = s.inverse[c];
			if (encoding) tell<encoding>(at, c, t, double(at.steps(c)[t]), lane);
			double d = clamp((s.predictions[c][s.shown[(lane & 15) < NSHOWN ? lane & 15 : 0]] - base) * inverse, -64.0, 64.0);
			if ((lane & 15) >= NSHOWN) d = 0;
			disagreement = double(float(d));
			if (lane < 16) s.features[9 + 2 * lane] = signed_log(s.log_table, d);
			const double z = lane == 0 ? s.history[c][slot(t - 1)] - base : lane == 1 ? s.highest[c] - base : base - s.lowest[c];
			const int y = signed_log(s.log_table, z * inverse);
			if (lane < 3) s.features[lane == 0 ? 73 : 75 + lane] = y;
		} else if (warp == 1) {
			if (alone) barrier_sync(CHAIN, 128);
			barrier_sync(FILTERS_DONE + c, 32 * (1 + filter_warps(encoding)));
			finish_outputs(at, c, t, lane);
			barrier_arrive(OUTPUTS, 64);
		} else if (warp == 2) {
			if (step > 0) {
				double mean = a ? mean1 : mean0;
				learn_features(at, a, ta, mean, lane);
				if (a) mean1 = mean; else mean0 = mean;
			}
			if (alone) barrier_sync(CHAIN, 128);
			other_features(s, c, ta, alone, lane);
		} else {
			if (!encoding && step > 0 && s.decoded[a].quick && !padding(s.decoded[a], ta)) advance(at, a, true, lane);
			if (alone) {
				barrier_sync(CHAIN, 128);
				own_features(c, t, lane);
			}
		}
		int average = c ? average1 : average0;
		hidden(s, at.tables, average, tid, [] { barrier_sync(CHAIN, 128); });
		if (c) average1 = average; else average0 = average;
		if (warp > 0) {
			if (warp == 3 && !alone) own_features(a, c ? t + 1 : t, lane);
			if (!encoding) barrier_sync(KNOWN, 128);
			if (may_stop(now, at.job.channels) && s.stop) break;
			continue;
		}
		const int2 outputs = last_layer(s, at.tables, lane);
		const Mixture m = mixture(s, outputs, disagreement, base, scale, inverse, lane);
		if (encoding) {
			if (!padding(s.decoded[c], t)) enqueue(s, m, c, at.steps(c)[t], lane);
		} else {
			const int value = decode_step(at, c, t, m, lane);
			if (lane == 0) at.steps(c)[t] = value;
			tell<encoding>(at, c, t, double(value), lane);
			barrier_arrive(KNOWN, 128);
		}
		if (may_stop(now, at.job.channels) && s.stop) break;
	}
	for (int c = 0; c < at.job.channels; c++) { // what has arrived for another sample
		if (warp == 0) barrier_sync(SQUARES_DONE + c, 32 * (1 + SWARPS));
		if (warp == 1) barrier_sync(FILTERS_DONE + c, 32 * (1 + filter_warps(encoding)));
	}
	if (warp == 0 && encoding) {
		barrier_sync(TAKEN, 64);
#if SMALL
		if (lane == 0) s.queue.channel = steps < at.job.channels * at.job.group->frames ? PAUSE : END;
#else
		if (lane == 0) s.queue.channel = END;
#endif
		sync_warp();
		barrier_arrive(QUEUED, 64);
	}
#if SMALL
	kept = {mean0, mean1, average0, average1};
#endif
}

// The roles of the four warps that code one sample after the other (codec/internal/segment/segment.go).
#pragma once
#include "encoder.cuh"
#include "features.cuh"
#include "network.cuh"
#include "predict.cuh"
#include "symbols.cuh"

// finish_outputs brings the filters' outputs up to date with what was learned last, for a prediction.
DEVICE void finish_outputs(const Context &at, const Filters &f, const Filter &filter, int c, int t, int lane) {
	Shared &s = at.s;
	const bool other = lane >= NFILT;
	double newest = 0, before = 0;
	if (at.group.references) {
		const Reference &r = at.group.referred[0];
		newest = sample_at((const int *)(at.tracks + r.steps), r.frames, t - r.delay + 16);
		before = t > 0 ? sample_at((const int *)(at.tracks + r.steps), r.frames, t - 1 - r.delay + 16) : 0;
	} else if (at.channels == 2) {
		const double *h = s.history[1 - c] + slot(c ? t : t - 1);
		newest = h[0], before = h[1];
	}
	if (t % 2 == 0) {
		const int l16 = lane & 15;
		if (lane < NFILT) s.output[c][lane] = s.outputs[c][lane];
		for (int k = lane >> 4; k < (NCROSS + 1) / 2 * 2; k += 2) {
			const int x = k < NCROSS ? k : 0;
			const Filter &y = f.lane[NFILT + x];
			const float u1 = s.w[c][y.newest], u2 = s.w[c][y.newest - 1], xn = float(newest), xb = float(before);
			float m = s.partial[c][x][0][l16], m1 = s.partial[c][x][1][l16], m2 = s.partial[c][x][2][l16];
			if (l16 == 15) m = m + u1 * xn;
			if (l16 == 14) {
				m1 = m1 + u2 * xn;
				m2 = m2 + (y.decaying ? read_only(&at.tables.taper[TAPER_ROWS - 1][14]) * xb : xb) * xn;
			}
			m = fold16(m), m1 = fold16(m1), m2 = fold16(m2);
			if (l16 == 0 && k < NCROSS) s.output[c][NFILT + x] = m, s.rest[c][NFILT + x] = m1, s.overlap[c][NFILT + x] = m2;
		}
	} else if (lane < LANES) {
		const float x = other ? float(newest) : s.inputs[c][0][lane], neighbour = other ? float(before) : s.inputs[c][1][lane];
		s.output[c][lane] = (s.rest[c][lane] + s.w[c][filter.newest] * x) + s.step[c][lane].x * (s.overlap[c][lane] + neighbour * x);
	}
	sync_warp();
}

// padding says whether nothing is coded of a track in a frame.
DEVICE bool padding(const Track &y, int frame) { return frame < y.first || frame >= y.first + y.frames; }
// quick says whether a track is decoded by decode_quickly.
DEVICE bool quick(const Way &w) { return w.bits == 16 && !w.sse && !w.list; }

// tell lets the others know a sample.
DEVICE void tell(const Context &at, int c, int t, double value, int lane) {
	Shared &s = at.s;
	if (lane == 0) s.history[c][slot(t)] = value, s.history[c][slot(t) + 64] = value, s.value[c] = value;
	sync_warp();
	barrier_arrive(FILTER_GO + c, 96);
	barrier_arrive(SQUARES_GO + c, 32 * (1 + SWARPS));
}

// decode_step decodes the step of a frame.
DEVICE int decode_step(const Context &at, int c, int t, const Mixture &m, int lane) {
	Shared &s = at.s;
	const Track &track = at.group.track[c];
	if (t < track.first) return int(track.low > 0 ? track.low : track.high < 0 ? track.high : 0);
	if (t >= track.first + track.frames) return int(s.history[c][slot(t - 1)]);
	const Way &w = track.ways[0];
	if (quick(w)) {
		uint64_t from, to;
		const int rank = decode_quickly(s, m, at.tables.logistic, track, w, s.target[c], from, to, lane);
		if (lane == 0) s.from = from, s.to = to;
		return int(w.low) + rank;
	}
	const Ranks a = ranks_of(at, w);
	const Source source = {at.input + w.stream, w.length};
	Ranger r = s.decoder[c];
	sync_warp();
	const int64_t rank = w.sse ? decode_bits(s, at, m, a, w, estimation(at, c, 0, w), r, source, lane)
		: decode_symbols(s, m, at.tables.logistic, a, w, r, source, lane);
	if (lane == 0) s.decoder[c] = r;
	sync_warp();
	return int(step_of(a, rank));
}

// advance has the decoder go beyond a symbol that decode_quickly found.
DEVICE void advance(const Context &at, int c, bool found, int lane) {
	Shared &s = at.s;
	const Way &w = at.group.track[c].ways[0];
	const Source source = {at.input + w.stream, w.length};
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
template <bool encoding> DEVICE void chain(const Context &at, int tid, int steps) {
	Shared &s = at.s;
	const int warp = tid >> 5, lane = tid & 31;
	const bool alone = at.channels == 1;
	int average[2] = {0, 0};
	double mean[2] = {at.group.track[0].expected[0], at.channels > 1 ? at.group.track[1].expected[0] : 0};
	const int shown = read_only(&at.tables.shown[(lane & 15) < NSHOWN ? lane & 15 : 0]);
	if (warp == 2)
		for (int c = 0; c < at.channels; c++) scales(s, c, lane < 25 ? mean[c] : 0, lane);
	if (lane >= 25) mean[0] = mean[1] = 0;
	if (warp == 3 && !encoding)
		for (int c = 0; c < at.channels; c++)
			if (quick(at.group.track[c].ways[0])) advance(at, c, false, lane);
	barrier_sync(CHAIN, 128);
	if (warp == 3 && !alone) own_features(s, 0, 0, lane);
#pragma unroll 1
	for (int step = 0; step < steps; step++) {
		const Turn now = turn(step, at.channels);
		const int c = now.channel, t = now.frame, a = now.before, ta = now.before_frame;
		const Track &track = at.group.track[c];
		double base = 0, scale = 0, inverse = 0, disagreement = 0;
		if (warp == 0) {
			const Filters &f = at.tables.filters[track.tonal];
			barrier_sync(SQUARES_DONE + c, 32 * (1 + SWARPS));
			predict(at, c, t, f.lane[lane], lane, [&] {
				if (alone) barrier_sync(CHAIN, 128);
				barrier_sync(OUTPUTS, 64);
			});
			base = clamp(s.predictions[c][REFERENCE], s.lowest[c], s.highest[c]);
			scale = s.scale[c], inverse = s.inverse[c];
			if (encoding) tell(at, c, t, double(at.steps[c][t]), lane);
			double d = clamp((s.predictions[c][shown] - base) * inverse, -64.0, 64.0);
			if ((lane & 15) >= NSHOWN) d = 0;
			disagreement = double(float(d));
			if (lane < 16) s.features[9 + 2 * lane] = signed_log(s.log_table, d);
			const double z = lane == 0 ? s.history[c][slot(t - 1)] - base : lane == 1 ? s.highest[c] - base : base - s.lowest[c];
			const int y = signed_log(s.log_table, z * inverse);
			if (lane < 3) s.features[lane == 0 ? 73 : 75 + lane] = y;
		} else if (warp == 1) {
			const Filters &f = at.tables.filters[track.tonal];
			if (alone) barrier_sync(CHAIN, 128);
			barrier_sync(FILTERS_DONE + c, 96);
			finish_outputs(at, f, f.lane[lane], c, t, lane);
			barrier_arrive(OUTPUTS, 64);
		} else if (warp == 2) {
			if (step > 0) {
				if (a) learn_features(at, 1, ta, mean[1], shown, lane);
				else learn_features(at, 0, ta, mean[0], shown, lane);
			}
			if (alone) barrier_sync(CHAIN, 128);
			other_features(s, c, ta, alone, lane);
		} else {
			if (!encoding && step > 0 && quick(at.group.track[a].ways[0]) && !padding(at.group.track[a], ta)) advance(at, a, true, lane);
			if (alone) {
				barrier_sync(CHAIN, 128);
				own_features(s, c, t, lane);
			}
		}
		int mine = c ? average[1] : average[0];
		hidden(s, at.tables, mine, tid, [] { barrier_sync(CHAIN, 128); });
		if (c) average[1] = mine; else average[0] = mine;
		if (warp > 0) {
			if (warp == 3 && !alone) own_features(s, a, c ? t + 1 : t, lane);
			barrier_sync(KNOWN, 128);
			continue;
		}
		const int2 outputs = last_layer(s, at.tables, lane);
		const Mixture m = mixture(s, outputs, disagreement, base, scale, inverse, lane);
		if (encoding) {
			if (!padding(track, t)) enqueue(s, m, c, at.steps[c][t], lane);
			barrier_arrive(KNOWN, 128);
		} else {
			const int value = decode_step(at, c, t, m, lane);
			if (lane == 0) at.steps[c][t] = value;
			tell(at, c, t, double(value), lane);
			barrier_arrive(KNOWN, 128);
		}
	}
	for (int c = 0; c < at.channels; c++) { // what has arrived for another sample
		if (warp == 0) barrier_sync(SQUARES_DONE + c, 32 * (1 + SWARPS));
		if (warp == 1) barrier_sync(FILTERS_DONE + c, 96);
	}
	if (warp == 0 && encoding) barrier_sync(TAKEN, 64);
}

// The role of the warp that encodes samples in all ways that are worth trying (codec/internal/segment/candidates.go).
#pragma once
#include "estimation.cuh"

DEVICE Sink sink_of(const Context &at, const Way &w) { return {at.job.output + w.stream, w.length}; }

DEVICE void encode_symbols(const Context &at, const Mixture &m, const Way &w, Ranger &r, int64_t rank, int lane) {
	const Ranks a = ranks_of(at, w);
	const int g = lane >> 3, place_of = w.bits == 32 && g < 2 ? 16 : 0;
	int64_t point = ((rank >> place_of) + (g & 1)) << place_of;
	point = point < 1 ? 1 : point > w.count - 1 ? w.count - 1 : point;
	const double mass = below(m, at.tables.logistic, boundary(a, point));
	double low = 0, high = m.total;
	int64_t base = 0;
	for (int place = w.bits - 16; place >= 0; place -= 16) {
		const Node n = node(a, m.total, w.floor, base, place, low, high);
		const int64_t value = rank >> place & 65535;
		const int first = place == 0 && w.bits == 32 ? 16 : 0;
		const double before = shuffle(mass, first), behind = shuffle(mass, first + 8);
		uint64_t from = 0, to = 1ull << 32;
		if (value > 0) low = before, from = frequency(n, value, low);
		if (value + 1 < n.values) high = behind, to = frequency(n, value + 1, high);
		put_symbol(r, sink_of(at, w), from, to, lane);
		base = rank >> place << place;
	}
}

RARE void encode_bits(const Tables &tables, Mixture m, int c, int way, int64_t rank, int lane) {
	const Context at = context(tables);
	Shared &s = at.s;
	const Way &w = at.job.group->track[c].ways[way];
	const Estimation e = estimation(at, c, way, w);
	Ranger r = s.encoders[c][way];
	sync_warp();
	const Ranks a = ranks_of(at, w);
	Bits b = bits(s, w, m);
	const Sink sink = sink_of(at, w);
#pragma unroll 1
	for (int top = w.bits - 1; top >= 0; top -= 4) {
		const int mine = top - (lane >> 3);
		const int64_t point = (rank >> mine | 1) << mine;
		const double mass = below(m, at.tables.logistic, boundary(a, point < w.count ? point : 1));
		for (int q = 0; q < 4; q++) {
			const int place = top - q;
			const double split = shuffle(mass, 8 * q);
			if (b.rank + (int64_t(1) << place) >= w.count) continue;
			const int bit = int(rank >> place & 1);
			code_bit(at.tables, e, b, w, place, split, lane, [&](uint32_t p0) { put_bit(r, sink, bit, p0, lane); return bit; });
		}
	}
	if (lane == 0) s.encoders[c][way] = r;
	sync_warp();
}

DEVICE int size_of(const Ranger &r, const Way &w) { return w.prefix + r.next + r.pending; }

// decide ends the trial of secondary symbol estimation if it has gone on long enough, by the second half of it.
DEVICE void decide(Shared &s, const Track &track, int c) {
	const int most = 1 << 14, size = size_of(s.encoders[c][0], track.ways[0]);
	if (s.half[c][0] == 0 && size >= most / 2)
		for (int i = 0; i < WAYS; i++) s.half[c][i] = size_of(s.encoders[c][i], track.ways[i]);
	if (size < most) return;
	s.trying[c] = 0;
	for (int i = 0; i < WAYS; i += 2) {
		if (!s.alive[c][i]) continue;
		const int plain = size_of(s.encoders[c][i], track.ways[i]) - s.half[c][i];
		const int saved = plain - (size_of(s.encoders[c][i + 1], track.ways[i + 1]) - s.half[c][i + 1]);
		s.alive[c][saved > most / 2 / 1024 ? i : i + 1] = 0;
	}
}

// drop leaves out coding over all steps if the list is ahead already.
DEVICE void drop(Shared &s, const Track &track, int c) {
	const int all = s.alive[c][0] ? 0 : 1, list = s.alive[c][2] ? 2 : 3;
	if (!s.alive[c][all] || !s.alive[c][list]) return;
	const int size = size_of(s.encoders[c][all], track.ways[all]), listed = size_of(s.encoders[c][list], track.ways[list]);
	if (listed > 1 << 14 && listed < size - size / 256) s.alive[c][all] = 0;
}

// What the encoder gets instead of a channel: when there are no more samples, and when a slice has no more.
enum { END = -1, PAUSE = -2 };

// encoder is the role. It codes what comes, and leaves all streams that may be the shortest.
ROLE void encoder(const Tables &tables, WayResult *results, int lane) {
	const Context at = context(tables);
	Shared &s = at.s;
	const int k = lane & 7;
	barrier_arrive(TAKEN, 64);
#pragma unroll 1
	for (;;) {
		barrier_sync(QUEUED, 64);
		if (s.queue.channel < 0) break;
		Mixture m;
		m.weight = s.queue.weight[k], m.centre = s.queue.centre[k], m.scale16 = s.queue.scale16[k];
		m.total = s.queue.total, m.scale = s.queue.scale, m.base = 0;
		const int c = s.queue.channel, step = s.queue.step;
		sync_warp();
		barrier_arrive(TAKEN, 64);
		const Track &track = at.job.group->track[c];
#pragma unroll 1
		for (int way = 0; way < WAYS; way++) {
			if (!s.alive[c][way]) continue;
			const Way &w = track.ways[way];
			const int64_t rank = rank_near(ranks_of(at, w), step);
			if (w.sse) {
				encode_bits(at.tables, m, c, way, rank, lane);
				continue;
			}
			Ranger r = s.encoders[c][way];
			sync_warp();
			encode_symbols(at, m, w, r, rank, lane);
			if (lane == 0) s.encoders[c][way] = r;
			sync_warp();
		}
		const int coded = s.coded[c] + 1;
		sync_warp();
		if (lane == 0) {
			s.coded[c] = coded;
			if (coded % 256 == 0) {
				if (s.trying[c]) decide(s, track, c);
				else drop(s, track, c);
			}
		}
		sync_warp();
	}
#if SMALL
	if (s.queue.channel == PAUSE) return;
#endif
	for (int c = 0; c < at.job.channels; c++)
		for (int way = 0; way < WAYS; way++) {
			const Way &w = at.job.group->track[c].ways[way];
			Ranger r = s.encoders[c][way];
			const bool alive = s.alive[c][way];
			if (alive) {
				const Sink sink = sink_of(at, w);
				if (w.sse) {
					for (int i = 0; i < 5; i++) shift_bit(r, sink, lane);
				} else {
					end_symbols(r, sink, lane);
				}
				if (r.next > sink.room && lane == 0) s.overflow = 1;
			}
			if (lane == 0) results[at.job.group->track[c].number * WAYS + way] = {r.next, alive};
		}
	sync_warp();
}

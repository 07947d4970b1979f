// Secondary symbol estimation (codec/internal/entropy/symbol: corrected.go, sse.go). All lanes compute the same, one writes.
#pragma once
#include "ranges.cuh"

DEVICE int stretch(const Tables &t, int p) {
	const int i = p >> 4 & 4095, upper = -(i >> 11);
	return (read_only(&t.stretch[(i ^ upper) & 2047]) ^ upper) - upper;
}
DEVICE int squash(const Tables &t, int logit) {
	logit = limited(logit, 2047) + 2048;
	const int *at = &t.squash[logit >> 5 & 127], first = read_only(at);
	return first + ((read_only(at + 1) - first) * (logit & 31) >> 5);
}

// A bucket is a probability and, above it, how often it was corrected.
struct Entry { uint32_t *buckets; int fraction; };
DEVICE Entry entry(uint32_t *table, int context, int logit) {
	const int position = logit + 2048;
	return {table + context * BUCKETS + (position >> 7 & 31), position & 127};
}
DEVICE int probability(const Entry &e) {
	const int a = e.buckets[0] & 0xFFFF, b = e.buckets[1] & 0xFFFF;
	return a + ((b - a) * e.fraction >> 7);
}
DEVICE void correct(const Tables &t, const Entry &e, int target, int lane) {
	uint32_t *near = e.buckets + (e.fraction >> 6 & 1);
	const uint32_t old = *near;
	const int p = old & 0xFFFF, count = old >> 16;
	const uint32_t now = uint32_t(p + ((target - p) * read_only(&t.shares[count & 255]) >> 16)) & 0xFFFF;
	sync_warp();
	if (lane == 0) *near = now | uint32_t(count < 250 ? count + 1 : count) << 16;
}

// Estimation is where that of a way is.
struct Estimation { uint32_t *nodes, *widths; int (*mixers)[3]; };
DEVICE Estimation estimation(const Context &at, int c, int way, const Way &w) {
	uint32_t *tables = (uint32_t *)(at.job.scratch + w.tables);
	const int bytes = w.bits / 8;
	return {tables, tables + bytes * 256 * BUCKETS, at.s.mixers[c][way]};
}

// clear_estimation is what all threads do at first.
DEVICE void clear_estimation(const Context &at, int c, int way, const Way &w, int tid, int threads) {
	const Estimation e = estimation(at, c, way, w);
	const int buckets = (w.bits / 8 * 256 + LEVELS * 8) * BUCKETS;
	for (int i = tid; i < buckets; i += threads) {
		const int p = squash(at.tables, i % BUCKETS * 128 - 2048);
		e.nodes[i] = uint32_t(p < 65535 ? p : 65535) | 16u << 16;
	}
	if (tid < MIXERS) e.mixers[tid][0] = 65536 * 8 / 10, e.mixers[tid][1] = e.mixers[tid][2] = 65536 / 10;
}

// estimated codes a bit, given the model's probability of a zero. code codes it with the corrected one and returns it.
template <class Code> DEVICE int estimated(const Tables &t, const Estimation &e, uint32_t p, int node, int width, int byte, int lane, Code code) {
	if (p < 64 || p > 65536 - 64) return code(p);
	const int logit = stretch(t, p);
	const Entry by_node = entry(e.nodes, node, logit), by_width = entry(e.widths, width, logit);
	const int node_logit = stretch(t, probability(by_node)), width_logit = stretch(t, probability(by_width));
	int *mixer = e.mixers[byte];
	const int m0 = mixer[0], m1 = mixer[1], m2 = mixer[2];
	int64_t sum = (int64_t(m0) * logit + int64_t(m1) * node_logit + int64_t(m2) * width_logit) >> 16;
	sum = sum > 2047 ? 2047 : sum < -2047 ? -2047 : sum;
	const int mixed = squash(t, int(sum));
	const int bit = code(uint32_t(mixed < 1 ? 1 : mixed > 65535 ? 65535 : mixed));
	const int target = bit ? 0 : 65535, err = target - mixed;
	correct(t, by_node, target, lane);
	correct(t, by_width, target, lane);
	if (lane == 0) {
		mixer[0] = m0 + ((err * logit + (1 << 17)) >> 18);
		mixer[1] = m1 + ((err * node_logit + (1 << 17)) >> 18);
		mixer[2] = m2 + ((err * width_logit + (1 << 17)) >> 18);
	}
	sync_warp();
	return bit;
}

// Bits is what is known of a rank while its bits are coded.
struct Bits { int64_t rank; double below, above, floor; int level; };
DEVICE Bits bits(const Shared &s, const Way &w, const Mixture &m) {
	return {0, 0, m.total, m.total * w.floor, log32(s.log_table, w.gap / m.scale) / 32 + 8};
}

// code_bit codes the bit at a place, whose upper half begins at a rank, below which is a mass.
template <class Code>
DEVICE void code_bit(const Tables &t, const Estimation &e, Bits &b, const Way &w, int place, double split, int lane, Code code) {
	const int64_t width = int64_t(1) << place, middle = b.rank + width, left = w.count - middle;
	const double zero = (split - b.below) + b.floor * double(width);
	const double all = (b.above - b.below) + b.floor * double(width + (width < left ? width : left));
	const double p = zero / all * 65536;
	const uint32_t p0 = !(p > 1) ? 1 : p > 65535 ? 65535 : uint32_t(p);
	const int byte = place >> 3, depth = place & 7, size = b.level + place;
	const int node = 1 << (7 - depth) | (int(b.rank >> (place + 1)) & ((1 << (7 - depth)) - 1));
	const int shape = (size < 0 ? 0 : size > LEVELS - 1 ? LEVELS - 1 : size) << 3 | depth;
	if (estimated(t, e, p0, byte << 8 | node, shape, byte, lane, code)) b.rank = middle, b.below = split;
	else b.above = split;
}

// decode_bits decodes a rank bit by bit.
DEVICE int64_t decode_bits(Shared &s, const Context &at, const Mixture &m, const Ranks &a, const Way &w, const Estimation &e, Ranger &r,
	const Source &source, int lane) {
	Bits b = bits(s, w, m);
#pragma unroll 1
	for (int place = w.bits - 1; place >= 0; place--) {
		const int64_t middle = b.rank + (int64_t(1) << place);
		if (middle >= w.count) continue;
		const double split = below(m, at.tables.logistic, boundary(a, middle));
		code_bit(at.tables, e, b, w, place, split, lane, [&](uint32_t p0) { return get_bit(r, source, p0); });
	}
	return b.rank;
}

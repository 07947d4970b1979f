// Range coders and alphabets (codec/internal/entropy: rangecoder, alphabet, and what a symbol's node is in symbol/coder.go).
#pragma once
#include "mixture.cuh"

// Sink is where an encoder's bytes go.
struct Sink { uint8_t *to; int room; };

// put_byte is output.add. All lanes have the state, one writes.
DEVICE void put_byte(Ranger &r, const Sink &sink, int carry, int b, int lane) {
	if (carry != 0 || b != 0xFF || r.pending == 0) {
		for (; r.pending > 0; r.pending--) {
			if (lane == 0 && r.next < sink.room) sink.to[r.next] = uint8_t(r.cache + carry);
			r.next++;
			r.cache = 0xFF;
		}
		r.cache = b;
	}
	r.pending++;
}

DEVICE void shift_symbol(Ranger &r, const Sink &sink, int lane) {
	put_byte(r, sink, int(r.code >> 56), int(r.code >> 48 & 255), lane);
	r.code = r.code << 8 & ((1ull << 56) - 1);
}
DEVICE void put_symbol(Ranger &r, const Sink &sink, uint64_t from, uint64_t to, int lane) {
	const uint64_t step = r.span >> 32;
	r.code += step * from;
	r.span = step * (to - from);
	while (r.span < 1ull << 48) {
		r.span <<= 8;
		shift_symbol(r, sink, lane);
	}
}
DEVICE void end_symbols(Ranger &r, const Sink &sink, int lane) {
	r.code = (r.code + r.span - 1) & ~((1ull << 48) - 1);
	for (int i = 0; i < 8; i++) shift_symbol(r, sink, lane);
}

DEVICE void shift_bit(Ranger &r, const Sink &sink, int lane) {
	put_byte(r, sink, int(r.code >> 32), int(r.code >> 24 & 255), lane);
	r.code = r.code << 8 & 0xFFFFFFFF;
}
DEVICE void put_bit(Ranger &r, const Sink &sink, int bit, uint32_t p0, int lane) {
	uint32_t span = uint32_t(r.span), zero = (span >> 16) * p0;
	if (bit) r.code += zero, span -= zero;
	else span = zero;
	while (span < 1u << 24) {
		span <<= 8;
		r.span = span;
		shift_bit(r, sink, lane);
	}
	r.span = span;
}

// Source is where a decoder's bytes come from. Behind its end are zeros.
struct Source { const uint8_t *from; int length; };
DEVICE int get_byte(Ranger &r, const Source &source) {
	const int i = r.next++;
	return i < source.length ? read_only(source.from + i) : 0;
}
DEVICE uint64_t next_target(const Ranger &r) {
	const uint64_t q = r.code / (r.span >> 32);
	return q > 0xFFFFFFFFull ? 0xFFFFFFFFull : q;
}
DEVICE void take_symbol(Ranger &r, const Source &source, uint64_t from, uint64_t to) {
	const uint64_t step = r.span >> 32;
	r.code -= step * from;
	r.span = step * (to - from);
	while (r.span < 1ull << 48) {
		r.span <<= 8;
		r.code = r.code << 8 | get_byte(r, source);
	}
}
DEVICE int get_bit(Ranger &r, const Source &source, uint32_t p0) {
	uint32_t span = uint32_t(r.span), code = uint32_t(r.code), zero = (span >> 16) * p0;
	const int bit = code >= zero;
	if (bit) code -= zero, span -= zero;
	else span = zero;
	while (span < 1u << 24) {
		span <<= 8;
		code = code << 8 | get_byte(r, source);
	}
	r.span = span, r.code = code;
	return bit;
}

// Ranks are the steps that a channel may have.
struct Ranks { int64_t count, low; const int *list; };
DEVICE Ranks ranks_of(const Context &at, const Way &w) { return {w.count, w.low, w.list ? (const int *)(at.job.input + w.list) : nullptr}; }
DEVICE int64_t step_of(const Ranks &a, int64_t rank) { return a.list ? int64_t(a.list[rank]) : a.low + rank; }
// boundary is below a rank from 1 to count - 1.
DEVICE double boundary(const Ranks &a, int64_t rank) {
	if (a.list) return double(int64_t(a.list[rank - 1]) + a.list[rank]) * 0.5;
	return double(a.low + rank) - 0.5;
}
// rank_near is the number of steps of the list that are below a step.
DEVICE int64_t rank_near(const Ranks &a, int64_t step) {
	if (!a.list) return step - a.low;
	int64_t low = 0, high = a.count;
	while (low < high) {
		const int64_t middle = (low + high) / 2;
		if (a.list[middle] < step) low = middle + 1;
		else high = middle;
	}
	return low;
}

// Node is a symbol, of two bytes, before it is coded.
struct Node {
	int64_t base, values;
	int place;
	double below, above, floor, inverse;
};
DEVICE Node node(const Ranks &a, double total, double floor, int64_t base, int place, double below, double above) {
	Node n;
	const int64_t left = a.count - base, most = int64_t(65536) << place;
	n.base = base, n.place = place, n.below = below, n.above = above;
	n.values = (left + (int64_t(1) << place) - 1) >> place;
	if (n.values > 65536) n.values = 65536;
	const double rank = total * floor;
	n.floor = rank * double(int64_t(1) << place);
	const double all = (above - below) + rank * double(most < left ? most : left);
	n.inverse = double((int64_t(1) << 32) - n.values) / all;
	return n;
}
DEVICE uint64_t frequency(const Node &n, int64_t value, double mass) {
	return uint64_t(value) + uint64_t(int64_t(((mass - n.below) + n.floor * double(value)) * n.inverse));
}

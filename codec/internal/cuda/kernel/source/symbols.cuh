// Symbols of two bytes, decoded (codec/internal/entropy/symbol/coder.go).
#pragma once
#include "ranges.cuh"

// Found is a symbol's value, the interval of its frequencies, and the masses below and above it.
struct Found { int64_t value; uint64_t from, to; double below, above; };

// find looks for the value that has the target in its interval, first around a guess. Groups of eight lanes look at four values at a time.
DEVICE Found find(const Mixture &m, const double *table, const Ranks &a, const Node &n, uint64_t target, int64_t guess, int lane) {
	int64_t first = 0, last = n.values;
	const int g = lane >> 3;
	for (int tries = 0;; tries++) {
		const int64_t v = guess < first ? first : guess >= last ? last - 1 : guess;
		const int64_t i = tries < 4 || last - first <= 3 ? v - 1 + g : first + (last - first) * (g + 1) / 5;
		const bool inside = i > 0 && i < n.values;
		double mass = below(m, table, boundary(a, n.base + ((inside ? i : 1) << n.place)));
		uint64_t f = frequency(n, i, mass);
		if (i <= 0) f = 0, mass = n.below;
		if (i >= n.values) f = 1ull << 32, mass = n.above;
		const unsigned b = ballot(f <= target) & 0x01010101;
		const int under = (b & 1) + (b >> 8 & 1) + (b >> 16 & 1) + (b >> 24 & 1);
		const int before = under > 0 ? 8 * (under - 1) : 0, behind = under < 4 ? 8 * under : 24;
		const int64_t low = shuffle(i, before), high = shuffle(i, behind);
		const uint64_t from = shuffle(f, before), to = shuffle(f, behind), least = shuffle(f, 0), most = shuffle(f, 24);
		const double mass_low = shuffle(mass, before), mass_high = shuffle(mass, behind);
		if (under > 0 && under < 4 && high == low + 1) return {low, from, to, mass_low, mass_high};
		if (under > 0 && low > first) first = low;
		if (under < 4 && high < last) last = high;
		guess = first;
		if (tries < 3 && most > least) { // as if frequencies went on to grow so
			const double slope = double(int64_t(most - least)) / double(shuffle(i, 24) - shuffle(i, 0));
			const double from_here = under == 0 ? double(shuffle(i, 0)) - double(int64_t(least - target)) / slope
				: double(shuffle(i, 24)) + double(int64_t(target - most)) / slope;
			if (under == 0 || under == 4) guess = from_here < double(first) ? first : from_here > double(last) ? last - 1 : int64_t(from_here);
		}
	}
}

// decode_symbols decodes a rank, one symbol after the other.
DEVICE int64_t decode_symbols(Shared &s, const Mixture &m, const double *table, const Ranks &a, const Way &w, Ranger &r, const Source &source,
	int lane) {
	int64_t base = 0;
	double low = 0, high = m.total;
#pragma unroll 1
	for (int place = w.bits - 16; place >= 0; place -= 16) {
		const Node n = node(a, m.total, w.floor, base, place, low, high);
		const uint64_t target = next_target(r);
		float width;
		const double x = m.base + double(quantile(s, m, float((low + double(int64_t(target)) / n.inverse) / m.total), lane, &width));
		const double least = double(a.low) - 1e9, most = double(a.low) + 5e9;
		const int64_t guess = rank_near(a, int64_t(x < least ? least : x > most ? most : x + 0.5));
		const Found f = find(m, table, a, n, target, (guess - base) >> place, lane);
		take_symbol(r, source, f.from, f.to);
		base += f.value << place;
		low = f.below, high = f.above;
	}
	return base;
}

// decode_quickly is decode_symbols for the usual case, one symbol over all steps, whose target is known. It leaves the interval.
DEVICE int decode_quickly(Shared &s, const Mixture &m, const double *table, const Decoded &w, uint32_t target, uint64_t &from, uint64_t &to,
	int lane) {
	const int count = w.count;
	const double each = m.total * w.floor, inverse = double((int64_t(1) << 32) - count) / (m.total + each * double(count));
	const float u = float(target) * 0x1p-32f;
	float width, at = quantile(s, m, u, lane, &width);
	const double origin = double(w.low) - 0.5;
	const float relative = float(origin - m.base);
	float about = floorf(at - relative);
	about = about < -1e6f ? -1e6f : about > 1e6f ? 1e6f : about;
	int guess = int(about);
	if (width > 1.5f) {
		const float4 *components = s.components;
		auto share = [&](float x) {
			float sum = 0;
#pragma unroll
			for (int i = 0; i < 8; i++) {
				float4 q = components[i];
				sum = sum + q.x * about_inverse(1 + about_exp2((x - q.y) * q.z));
			}
			return sum;
		};
		const float wide = width * (1 / 48.f);
		const int apart = int(wide > 1e6f ? 1e6f : wide) + 1;
		const int i = guess + (lane - 15) * apart;
		const float f = share(float(i) + relative);
		int n = 0;
		for (unsigned b = ballot(f <= u); b; b &= b - 1) n++;
		if (apart == 1) {
			guess = guess + n - 16;
		} else {
			const int low = n > 0 ? n - 1 : 0, high = n < 32 ? n : 31;
			const float a = shuffle(f, low), b = shuffle(f, high);
			float part = b > a ? (u - a) * about_inverse(b - a) : 0;
			part = part < 0 ? 0 : part > 1 ? 1 : part;
			guess = guess + (low - 15) * apart + int(part * float((high - low) * apart));
		}
	}
	int first = 0, last = count, v = 0;
	const int g = lane >> 3;
	for (int tries = 0;; tries++) {
		v = guess < first ? first : guess >= last ? last - 1 : guess;
		const int i = tries == 0 || last - first <= 3 ? v - 1 + g : first + (last - first) * (g + 1) / 5;
		const double mass = below(m, table, origin + double(i));
		uint64_t f = uint64_t(i) + uint64_t(int64_t((mass + each * double(i)) * inverse));
		if (i <= 0) f = 0;
		if (i >= count) f = 1ull << 32;
		const unsigned b = ballot(f <= target) & 0x01010101;
		const int n = (b & 1) + (b >> 8 & 1) + (b >> 16 & 1) + (b >> 24 & 1);
		const int low = shuffle(i, n > 0 ? 8 * (n - 1) : 0), high = shuffle(i, n < 4 ? 8 * n : 24);
		const uint64_t before = shuffle(f, n > 0 ? 8 * (n - 1) : 0), behind = shuffle(f, n < 4 ? 8 * n : 24);
		if (n > 0 && n < 4 && high == low + 1) {
			from = before, to = behind;
			return low;
		}
		if (n > 0 && low > first) first = low;
		if (n < 4 && high < last) last = high;
		guess = first;
	}
}

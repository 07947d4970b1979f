// The mixture (codec/internal/entropy/mixture), of which every lane has the component lane % 8.
#pragma once
#include "arithmetic.cuh"

struct Mixture { double weight, centre, scale16, total, base, scale; };

// mixture makes that of the network's outputs: see last_layer. disagreement is that of the lane's prediction.
DEVICE Mixture mixture(Shared &s, int2 outputs, double disagreement, double base, double scale, double inverse, int lane) {
	const int k = lane & 7;
	s.products[lane] = double(limited(outputs.y, 1023)) * disagreement;
	const int weight = shuffle(outputs.x, k), offset = shuffle(outputs.x, 8 + k), size = shuffle(outputs.x, 16 + k);
	Mixture m;
	m.weight = exp2of16(s.exp16, limited(weight, 127));
	m.scale16 = inverse * exp2of16(s.exp16, -limited(size, 127)) * 16;
	m.total = fold8(m.weight);
	sync_warp();
	const double2 *q = (const double2 *)(s.products + 16 * (k & 1));
	double2 z = q[0];
	double shift = z.x + z.y;
	for (int i = 1; i < 8; i++) {
		z = q[i];
		shift = shift + z.x;
		shift = shift + z.y;
	}
	shift = shift * (1. / 256);
	m.centre = base + (double(limited(offset, 2047)) * (1. / 64) + shift) * scale;
	m.base = base, m.scale = scale;
	return m;
}

// below is the mass below a point, which the eight lanes that work together have in common.
DEVICE double below(const Mixture &m, const double *table, double x) {
	const double t = (x - m.centre) * m.scale16 + 384;
	double mass = 0;
	if (t > 0) {
		if (t >= 768) {
			mass = m.weight;
		} else {
			const int i = int(t);
			const double value = read_only(table + i), next = read_only(table + i + 1);
			mass = m.weight * (value + (next - value) * (t - double(i)));
		}
	}
	return fold8(mass);
}

// quantile guesses where the share u of the mass is below, from the base on. All lanes get the same. It looks at 32 places, twice.
DEVICE float quantile(Shared &s, const Mixture &m, float u, int lane, float *width_of) {
	sync_warp();
	if (lane < 8)
		s.components[lane] = make_float4(float(m.weight) * about_inverse(float(m.total)), float(m.centre - m.base),
			float(m.scale16) * (-1.442695041f / 16), 0);
	sync_warp();
	auto share = [&](float x) {
		float sum = 0;
#pragma unroll
		for (int i = 0; i < 8; i++) {
			float4 q = s.components[i];
			sum = sum + q.x * about_inverse(1 + about_exp2((x - q.y) * q.z));
		}
		return sum;
	};
	const float scale = float(m.scale), safe = u < 1e-6f ? 1e-6f : u > 0.999999f ? 0.999999f : u;
	float z = (float(lane) - 15.5f) * (1 / 15.5f);
	float x = scale * (0.485f * (about_log2(safe) - about_log2(1 - safe)) + z * (0.4f + 3.6f * z * z));
	float f = share(x);
	int n = 0;
	for (unsigned b = ballot(f <= u); b; b &= b - 1) n++;
	float low = shuffle(x, n > 0 ? n - 1 : 0), high = shuffle(x, n < 32 ? n : 31);
	float from = shuffle(f, n > 0 ? n - 1 : 0), to = shuffle(f, n < 32 ? n : 31);
	if (n == 0) low = low - 8 * scale, from = 0;
	if (n == 32) high = high + 8 * scale, to = 1;
	const float width = high - low;
	*width_of = width;
	float at = to > from ? low + (u - from) * about_inverse(to - from) * width : low;
	if (!(at >= low)) at = low;
	if (!(at <= high)) at = high;
	return at;
}
